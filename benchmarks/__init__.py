"""Benchmarks: figures, what stood beside them in the same run, and the targets they are held to."""
