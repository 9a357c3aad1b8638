"""The proof of a test: which faults a sequence catches, where it puts them, what escapes, and how often a good unit fails."""
