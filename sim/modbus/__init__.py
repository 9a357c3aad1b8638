"""The slave's side of Modbus: requests obeyed, and framed for a serial line or for TCP."""
