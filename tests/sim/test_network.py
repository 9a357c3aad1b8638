"""Resistors between nodes: trees, meshes and groups of tied nodes."""

import math

import numpy as np
import pytest

from sim.cable.network import Network, Resistor, between

WHEATSTONE = (
    Resistor(0, 1, 0.0, 1.0),
    Resistor(0, 2, 0.0, 2.0),
    Resistor(1, 3, 0.0, 4.0),
    Resistor(2, 3, 0.0, 8.0),
    Resistor(1, 2, 0.0, 5.0),
)


def test_a_chain_adds_up() -> None:
    """Resistors in a row add, and only their copper warms up."""
    chain = Network(3, (Resistor(0, 1, 1.0, 0.5), Resistor(1, 2, 2.0, 0.0)))
    assert pytest.approx(3.0 * 1.1 + 0.5) == chain.island(0).ohms((0,), (2,), 1.1)


def test_the_way_between_two_leaves_leaves_the_root_out() -> None:
    """In a tree only what lies between two nodes counts."""
    star = Network(5, tuple(Resistor(0, leaf, 0.0, float(leaf)) for leaf in (1, 2, 3, 4)))
    assert pytest.approx(7.0) == star.island(0).ohms((3,), (4,), 1.0)


def test_a_balanced_bridge_ignores_its_middle() -> None:
    """Wheatstone: (1 + 4) ohms beside (2 + 8) ohms, whatever lies between the middles."""
    assert pytest.approx(10.0 / 3.0) == Network(4, WHEATSTONE).island(0).ohms((0,), (3,), 1.0)


def test_tied_nodes_act_as_one() -> None:
    """Tying both middles to one end shortens the way there."""
    assert pytest.approx(1.0 / (1.0 / 4.0 + 1.0 / 8.0)) == between(WHEATSTONE, (0, 1, 2), (3,), 1.0)


def test_one_node_on_both_sides_is_a_short() -> None:
    """A node that both groups hold leaves nothing to measure."""
    assert between(WHEATSTONE, (0, 1), (1, 3), 1.0) == 0.0


def test_nothing_joins_two_islands() -> None:
    """Where no resistor leads across, no current flows."""
    assert math.inf == between((Resistor(0, 1, 0.0, 1.0), Resistor(2, 3, 0.0, 1.0)), (0,), (3,), 1.0)


def test_megohms_beside_milliohms_cost_no_digits() -> None:
    """50 Mohm from loop to loop of milliohms: the sum is exact to nine digits, in a mesh too."""
    loop = (Resistor(0, 1, 0.0, 1e-3), Resistor(0, 1, 0.0, 1e-3), Resistor(1, 2, 0.0, 5e7), Resistor(2, 3, 0.0, 1e-3))
    assert pytest.approx(5e7 + 1.5e-3, rel=1e-12) == between(loop, (0,), (3,), 1.0)


def test_any_mesh_agrees_with_kirchhoff() -> None:
    """Removing nodes one by one gives what solving all of Kirchhoff's equations at once gives."""
    draw = np.random.default_rng(5)
    for _ in range(20):
        size = 12
        ends = [(node, int(draw.integers(node))) for node in range(1, size)]
        ends += [(int(draw.integers(size)), int(draw.integers(size))) for _ in range(10)]
        mesh = [Resistor(a, b, 0.0, draw.uniform(0.01, 10.0)) for a, b in ends if a != b]
        laplace = np.zeros((size, size))
        for a, b, _, ohms in mesh:
            laplace[[a, b], [a, b]] += 1.0 / ohms
            laplace[[a, b], [b, a]] -= 1.0 / ohms
        current = np.zeros(size - 1)
        current[0] = 1.0
        volts = np.linalg.solve(laplace[:-1, :-1], current)
        assert pytest.approx(float(volts[0])) == between(mesh, (0,), (size - 1,), 1.0)
