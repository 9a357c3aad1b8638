"""What people write down: products, jigs and stations as TOML, strictly read, every problem at once with file and line."""
