"""The family of cables and harnesses."""

from sequences.cabling.cable import Cable
from sequences.cabling.continuity import CABLE_CONTINUITY
from sequences.cabling.learning import CABLE_LEARN
from sequences.cabling.wiring import CableWiring
from sequences.family import Family

FAMILIES = (Family("cabling", Cable, CableWiring, (CABLE_CONTINUITY, CABLE_LEARN)),)
