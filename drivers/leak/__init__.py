"""Leak testers."""
