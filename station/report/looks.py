"""Looks: each verdict's word, colour and shape, so that nobody has to tell it by colour alone."""

from dataclasses import dataclass

from markupsafe import Markup

from station.report.svg import join, tag
from station.report.words import say

_CIRCLE = "M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 1 0 0-21z"
_OCTAGON = "M7.6 1.5h8.8l6.1 6.1v8.8l-6.1 6.1H7.6l-6.1-6.1V7.6z"
_TRIANGLE = "M12 1.8L23.2 21.6H.8z"
_SQUARE = "M3.5 2h17a1.5 1.5 0 0 1 1.5 1.5v17a1.5 1.5 0 0 1-1.5 1.5h-17A1.5 1.5 0 0 1 2 20.5v-17A1.5 1.5 0 0 1 3.5 2z"
_DIAMOND = "M12 .8L23.2 12 12 23.2.8 12z"


@dataclass(frozen=True, slots=True)
class Look:
    """`kind` is the name of its colour in the style sheet; `outline` and `sign` are drawn on 24 x 24."""

    kind: str
    outline: str
    sign: str

    @property
    def word(self) -> str:
        """What is said: PASS."""
        return say(self.kind)

    @property
    def icon(self) -> Markup:
        """The shape, as an SVG element that refers to `symbols`; the word stands beside it."""
        return tag("svg", tag("use", href=f"#i-{self.kind}"), class_="icon", aria_hidden="true")

    @property
    def icon_inside(self) -> Markup:
        """The shape's parts."""
        return tag("path", class_="shape", d=self.outline) + tag("path", class_="sign", d=self.sign)


LOOKS = {
    "PASSED": Look("passed", _CIRCLE, "M6.8 12.4l3.6 3.7 6.9-7.6"),
    "FAILED": Look("failed", _OCTAGON, "M8 8l8 8M16 8l-8 8"),
    "ERROR": Look("error", _TRIANGLE, "M12 8.6v6M12 18v.1"),
    "ABORTED": Look("aborted", _SQUARE, "M8 8h8v8H8z"),
    "INTERRUPTED": Look("interrupted", _DIAMOND, "M13.6 5.6l-4.2 6.6h5.2l-4.2 6.4"),
    "REFUSED": Look("refused", _CIRCLE, "M6.6 12h10.8"),
    "SKIPPED": Look("skipped", _CIRCLE, "M8 8l4 4-4 4M13 8l4 4-4 4"),
}


def look_of(verdict: str) -> Look:
    """The look of a verdict; one that is not known looks like an ERROR, never like a PASS."""
    return LOOKS.get(verdict, LOOKS["ERROR"])


def symbols() -> Markup:
    """All shapes, once, for a page's icons to refer to."""
    return join(*(tag("symbol", look.icon_inside, id=f"i-{look.kind}", viewBox="0 0 24 24") for look in LOOKS.values()))
