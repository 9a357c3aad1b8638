"""The daemon: a line that runs by itself, with all the rooms around it."""
