"""Routes: the curve of every strand over the plan."""

from station.report.curves import Curve, Point, between
from station.report.plan import Plan
from station.report.sketch import Strand


def route(plan: Plan, a: str, b: str) -> Curve:
    """The curve from one row or joint to another."""
    if a in plan.joints and b in plan.joints:
        return between(plan.joints[a], 0, plan.joints[b], 0)
    if a in plan.joints:
        return _from_pin(plan, b, plan.joints[a], back=True)
    if b in plan.joints:
        return _from_pin(plan, a, plan.joints[b], back=False)
    one, two = plan.box_of(a), plan.box_of(b)
    if one.x == two.x:
        side_a = side_b = one.outer
    else:
        side_a = 1 if two.x > one.x else -1
        side_b = -side_a
    return between((one.edge(side_a), plan.rows[a]), side_a, (two.edge(side_b), plan.rows[b]), side_b)


def routes_of(plan: Plan, strands: tuple[Strand, ...]) -> dict[Strand, Curve]:
    """The curve of every strand."""
    return {strand: route(plan, strand.a, strand.b) for strand in strands}


def _from_pin(plan: Plan, pin: str, joint: Point, *, back: bool) -> Curve:
    box = plan.box_of(pin)
    side = 1 if joint[0] > box.x + box.width / 2 else -1
    port = (box.edge(side), plan.rows[pin])
    return between(joint, 0, port, side) if back else between(port, side, joint, 0)
