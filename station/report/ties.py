"""Ties: which rows of which connectors hang together, directly or through joints."""

from station.report.sketch import Sketch


def ties_of(sketch: Sketch) -> list[tuple[str, str, int]]:
    """Two rows and the number of wires between them; rows that meet at joints are tied to the first of them."""
    joints = set(sketch.joints)
    found = [(each.a, each.b, len(each.wires)) for each in sketch.strands if not {each.a, each.b} & joints]
    clusters: list[list[str]] = []
    for strand in sketch.strands:
        ends = [strand.a, strand.b]
        met = {*ends} & joints
        if not met:
            continue
        near = [each for each in clusters if met & set(each)]
        clusters = [each for each in clusters if each not in near]
        clusters.append(list(dict.fromkeys(key for each in (*near, ends) for key in each)))
    for cluster in clusters:
        rows = [key for key in cluster if key not in joints]
        found += [(rows[0], other, 1) for other in rows[1:]]
    return found
