"""The language of tests, and the tests: what proves a product good, in which order."""
