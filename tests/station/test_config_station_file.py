"""Station files: instruments, addresses, slots and roles; every mistake with its line."""

from datetime import date
from pathlib import Path

import pytest

from drivers.links.address import parse
from station.config.documents import parsed
from station.config.station_file import Station, station_of
from tests.station.documents import JIG, MODELS, STATION, changed, jig, library, said, shelved


def station(text: str = STATION, jig_text: str = JIG) -> Station:
    """The station of a text, with one jig to be had."""

    def find(name: str) -> object:
        if name != "small-jig":
            raise LookupError(f"there is no jig {name!r}", "small-jig")
        return jig(jig_text)

    return station_of(parsed(Path("stations/x.toml"), text), MODELS, parse, find)  # type: ignore[arg-type]  # it gives jigs


def test_a_good_station_says_what_is_where() -> None:
    """Instruments one by one, the numbered ones too; the roles of each slot in order."""
    made = station()
    assert ("cell-1", "here", "en", False) == (made.name, made.site, made.header.language, made.is_simulated)
    assert ["console", "ohms", "mux1", "mux2"] == list(made.instruments)
    ohms, mux2 = made.instruments["ohms"], made.instruments["mux2"]
    assert ("hioki-rm3545", "serial:/dev/ttyS0?baudrate=9600", "H-1", date(2027, 3, 1), 0.2) == (
        ohms.model, ohms.link, ohms.serial, ohms.calibration_due, ohms.safe_within,
    )  # fmt: skip
    assert ("tcp://10.0.0.22:5025", "K-2", None, 1.0) == (
        mux2.link,
        mux2.serial,
        mux2.calibration_due,
        mux2.safe_within,
    )
    assert {"ohmmeter": ("ohms",), "matrix": ("mux1", "mux2")}.items() <= made.slots["A"].roles.items()


def test_the_first_mainframe_measures_and_the_terminal_answers_where_nobody_else_is_named() -> None:
    """The station file of the design says no more than this."""
    made = station()
    assert (("mux1",), ("console",)) == (made.slots["A"].roles["multimeter"], made.slots["A"].roles["operator"])
    assert ("console", "console:") == (made.instruments["console"].model, made.instruments["console"].link)
    named = changed(STATION, 'matrix = "mux"', 'matrix = "mux", multimeter = "mux2", operator = "gun"')
    made = station(named + '[instruments.gun]\nmodel = "barcode-scanner"\n')
    assert (("mux2",), ("gun",)) == (made.slots["A"].roles["multimeter"], made.slots["A"].roles["operator"])
    assert "console" not in made.instruments


def test_instruments_may_be_named_one_by_one() -> None:
    """In an order of their own."""
    assert ("mux2", "mux1") == station(changed(STATION, '"mux"', '["mux2", "mux1"]')).slots["A"].roles["matrix"]


def test_without_links_everything_is_simulated() -> None:
    """`sim:` is the default, and as many instruments as one likes may have it."""
    text = "\n".join(line for line in STATION.splitlines() if not line.startswith("link"))
    assert station(text).is_simulated


TCP = 'link = "tcp://10.0.0.{n+20}:5025"'


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ('"cell-1"', '"cell 1"', ["2: station.name: found 'cell 1'; allowed: letters, digits, '.', '_' and '-', at most 64, a letter or digit first"]),
        ('site = "here"', "", ["1: station.site: found nothing; allowed: text"]),
        ('"here"', '""', ["3: station.site: found ''; allowed: one printable line of 1 to 200 characters"]),
        ('site = "here"', 'site = "here"\nlanguage = "english"', ["4: station.language: found 'english'; allowed: a language like en, de or zh-TW"]),
        ('site = "here"', 'site = "here"\njigs = ["../nowhere"]', ["4: station.jigs[0]: there is no folder 'stations/../nowhere'"]),
        ('"hioki-rm3545"', '"hioki-rm3544"', ["6: instruments.ohms.model: found 'hioki-rm3544'; allowed: hioki-rm3545"]),
        ("[instruments.ohms]", '[instruments."o h"]', ["5: instruments.\"o h\": found 'o h'; allowed: letters, digits, '_' and '-', at most 32, a letter first",
                                                       "20: slots.A.roles.ohmmeter: found 'ohms'; allowed: o h"]),
        ("baudrate=9600", "baud=9600", ["7: instruments.ohms.link: 'serial:/dev/ttyS0?baud=9600': unknown setting 'baud'; allowed are baudrate, parity, bytesize, stopbits"]),
        ('serial = "H-1"', "serial = 42", ["8: instruments.ohms.serial: found 42; allowed: text or a list, each text"]),
        ('serial = "H-1"', 'serial = "H 1"', ["8: instruments.ohms.serial: found 'H 1'; allowed: letters, digits, '.', '_', '/' and '-', at most 40"]),
        ("2027-03-01", '"2027-03-01"', ["9: instruments.ohms.calibration_due: found '2027-03-01'; allowed: a date like 2027-03-01"]),
        ("2027-03-01", "2027-03-01T00:00:00Z", ["9: instruments.ohms.calibration_due: found 2027-03-01T00:00:00+00:00; allowed: a date like 2027-03-01"]),
        (TCP, 'link = "tcp://10.0.0.21:5025"', ["13: instruments.mux.link: 'tcp://10.0.0.21:5025' is the address of mux1 already"]),
        (TCP, 'link = "tcp://10.0.0.{m}:5025"', ["13: instruments.mux.link: found 'tcp://10.0.0.{m}:5025'; allowed: in braces only {n}, or {n+20}"]),
        (TCP, 'link = "tcp://10.0.0.{n}"', ["13: instruments.mux.link: 'tcp://10.0.0.1': expected tcp://HOST:PORT, such as tcp://10.0.0.21:5025"]),
        ('["K-1", "K-2"]', '["K-1"]', ["14: instruments.mux.serial: 1 serial numbers for 2 instruments"]),
        ('["K-1", "K-2"]', '"K-1"', ["14: instruments.mux.serial: found 'K-1'; allowed: 2 serial numbers, or one with {n}"]),
        ("count = 2", "count = 3", ["14: instruments.mux.serial: 2 serial numbers for 3 instruments", "20: slots.A.roles.matrix: found 3 instruments; allowed: 2 instruments: the jig is wired so"]),
        ('serial = ["K-1", "K-2"]\ncount = 2', "count = 0", ["14: instruments.mux.count: found 0; allowed: 1 to 200", "19: slots.A.roles.matrix: found 1 instrument; allowed: 2 instruments: the jig is wired so"]),
        ('serial = ["K-1", "K-2"]\ncount = 2', f"count = {10**18}", [f"14: instruments.mux.count: found {10**18}; allowed: 1 to 200", "19: slots.A.roles.matrix: found 200 instruments; allowed: 2 instruments: the jig is wired so"]),
        ("safe_within = 1.0", "safe_within = 0", ["16: instruments.mux.safe_within: found 0; allowed: 0.01 to 60 seconds"]),
        ("safe_within = 1.0", "safe_within = -1", ["16: instruments.mux.safe_within: found -1; allowed: 0.01 to 60 seconds"]),
        ("[slots.A]", '[instruments.mux2]\nmodel = "hioki-rm3545"\n[slots.A]', ["18: instruments.mux2: there is another instrument called mux2", "22: slots.A.roles.matrix: found mux2, a hioki-rm3545; allowed: what is a Matrix"]),
        ("[slots.A]", '[slots."1"]', ["18: slots.1: found '1'; allowed: letters, digits, '_' and '-', at most 32, a letter first"]),
        ('"small-jig"', '"smal-jig"', ["19: slots.A.jig: found 'smal-jig'; allowed: small-jig"]),
        ('"small-jig"', "7", ["19: slots.A.jig: found 7; allowed: text"]),
        ('ohmmeter = "ohms", ', "", ["20: slots.A.roles.ohmmeter: found nothing; allowed: 1 instrument, each an Ohmmeter"]),
        ('"ohms", matrix', '"ohm", matrix', ["20: slots.A.roles.ohmmeter: found 'ohm'; allowed: ohms"]),
        ('"ohms", matrix', '"mux1", matrix', ["20: slots.A.roles.ohmmeter: found mux1, a keysight-daq970a; allowed: what is an Ohmmeter"]),
        ('matrix = "mux"', 'matrix = ["mux1", "mux3"]', ["20: slots.A.roles.matrix[1]: found 'mux3'; allowed: mux, mux2, mux1"]),
        ('matrix = "mux"', 'matrix = ["mux1", "mux1"]', ["20: slots.A.roles.matrix: names an instrument twice"]),
        ('matrix = "mux"', 'matrix = "mux1"', ["20: slots.A.roles.matrix: found 1 instrument; allowed: 2 instruments: the jig is wired so"]),
        ('matrix = "mux"', 'matrix = "mux", meter = "ohms"', ["20: slots.A.roles.meter: found unknown role 'meter'; allowed: ohmmeter, multimeter, matrix"]),
        ('[slots.A]\njig = "small-jig"\nroles = { ohmmeter = "ohms", matrix = "mux" }\n', "[slots]\n", ["18: slots: found no slot; allowed: one or more slots"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(old: str, new: str, problems: list[str]) -> None:
    """File, line, field, what was found and what is allowed."""
    assert [f"stations/x.toml:{each}" for each in problems] == said(lambda: station(changed(STATION, old, new)))


def test_two_instruments_at_one_address_are_told_whatever_the_settings() -> None:
    """Another rate or another spelling of the host is the same far end."""
    more = '[instruments.b]\nmodel = "hioki-rm3545"\nlink = "serial:/dev/ttyS0?baudrate=19200"\n'
    assert [
        "stations/x.toml:23: instruments.b.link: 'serial:/dev/ttyS0?baudrate=19200' is the address of ohms already"
    ] == said(lambda: station(STATION + more))
    more = '[instruments.b]\nmodel = "hioki-rm3545"\nlink = "tcp://LAB:5025"\n[instruments.c]\nmodel = "hioki-rm3545"\nlink = "tcp://lab:5025"\n'
    assert ["stations/x.toml:26: instruments.c.link: 'tcp://lab:5025' is the address of b already"] == said(
        lambda: station(STATION + more)
    )


def test_all_problems_are_told_at_once_the_jigs_too() -> None:
    """One wrong type does not hide the rest, and a jig's own problems come with its file and line."""
    text = changed(STATION, '"hioki-rm3545"', '"hioki"')
    text = changed(text, '["K-1", "K-2"]', "7")
    text = changed(text, '"ohms", matrix', '"ohm", matrix')
    found = said(lambda: station(text, changed(JIG, "[9, 10]", "[9, 9]")))
    assert ["jigs/x.toml:11", "stations/x.toml:6", "stations/x.toml:14", "stations/x.toml:20"] == [
        each.partition(": ")[0] for each in found
    ]


def test_a_station_finds_jigs_and_products_in_its_own_folders_first(tmp_path: Path) -> None:
    """Relative to its file; then come the usual folders."""
    own = changed(STATION, 'site = "here"', 'site = "here"\njigs = ["../own"]')
    shelved(
        tmp_path,
        stations__cell=own,
        jigs__a=changed(JIG, "A small jig", "the usual"),
        own__b=changed(JIG, "A small jig", "my own"),
    )
    shelf = library(tmp_path)
    made = shelf.station("cell-1")
    assert ["the usual", "my own"] == [shelf.jig("small-jig").title, shelf.beside(made.document).jig("small-jig").title]
