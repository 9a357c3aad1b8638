"""The guardian: a second small process that makes the bench safe when the daemon cannot."""
