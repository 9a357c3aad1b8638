"""For other people's tests: pytest fixtures over a simulated station. Nothing here is imported before a test asks for it."""
