"""Cables and harnesses: continuity, isolation, pairs and shields through a switching matrix."""
