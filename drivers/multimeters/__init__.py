"""Multimeters: volts and ohms at two terminals, or at four."""
