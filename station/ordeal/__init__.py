"""Ordeals: runs in which the system around them fails, and the promises that must hold all the same. Start at `campaign`."""
