"""Cooling: manifolds on a leak bench, pumping units in a hot loop."""
