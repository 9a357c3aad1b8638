"""Power: rack PDUs and power supplies on their test bays, as instruments reach them."""
