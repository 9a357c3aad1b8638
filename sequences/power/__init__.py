"""Power: rack PDUs and power supplies."""
