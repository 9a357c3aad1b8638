"""The second witness: a clock, plants with physics, faults, and one emulator per model, on the wire. Imports nothing of ours."""
