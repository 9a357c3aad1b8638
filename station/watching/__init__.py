"""Watching: what a monitoring system is told of the daemon, as numbers."""
