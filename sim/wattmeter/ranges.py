"""The ranges of a WT310, and how it writes numbers.

Voltage 15 to 600 V, current 5 mA to 20 A at crest factor 3, half of that at 6. A range measures to 140 % of its name (280 % at
crest factor 6); an automatic one goes up above 130 %, and down below 30 %. Data-sheet knowledge.
"""

import math

VOLTS = (15.0, 30.0, 60.0, 150.0, 300.0, 600.0)
AMPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
CRESTS = (3, 6)


class Span:
    """The range of one input: fixed, or automatic."""

    def __init__(self, full: tuple[float, ...]) -> None:
        self._full = full
        self.reset()

    def reset(self) -> None:
        """The largest, fixed, crest factor 3."""
        self._at = len(self._full) - 1
        self.auto = False
        self.crest = 3

    @property
    def ranges(self) -> tuple[float, ...]:
        """Those that there are at this crest factor."""
        return tuple(each * 3 / self.crest for each in self._full)

    @property
    def full(self) -> float:
        """The range now."""
        return self.ranges[self._at]

    @property
    def most(self) -> float:
        """What it can measure."""
        return self.full * (1.4 if self.crest == 3 else 2.8)

    def choose(self, wanted: float) -> bool:
        """Fix the range of that name; whether there is one."""
        found = [place for place, each in enumerate(self.ranges) if math.isclose(each, wanted, rel_tol=1e-6)]
        if found:
            self._at, self.auto = found[0], False
        return bool(found)

    def follow(self, truth: float) -> bool:
        """Move an automatic range to where a value is; whether it had to move."""
        if not self.auto:
            return False
        share = 1.3 if self.crest == 3 else 2.6
        before, last = self._at, len(self._full) - 1
        while self._at < last and abs(truth) > share * self.ranges[self._at]:
            self._at += 1
        while (
            self._at > 0
            and abs(truth) < 0.3 * self.ranges[self._at]
            and abs(truth) <= share * self.ranges[self._at - 1]
        ):
            self._at -= 1
        return self._at != before


def spell(value: float) -> str:
    """Five digits and an exponent of three: 230.12E+00. What is beyond the range is INF, what is not there NAN."""
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    if abs(value) < 1e-12:
        return "0.0000E+00"
    exponent = math.floor(math.floor(math.log10(abs(value)) + 1e-12) / 3) * 3
    mantissa = value / 10.0**exponent
    if abs(mantissa) >= 999.995:
        mantissa, exponent = mantissa / 1e3, exponent + 3
    digits = 4 if abs(mantissa) < 9.99995 else 3 if abs(mantissa) < 99.9995 else 2
    return f"{mantissa:.{digits}f}E{exponent:+03d}"
