"""A simulated bench: what the station file, the jigs and the products say, in the sim's own words. Nowhere else."""
