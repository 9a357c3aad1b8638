"""The families of power: rack PDUs and power supplies."""

from sequences.family import Family
from sequences.power.pdu_burn_in import PDU_BURN_IN
from sequences.power.pdu_check import PDU_CHECK
from sequences.power.pdu_wiring import PduWiring
from sequences.power.psu_check import PSU_CHECK
from sequences.power.psu_wiring import PsuWiring
from sequences.power.rack_pdu import Pdu
from sequences.power.supply import Psu

FAMILIES = (
    Family("pdu", Pdu, PduWiring, (PDU_CHECK, PDU_BURN_IN)),
    Family("psu", Psu, PsuWiring, (PSU_CHECK,)),
)
