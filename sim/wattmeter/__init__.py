"""What is inside a power meter: ranges, and values that are renewed at its update rate."""
