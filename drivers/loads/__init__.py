"""Loads: current drawn to order."""
