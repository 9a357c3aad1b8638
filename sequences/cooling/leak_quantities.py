"""What the leak check measures, and at which points of a manifold."""

from collections.abc import Mapping

from sequences.cooling.leak_wiring import LeakWiring
from sequences.cooling.manifold import Manifold
from sequences.limits import Limit, between
from sequences.measurement import Measurement

AIR = (85_000.0, 108_000.0)
"""Pascals that the air can have where people work."""
RESPONSE_LIMITS = (0.8, 1.2)


def _points(manifold: Manifold) -> tuple[str, ...]:
    return manifold.points


def _branches(manifold: Manifold) -> tuple[str, ...]:
    return tuple(manifold.branches)


def _nominal(manifold: Manifold) -> Mapping[str, float]:
    return manifold.nominal_drops


def _air(_: LeakWiring) -> Limit:
    return between(*AIR, "Pa")


def _blank(wiring: LeakWiring) -> Limit:
    return between(-wiring.blank_at_most, wiring.blank_at_most, "sccm")


def _jig_volume(wiring: LeakWiring) -> Limit:
    return between((1.0 - wiring.charge_within) * wiring.volume, (1.0 + wiring.charge_within) * wiring.volume, "l")


ZERO = Measurement("zero", "Pa", "the vented jig, absolute", of_station=True, limit=_air)
ZERO_AFTER = Measurement("zero_after", "Pa", "the vented jig again, after the unit", of_station=True, limit=_air)
AMBIENT = Measurement(
    "ambient", "degC", "temperature of the bench", of_station=True, limit=lambda _: between(10.0, 40.0, "degC")
)
JIG_VOLUME = Measurement("jig_volume", "l", "volume of the jig by itself", of_station=True, limit=_jig_volume)
BLANK = Measurement("blank_leak", "sccm", "leak of the jig by itself", of_station=True, limit=_blank)
RESPONSE = Measurement(
    "response", "1", "what is seen of the calibrated leak", over=lambda _: ("jig",), of_station=True,
    limit=lambda _: between(*RESPONSE_LIMITS, "1"),
)  # fmt: skip
UNIT_RESPONSE = Measurement(
    "unit_response", "1", "what is seen of the calibrated leak with the unit connected", of_station=True,
    limit=lambda _: between(*RESPONSE_LIMITS, "1"),
)  # fmt: skip
DRIFT = Measurement(
    "drift", "K", "by how much the temperature went during the leak test", of_station=True,
    limit=lambda wiring: between(-wiring.still, wiring.still, "K"),
)  # fmt: skip

FILL_TIME = Measurement("fill_time", "s", "seconds to the test pressure", ends="high")
VOLUME = Measurement("volume", "l", "volume of the unit, by its charge", ends="both")
LEAK = Measurement("leak", "sccm", "leak of headers and joints, at the test pressure", ends="high")
KEPT = Measurement("kept", "1", "pressure that is kept when every coupling has let go, over that before", ends="low")
POPPET_LEAK = Measurement("poppet_leak", "sccm", "leak of all poppets together, at the test pressure", ends="high")
DROP = Measurement(
    "drop", "Pa", "pressure drop of a branch at a flow of air", over=_points, nominal=_nominal, ends="both"
)
SHARE = Measurement("share", "1", "flow of a branch at equal drop, over the median of all", over=_branches, ends="both")
