"""Emulators on the message protocols of instruments with a network: VXI-11 and HiSLIP."""
