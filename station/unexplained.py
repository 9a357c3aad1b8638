"""Failures that no step has explained: the place is all that is known."""

from station.trace import Found, Measured


def unexplained(at: float, failure: Measured) -> Found:
    """A finding for a limit that nobody has explained: the place is all that is known."""
    ends, accepted = _ends(failure.low, failure.high), _ends(failure.accept_low, failure.accept_high)
    allowed = f"allowed {ends}" + (f", accepted {accepted} by rule {failure.rule}" if accepted != ends else "")
    text = f"{failure.name} at {failure.point or 'the unit'} is {failure.value:.4g} {failure.unit}, {allowed}"
    return Found(at, failure.step, failure.name, failure.point, text, 0.5, (failure.point,) if failure.point else ())


def _ends(low: float | None, high: float | None) -> str:
    ends = (f"at least {low:g}" if low is not None else "", f"at most {high:g}" if high is not None else "")
    return " and ".join(filter(None, ends))
