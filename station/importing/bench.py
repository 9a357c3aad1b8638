"""A bench to try an imported product on: a station file with one slot, simulated until somebody writes real links into it."""

import tomllib

from station.importing.importer import Imported


def bench_toml(imported: Imported) -> tuple[str, str]:
    """The name of the station, and the text of its file, which stands in stations/ beside products/ and jigs/."""
    wiring = tomllib.loads(imported.jig_toml)["wiring"]
    mainframes = sum(int(each.get("count", 1)) for each in wiring["mainframes"])
    name = f"{imported.part_number}-bench"
    first = "mux1" if mainframes > 1 else "mux"
    count = f"count = {mainframes}\n" if mainframes > 1 else ""
    text = f"""\
# A bench for {imported.part_number}. Its links are sim: until the real ones are written here.
[station]
name = "{name}"
site = "here"
products = ["../products"]
jigs = ["../jigs"]

[instruments.ohms]
model = "hioki-rm3545"

[instruments.mux]
model = "keysight-daq970a"
{count}
[instruments.scanner]
model = "barcode-scanner"

[slots.A]
jig = "{imported.jig}"
roles = {{ ohmmeter = "ohms", matrix = "mux", multimeter = "{first}", operator = "scanner" }}
"""
    return name, text
