"""Sparkplug B 3.0: the station as an edge node, its slots as devices. Bytes and facts in, messages out; no broker in here."""
