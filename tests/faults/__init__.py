"""The catalogue of faults of instruments and their wires: each row by its id, a test or the reason why there is none."""
