"""Why outlets do not answer as drawn: phases exchanged, live and neutral exchanged, relays crossed, welded or dead."""

from collections.abc import Iterator, Mapping

from sequences.finding import Finding
from sequences.power.rack_pdu import PHASES, outlet


def exchanged_phases(seen: Mapping[int, int | None], drawn: Mapping[int, int]) -> Iterator[Finding]:
    """Findings for outlets that are fed by another phase (1 to 3) than drawn; None: by none, of which nothing is said.

    Where every outlet of one phase is on another, and the other way round, that is one fault: two phases are exchanged.
    """
    wrong = {number: phase for number, phase in seen.items() if phase is not None and phase != drawn[number]}
    told: set[int] = set()
    for one, other in ((1, 2), (1, 3), (2, 3)):
        both = [number for number, phase in drawn.items() if phase in {one, other} and seen[number] is not None]
        if both and all(wrong.get(number) == one + other - drawn[number] for number in both):
            told |= set(both)
            names = f"{PHASES[one - 1]}+{PHASES[other - 1]}"
            text = f"phases {PHASES[one - 1]} and {PHASES[other - 1]} are exchanged: all their outlets are on the other"
            yield Finding("phase-swap", names, text, marks=tuple(map(outlet, both)))
    for number, phase in wrong.items():
        if number not in told:
            text = f"outlet {number} is on {PHASES[phase - 1]}, drawn is {PHASES[drawn[number] - 1]}"
            yield Finding("wrong-phase", outlet(number), text, marks=(outlet(number),))


def swapped_outlet(number: int) -> Finding:
    """Live and neutral of an outlet are exchanged."""
    text = (
        f"live and neutral are exchanged at outlet {number}: its live contact has no voltage, and yet it feeds a load"
    )
    return Finding("neutral-live-swapped", outlet(number), text, marks=(outlet(number),))


def open_neutral() -> Finding:
    """The neutral is broken before the outlets."""
    text = "the neutral is open: no outlet of any phase feeds a load, and voltages would float"
    return Finding("neutral-open", "", text)


def switching(obeys: Mapping[int, int | bool | None]) -> Iterator[Finding]:
    """Findings for outlets that do not obey their own commands (see `codes.decoded`)."""
    told: set[int] = set()
    for number, other in obeys.items():
        here = outlet(number)
        if other is True:
            text = f"outlet {number} stays on whatever is commanded: its relay is welded"
            yield Finding("relay-welded", here, text, marks=(here,))
        elif other is False:
            text = f"outlet {number} stays off whatever is commanded: its relay does not close"
            yield Finding("relay-dead", here, text, marks=(here,))
        elif other is None:
            text = f"outlet {number} obeys no single command: several of them move it"
            yield Finding("relay-mixed", here, text, 0.7, (here,))
        elif number not in told:
            both = sorted((number, other))
            mutual = obeys.get(other) == number
            text = f"outlet {number} obeys the command of outlet {other}" + (
                ", and the other way round" if mutual else ""
            )
            told |= {number, other} if mutual else {number}
            yield Finding("relay-crossed", "+".join(map(outlet, both)), text, marks=tuple(map(outlet, both)))
