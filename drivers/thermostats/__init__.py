"""Circulating chillers and heaters."""
