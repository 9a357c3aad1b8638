"""Flow controllers."""
