"""Learning a netlist from a golden cable: which pins hang together, and with what resistance.

What is learned is a proposal. Until a person has confirmed it, no unit can pass against it.
"""

from sequences.cabling.continuity import (
    the_empty_jig_isolates,
    the_matrix_has_its_cards,
    the_meters_are_still_true,
    the_operator_connects_the_unit,
    the_panel_opens,
    the_shorting_bar_reads_zero,
    this_is_the_right_jig,
)
from sequences.cabling.panel import TOP_RANGE, CablePanel
from sequences.finding import Finding
from sequences.sequence import Group, Sequence
from sequences.step import step
from sequences.take import Take


@step(timeout=3600)
async def every_pin_finds_its_partners(panel: CablePanel, take: Take) -> None:
    """Each pin is tried against all others, by halving; joined pins are measured with four wires."""
    left = list(panel.netlist.pins)
    while left:
        pin = left.pop(0)
        partners = await panel.partners(pin, left)
        left = [each for each in left if each not in partners]
        for other in partners:
            read = panel.to_20_degrees(await panel.conduction(pin, other, TOP_RANGE))
            take.observe(f"joined {pin} {other}", read)
            panel.learned.append((pin, other, read.value))
    if not panel.learned:
        take.found(Finding("unmated", "", "no two pins of the golden unit are joined: is it connected?", 0.9))


CABLE_LEARN = Sequence(
    "cable-learn",
    "Learns the netlist of a golden cable, for a person to confirm",
    CablePanel,
    Group(
        "cable-learn",
        setup=(
            the_matrix_has_its_cards,
            this_is_the_right_jig,
            the_shorting_bar_reads_zero,
            the_empty_jig_isolates,
            the_operator_connects_the_unit,
        ),
        main=(every_pin_finds_its_partners, the_meters_are_still_true),
        cleanup=(the_panel_opens,),
    ),
    learns=True,
)
