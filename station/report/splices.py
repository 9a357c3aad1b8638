"""Splices: where joints lie. Each settles amid what it joins, and none on another."""

from collections.abc import Mapping

from station.report.placed import Placed, owner
from station.report.sketch import Sketch
from station.report.stacking import spread

ROUNDS = 60
DOT = 10.0
BESIDE = 52.0
"""How far from its connector a joint lies that joins pins of one column only."""

Point = tuple[float, float]


def joints_at(sketch: Sketch, placed: Mapping[str, Placed], rows: Mapping[str, float]) -> dict[str, Point]:
    """The places of all joints."""
    near: dict[str, list[str]] = {joint: [] for joint in sketch.joints}
    for strand in sketch.strands:
        for here, there in ((strand.a, strand.b), (strand.b, strand.a)):
            if here in near:
                near[here].append(there)
    pins = {key: _facing(key, placed, rows) for others in near.values() for key in others if key not in near}
    places = _settled(near, pins)
    lanes: dict[int, list[str]] = {}
    for joint, (x, _) in places.items():
        lanes.setdefault(round(x / 46), []).append(joint)
    for lane in lanes.values():
        tops = spread([places[joint][1] for joint in lane], [DOT] * len(lane), 10.0)
        for joint, y in zip(lane, tops, strict=True):
            places[joint] = (places[joint][0], y)
    return places


def _settled(near: Mapping[str, list[str]], pins: Mapping[str, tuple[Placed, Point]]) -> dict[str, Point]:
    """Every joint at the mean of its neighbours, found by going round; those beside one column step out of it."""
    columns = {joint: _reached(joint, near, pins) for joint in near}
    places: dict[str, Point] = dict.fromkeys(near, (0.0, 0.0))
    for _ in range(ROUNDS):
        for joint, others in near.items():
            points = [places[other] if other in near else _port(pins[other], columns[joint]) for other in others]
            x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
            places[joint] = (x, y)
    for joint, boxes in columns.items():
        if len({box.x for box in boxes}) == 1 and boxes:
            side = boxes[0].outer
            places[joint] = (boxes[0].edge(side) + side * BESIDE, places[joint][1])
    return places


def _reached(joint: str, near: Mapping[str, list[str]], pins: Mapping[str, tuple[Placed, Point]]) -> list[Placed]:
    """The boxes that hang at a joint, through other joints too."""
    seen, todo, boxes = {joint}, [joint], list[Placed]()
    while todo:
        for other in near[todo.pop()]:
            if other in pins:
                boxes.append(pins[other][0])
            elif other not in seen:
                seen.add(other)
                todo.append(other)
    return boxes


def _port(pin: tuple[Placed, Point], boxes: list[Placed]) -> Point:
    """The pin's place on the side that faces the other boxes."""
    box, (_, y) = pin
    middle = sum(each.x for each in boxes) / len(boxes)
    return box.edge(1 if box.x <= middle else -1), y


def _facing(key: str, placed: Mapping[str, Placed], rows: Mapping[str, float]) -> tuple[Placed, Point]:
    box = placed[owner(key)]
    return box, (box.x, rows[key])
