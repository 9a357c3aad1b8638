"""The faces: what a person or another program sees of a station. No face imports another."""
