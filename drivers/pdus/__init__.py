"""Rack PDUs, by their own management interface."""
