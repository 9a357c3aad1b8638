"""The intake: how units are handed in without a program of one's own, as files in a folder and by scanning their labels."""
