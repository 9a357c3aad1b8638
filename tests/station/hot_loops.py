"""A line with one hot loop, and the shipped pumping unit with another burn-in, for tests."""

from pathlib import Path

SHIPPED, SHORT = "RPU-LOOP", "RPU-SHORT"
FIXTURES = Path(__file__).parents[2] / "fixtures"

_STATION = """
[station]
name = "hot-line"
site = "nowhere"
products = ["../products"]
[instruments.cdu]
model = "orv3-rpu"
safe_within = 2.0
[instruments.chiller]
model = "julabo-chiller"
safe_within = 3.0
[instruments.io]
model = "advantech-adam6060"
count = 2
[instruments.meter]
model = "eastron-sdm630"
[instruments.keller]
model = "keller-33x"
[instruments.scanner]
model = "barcode-scanner"
[slots.L]
jig = "hot-loop-rpu"
roles = { cdu = "cdu", chiller = "chiller", heater = "io1", valves = "io2", meter = "meter", pressure = "keller", operator = "scanner" }
"""


def hot_line(folder: Path, seconds: float = 900.0, every: float = 15.0) -> str:
    """The station file, with the product beside it that stays hot for `seconds`."""
    text = (FIXTURES / "products/RPU-LOOP.toml").read_text()
    for old, new in (
        (SHIPPED, SHORT),
        ("seconds = 14400.0", f"seconds = {seconds}"),
        ("every = 10.0", f"every = {every}"),
    ):
        assert old in text
        text = text.replace(old, new)
    if every * 100 > seconds:  # what grows by a fifth in an hour has grown by a twentieth in a quarter of it
        text = text.replace("clogging = { at_most = 0.05", "clogging = { at_most = 0.02")
    for name, content in (("products/RPU-SHORT.toml", text), ("stations/hot-line.toml", _STATION)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return str(folder / "stations/hot-line.toml")
