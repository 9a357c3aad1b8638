"""Devices whose manual is a map of registers: one driver for all of them."""
