"""One instrument at a time: roles, errors, links, and one module for each model or close family."""
