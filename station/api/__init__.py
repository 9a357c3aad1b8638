"""The API of a line: HTTP over a Unix socket, and over TCP with TLS and tokens. The one door to the web framework."""
