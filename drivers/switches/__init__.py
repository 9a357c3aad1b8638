"""Switches: relays between instruments and points, some with a multimeter of their own."""
