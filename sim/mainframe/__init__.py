"""What is inside a data acquisition mainframe: plug-in cards, a multimeter, and the scans that join them."""
