"""The check of a rack PDU: safety first, then what each outlet does, then what its meters say."""

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
from sequences.power.safety import (
    everything_is_off,
    nothing_is_charged,
    the_cover_is_closed,
    the_cover_may_open,
    the_insulation_resists,
    the_insulation_withstands,
    the_jig_has_its_cards,
    the_operator_connects_the_unit,
    the_tester_reaches_the_jig,
    the_tester_still_reaches_the_jig,
    the_unit_is_discharged,
)
from sequences.sequence import Group, Sequence

PDU_CHECK = Sequence(
    "pdu-check",
    "Earth, insulation, phases, switching and metering of a rack PDU",
    PduBench,
    Group(
        "pdu-check",
        setup=(
            the_jig_has_its_cards,
            the_operator_connects_the_unit,
            the_cover_is_closed,
            the_tester_reaches_the_jig,
        ),
        main=(
            every_outlet_is_earthed,
            the_insulation_withstands,
            the_insulation_resists,
            the_unit_is_discharged,
            the_tester_still_reaches_the_jig,
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
)
