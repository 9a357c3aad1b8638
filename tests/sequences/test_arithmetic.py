"""What a sequence computes has the same last bit on every machine."""

import ast
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from sequences.arithmetic import exp, log, power, square
from sequences.cabling.mesh import Mesh

ROOT = Path(__file__).parents[2]
OF_THE_MACHINE = frozenset(
    {
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "cos",
        "cosh",
        "erf",
        "erfc",
        "exp",
        "exp2",
        "expm1",
    }
    | {"gamma", "lgamma", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"}
    | {"cmath", "linalg", "dot", "einsum", "inner", "matmul", "vdot", "polyfit", "lstsq"}
)
"""Functions of the machine's own library of mathematics, or of one of linear algebra: their last bit is the machine's."""


def chosen_by_a_machine(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every line whose last bit a machine may choose; powers of a written 2 or 10 are exact, or fail to be everywhere."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="math" | "np" | "cmath" | "numpy"), attr=name) if (
                name in OF_THE_MACHINE
            ):
                yield node.lineno, name
            case ast.ImportFrom(module="math" | "cmath" | "numpy", names=names):
                yield from ((node.lineno, each.name) for each in names if each.name in OF_THE_MACHINE)
            case ast.Import(names=names):
                yield from ((node.lineno, each.name) for each in names if each.name in OF_THE_MACHINE)
            case ast.BinOp(op=ast.MatMult()):
                yield node.lineno, "@"
            case ast.BinOp(op=ast.Pow(), left=ast.Constant(value=2 | 10)):
                pass
            case ast.BinOp(op=ast.Pow()):
                yield node.lineno, "**"
            case _:
                pass


@pytest.mark.parametrize("floor", ["sequences", "drivers"])
def test_nothing_that_stands_in_a_record_is_left_to_the_machines_library(floor: str) -> None:
    """Two machines' `exp` differ in the last bit of one value in a thousand, and readings are kept with all their bits."""
    own = ROOT / "sequences/arithmetic.py"
    found = [
        f"{file.relative_to(ROOT)}:{line}: {what}: see sequences/arithmetic.py"
        for file in sorted((ROOT / floor).rglob("*.py"))
        if file != own
        for line, what in chosen_by_a_machine(ast.parse(file.read_text("utf-8")))
    ]
    assert [] == found


@pytest.mark.parametrize(
    "text",
    [
        "import math\nmath.exp(1)",
        "from math import log",
        "import cmath",
        "a @ b",
        "x**2",
        "np.linalg.inv(m)",
        "import numpy as np\nnp.dot(a, b)",
    ],
)
def test_what_is_left_to_a_machine_is_seen(text: str) -> None:
    """Whichever way it is written."""
    assert list(chosen_by_a_machine(ast.parse(text)))
    assert not list(chosen_by_a_machine(ast.parse("2.0**-31 + 10**8 + math.sqrt(x) + math.hypot(x, y)")))


def test_exp_is_exp_and_log_is_log() -> None:
    """To fourteen digits, over all that a number can be."""
    for tenths in range(-7000, 7001, 7):
        assert math.exp(tenths / 10) == pytest.approx(exp(tenths / 10), rel=1e-14)
    for value in (
        5e-324,
        1e-300,
        1e-9,
        0.1,
        0.5,
        0.7,
        0.99,
        1.0 - 1e-12,
        1.0 + 1e-12,
        1.4,
        1.5,
        2.0,
        3.0,
        92.0,
        1e9,
        1e300,
    ):
        assert math.log(value) == pytest.approx(log(value), rel=1e-14)
    assert (0.0, math.inf, math.inf, 0.0) == (log(1.0), log(math.inf), exp(math.inf), exp(-math.inf))
    assert (0.0, math.exp(-744.0)) == (exp(-800.0), exp(-744.0))
    assert math.isnan(exp(math.nan) + log(math.nan))
    with pytest.raises(OverflowError):
        exp(710.0)
    for nothing in (0.0, -1.0):
        with pytest.raises(ValueError, match="no logarithm"):
            log(nothing)
    assert (1.0, 2.25) == (exp(0.0), square(1.5))
    assert 92 ** (2 / 39) == pytest.approx(power(92, Decimal(2) / 39), rel=1e-15)


@pytest.mark.parametrize(("least", "alike"), [(0.01, 1e-11), (0.0, 1e-6)])
def test_a_mesh_is_solved_as_a_library_solves_it(least: float, alike: float) -> None:
    """A hundred nodes with loops; pieces of metal among ten ohms cost digits, in either way."""
    ends = [(f"n{at}", f"n{(at * 7 + 1) % 100}") for at in range(100)] + [(f"n{at}", f"n{at + 1}") for at in range(99)]
    conductors = [
        (a, b, least if at % 9 == 0 else 0.01 + (at * 0.618) % 1.0 * 10) for at, (a, b) in enumerate(ends) if a != b
    ]
    mesh = Mesh(conductors)
    names = list(dict.fromkeys(end for a, b, _ in conductors for end in (a, b)))
    laplacian = np.zeros((100, 100))
    for a, b, ohms in conductors:
        i, j, siemens = names.index(a), names.index(b), 1 / max(ohms, 1e-7)
        laplacian[[i, j], [i, j]] += siemens
        laplacian[[i, j], [j, i]] -= siemens
    known = np.linalg.inv(laplacian[1:, 1:])
    for at in range(1, 100, 7):
        assert known[at - 1, at - 1] == pytest.approx(mesh.ohms("n0", names[at]), rel=alike)
