"""A bay with one rack PDU whose burn-in takes seconds, for tests in real time."""

import re
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures"
PRODUCT, SEQUENCE, SHIPPED = "PDU-SHORT", "pdu-burn-in", "PDU-3P-24"
_CHANGES = {
    'corners = "1,8,17,24"': 'corners = "1,3,5"',
    "bond = { amps = 25.0, seconds = 2.0 }": "bond = { amps = 25.0, seconds = 1.0 }",
    'part_number = "PDU-3P-24"': f'part_number = "{PRODUCT}"',
    "soak = { hours = 8.0, amps = 8.0, together = 2, every = 10.0": "soak = { hours = HOURS, amps = 8.0, together = 1, every = 1.0",
}
_BRANCHES = re.compile(r"^B[1-6] = .*\n", re.MULTILINE)
_FEWER = """
B1 = { phase = "L1", outlets = "1-2", amps = 16.0 }
B2 = { phase = "L2", outlets = "3-4", amps = 16.0 }
B3 = { phase = "L3", outlets = "5-6", amps = 16.0 }
"""
_STATION = """
[station]
name = "short-bay"
site = "nowhere"
products = ["../products"]
[instruments.hipot]
model = "gwinstek-gpt9804"
safe_within = 3.0
[instruments.power_meter]
model = "yokogawa-wt310"
[instruments.dmm]
model = "keysight-34461a"
[instruments.source]
model = "chroma-61845"
safe_within = 3.0
[instruments.load]
model = "chroma-63804"
safe_within = 0.5
[instruments.mainframe]
model = "keysight-daq970a"
count = 2
safe_within = 1.0
[instruments.io]
model = "advantech-adam6060"
safe_within = 0.5
[instruments.pdu]
model = "raritan-xerus"
[instruments.scanner]
model = "barcode-scanner"
[slots.P]
jig = "pdu-bench-24"
[slots.P.roles]
pdu = "pdu"
safety = "hipot"
source = "source"
load = "load"
reference = "power_meter"
voltmeter = "dmm"
contactors = "mainframe1"
sensors = "mainframe2"
io = "io"
operator = "scanner"
"""


def short_bay(folder: Path, seconds: float = 360.0) -> str:
    """The station file, with the product beside it whose sets carry their load for `seconds` in all."""
    text = (FIXTURES / f"products/{SHIPPED}.toml").read_text()
    for old, new in _CHANGES.items():
        assert old in text
        text = text.replace(old, new.replace("HOURS", f"{seconds / 3600.0:.6f}"))
    text = _BRANCHES.sub("", text).replace("[structure.branches]\n", f"[structure.branches]{_FEWER}")
    for name, content in ((f"products/{PRODUCT}.toml", text), ("stations/short-bay.toml", _STATION)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return str(folder / "stations/short-bay.toml")
