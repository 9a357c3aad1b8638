"""Rates: how sure a share is that was counted."""

from statistics import NormalDist


def interval(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share of which `count` in `of` were seen (Wilson's score); of nothing everything is possible."""
    if not of:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, width = count / of, z * z / of
    middle = share + width / 2
    half = z * (share * (1 - share) / of + width / of / 4) ** 0.5
    return (middle - half) / (1 + width), (middle + half) / (1 + width)
