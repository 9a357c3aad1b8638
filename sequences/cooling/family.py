"""The families of manifolds and of pumping units."""

from sequences.cooling.leak_check import LEAK_CHECK
from sequences.cooling.leak_wiring import LeakWiring
from sequences.cooling.loop_burn_in import LOOP_BURN_IN
from sequences.cooling.loop_wiring import LoopWiring
from sequences.cooling.manifold import Manifold
from sequences.cooling.pumping_unit import PumpingUnit
from sequences.family import Family

FAMILIES = (
    Family("manifold", Manifold, LeakWiring, (LEAK_CHECK,)),
    Family("loop", PumpingUnit, LoopWiring, (LOOP_BURN_IN,)),
)
