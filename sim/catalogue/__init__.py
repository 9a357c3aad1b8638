"""The catalogue of faults: what one is, where it may sit, and all of them by family."""
