"""The report of a run: one page that opens anywhere, and one picture. Jinja2 and resvg have their only door here."""
