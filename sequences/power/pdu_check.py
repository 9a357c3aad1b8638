"""The check of a rack PDU: safety first, then what each outlet does, then what its meters say."""

from sequences.power import claims
from sequences.power.pdu_bench import PduBench
from sequences.power.pdu_meters import (
    corner_meters_agree_at_other_loads,
    meters_agree_with_the_reference,
    meters_show_nothing_without_load,
)
from sequences.power.pdu_outlets import (
    each_outlet_has_its_phase,
    each_outlet_obeys_its_own_command,
    the_mains_are_right,
    the_neutral_carries,
)
from sequences.power.pdu_safety import every_outlet_is_earthed
from sequences.power.safety import INSULATED, READY, everything_is_off, nothing_is_charged, the_cover_may_open
from sequences.sequence import Group, Sequence

PDU_CHECK = Sequence(
    "pdu-check",
    "Earth, insulation, phases, switching and metering of a rack PDU",
    PduBench,
    Group(
        "pdu-check",
        setup=READY,
        main=(
            every_outlet_is_earthed,
            *INSULATED,
            each_outlet_has_its_phase,
            the_neutral_carries,
            the_mains_are_right,
            each_outlet_obeys_its_own_command,
            meters_show_nothing_without_load,
            meters_agree_with_the_reference,
            corner_meters_agree_at_other_loads,
        ),
        cleanup=(everything_is_off, nothing_is_charged, the_cover_may_open),
    ),
    catches=claims.PDU_CHECK,
)
