"""Resistances of wires with loops: what lies between any two nodes, and through which wires the current flows."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

NEXT_TO_NOTHING = 1e-7
"""Ohms below which a conductor is taken to have that much: it keeps the arithmetic sound, and no meter sees it."""


class Mesh:
    """Conductors that hang together, as (a, b, ohms), solved once for every pair of nodes: nodal analysis."""

    def __init__(self, conductors: Iterable[tuple[str, str, float]]) -> None:
        listed = list(conductors)
        self._place = {node: at for at, node in enumerate(dict.fromkeys(end for a, b, _ in listed for end in (a, b)))}
        laplacian = np.zeros((len(self._place), len(self._place)))
        for a, b, ohms in listed:
            siemens, i, j = 1 / max(ohms, NEXT_TO_NOTHING), self._place[a], self._place[b]
            laplacian[[i, j], [i, j]] += siemens
            laplacian[[i, j], [j, i]] -= siemens
        self._potentials = np.zeros_like(laplacian)
        self._potentials[1:, 1:] = _inverse(laplacian[1:, 1:])

    def ohms(self, a: str, b: str) -> float:
        """What an ohmmeter reads between two nodes."""
        return self.volts(a, b, a, b)

    def volts(self, a: str, b: str, across: str, other: str) -> float:
        """The voltage across two nodes when 1 A flows into `a` and out of `b`."""
        i, j, k, n = (self._place[node] for node in (a, b, across, other))
        return float(self._potentials[k, i] - self._potentials[k, j] - self._potentials[n, i] + self._potentials[n, j])


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of a symmetric positive definite matrix, row by row (Gauss and Jordan), which needs no pivots.

    Each number is a product, a quotient or a difference of two, so that the last bit is the same on every machine; a library
    of linear algebra adds up in the order that suits its processor.
    """
    left, right = matrix.copy(), np.eye(len(matrix))
    for at in range(len(left)):
        pivot = left[at, at]
        left[at] /= pivot
        right[at] /= pivot
        column = left[:, at].copy()
        column[at] = 0.0
        left -= np.multiply.outer(column, left[at])
        right -= np.multiply.outer(column, right[at])
    return right
