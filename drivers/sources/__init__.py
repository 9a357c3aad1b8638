"""Sources: mains made to order."""
