"""How units are handed in as files and by scanning."""
