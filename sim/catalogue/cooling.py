"""Faults of manifolds and pumping units, which must come out FAILED, and of their jigs, which must come out ERROR."""

from sim.catalogue.loops import HOT_LOOPS, PUMPING_UNITS
from sim.catalogue.manifolds import LEAK_BENCHES, MANIFOLDS

COOLING = (*MANIFOLDS, *PUMPING_UNITS)
COOLING_FIXTURE = (*LEAK_BENCHES, *HOT_LOOPS)
