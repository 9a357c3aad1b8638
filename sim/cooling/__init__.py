"""Plants of gas, coolant and heat: a manifold on its leak bench, a pumping unit in its hot loop."""
