"""One module per model or close family, written from the instrument's manual: bytes in, bytes out."""
