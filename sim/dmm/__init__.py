"""What is inside a bench multimeter: its functions with their ranges, and the measurements that a trigger begins."""
