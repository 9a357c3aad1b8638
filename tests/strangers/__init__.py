"""Proof against strangers: programs that this project did not write talk to its links and to its emulators."""
