"""Faults of the domain's lists that no plant here can make yet, so that nobody takes silence for coverage."""

from typing import NamedTuple


class Unplayed(NamedTuple):
    """What is wrong, and why no simulated bench can have it."""

    title: str
    why: str


UNPLAYED: dict[str, Unplayed] = {
    "C13": Unplayed("a power lug whose bolt is loose", "no plant of busbars, lugs and clips"),
    "C15": Unplayed("a busbar clip whose spring has lost its force", "no plant of busbars, lugs and clips"),
    "C16": Unplayed(
        "insulation that is nicked and breaks down at high voltage only", "no panel for cables has high voltage"
    ),
    "C17": Unplayed(
        "insulation that is damp, worse in humid air and better after baking",
        "no panel for cables has high voltage, and no plant has humid air",
    ),
    "C19": Unplayed(
        "a bent pin with too little air to its neighbour, seen at high voltage only",
        "no panel for cables has high voltage",
    ),
    "C20": Unplayed(
        "a good cable whose capacitance alone overloads an AC high-voltage test", "no panel for cables has high voltage"
    ),
    "C22": Unplayed(
        "lanes of a high-speed cable that are exchanged", "no plant of high-speed cables, and no network analyser"
    ),
    "C23": Unplayed(
        "the two wires of a lane that are exchanged", "no plant of high-speed cables, and no network analyser"
    ),
    "C24": Unplayed(
        "the two wires of a lane that differ in length", "no plant of high-speed cables, and no network analyser"
    ),
    "C25": Unplayed(
        "a kink that changes the impedance of a lane at one spot",
        "no plant of high-speed cables, and no network analyser",
    ),
    "C26": Unplayed(
        "a lane that loses more signal than allowed", "no plant of high-speed cables, and no network analyser"
    ),
    "C27": Unplayed("a wrong checksum in the memory of a cable's plug", "no plant of a cable's plug with its memory"),
    "C28": Unplayed(
        "wrong length, part number or maker in the memory of a cable's plug",
        "no plant of a cable's plug with its memory",
    ),
    "C29": Unplayed(
        "a plug whose memory does not answer as its standard says", "no plant of a cable's plug with its memory"
    ),
    "C30": Unplayed(
        "joints whose resistance grows under current over hours", "no panel for cables drives a current for hours"
    ),
    "C31": Unplayed("a dirty or bent optical fibre", "no plant of optical fibres"),
    "C32": Unplayed("a latch that does not hold its connector", "no plant of forces: nobody pulls at a connector"),
    "P17": Unplayed("a breaker of another rating", "the simulated rack PDU has no breakers"),
    "P18": Unplayed(
        "a breaker that trips at the surge of a start", "the simulated rack PDU has no breakers, and its load no surge"
    ),
    "P22": Unplayed("a loose joint of the busbar of a power shelf", "no plant of busbars, lugs and clips"),
    "P25": Unplayed(
        "supplies of a shelf that do not share the load alike", "no plant of a shelf with several supplies"
    ),
    "P27": Unplayed(
        "a supply that holds its output too short a time without mains",
        "the simulated supply stops at once without mains",
    ),
    "P28": Unplayed("a shelf without its sharing cable", "no plant of a shelf with several supplies"),
    "P29": Unplayed("a supply with a wrong address on the bus", "each simulated supply has a wire of its own"),
    "P31": Unplayed("a weak cell of a battery unit", "no plant of battery and capacitor units"),
    "P32": Unplayed("a battery unit that does not count losses of mains", "no plant of battery and capacitor units"),
    "P33": Unplayed("a capacitor unit whose capacitors have aged", "no plant of battery and capacitor units"),
    "P34": Unplayed("a supply that does not take the time that it is told", "the simulated supply has no clock"),
    "P35": Unplayed("a supply without its inrush limiter", "the simulated supply has no surge at its start"),
    "P36": Unplayed("an outlet with a residual current", "the simulated rack PDU leaks as a whole, not by its outlets"),
    "K05": Unplayed(
        "a quick disconnect that spills too much when it is parted", "nobody weighs what a disconnect spills"
    ),
    "K08": Unplayed("water that is left in a unit while it is tested with air", "no plant of moist air"),
    "K12": Unplayed(
        "branches that are exchanged", "the branches of a simulated manifold are alike, and nobody heats one of them"
    ),
    "K16": Unplayed("coolant that has aged", "the simulated coolant does not age"),
    "K23": Unplayed("a proportional valve that sticks", "the simulated loop has no proportional valve"),
    "K29": Unplayed("a leak rope that condensation has made damp", "no plant of moist air"),
    "K31": Unplayed("a cold plate that sits badly on its chip", "no plant of cold plates"),
    "K32": Unplayed(
        "a heat exchanger that is fouled",
        "no plant of a unit with an exchanger: the loop's heat goes to the bench's chiller",
    ),
    "K33": Unplayed("coolant that is delivered colder than the dew point", "no plant of moist air"),
    "K34": Unplayed("a relief valve that sticks", "the simulated loop has no relief valve"),
    "K35": Unplayed("metals that corrode each other in one loop", "the simulated coolant does not age"),
    "I10": Unplayed(
        "an integration time that does not suit the mains frequency", "simulated readings carry no hum of the mains"
    ),
    "I17": Unplayed(
        "a reference meter in the wrong range", "no emulator changes its range by itself; the drivers read it back"
    ),
    "I26": Unplayed(
        "a reading whose unit is taken for another",
        "the registers' map is the station's own; a plant has none to err by",
    ),
    "I28": Unplayed(
        "register addresses that are off by one", "the registers' map is the station's own; a plant has none to err by"
    ),
    "I31": Unplayed("a second master on the bus", "a simulated bus has one master"),
    "I35": Unplayed(
        "a calibration date that has passed",
        "the date stands in the station file: a run is refused, and there is nothing to put into a bench",
    ),
    "I36": Unplayed(
        "a wall clock that jumps, or power that fails during a soak",
        "the wall clock and the mains are the computer's: faults of the station, below",
    ),
    "I38": Unplayed("a unit that is tested again until it passes", "a matter of many runs, not of one bench"),
    "I39": Unplayed("a test that measured nothing", "a matter of the engine: what was not measured is an ERROR"),
}
