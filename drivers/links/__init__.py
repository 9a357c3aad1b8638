"""Links: what carries lines to one instrument and back, and never an answer to the wrong question."""
