"""Harness documents of others, turned into products and proposed jigs."""
