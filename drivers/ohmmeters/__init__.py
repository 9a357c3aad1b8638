"""Micro-ohmmeters: four-wire resistance from microohms up."""
