"""Operators: what stands between a prompt and a person, a scanner or a terminal."""
