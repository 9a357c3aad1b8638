"""Pressure transmitters."""
