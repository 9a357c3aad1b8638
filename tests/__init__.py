"""Every promise has a test; the folders mirror the house."""
