"""The doctor: what is wrong with a station, how bad it is, and what to do."""
