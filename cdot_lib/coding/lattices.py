r"""Lattices whose cells fill space better than cubes: Z, hexagonal, D4 and E8.

A lattice quantiser returns the nearest lattice point; its cell is the Voronoi region. The rate that
a dithered lattice loses at high resolution depends on the shape of the cell alone, through the
normalised second moment G = E|N|^2 / (n V^(2/n)), N uniform on the cell. The nearest points are
found by the algorithms of [conway1982]_; the moments are those of [conway1999]_, chapter 21.

References
----------
.. [conway1982] J. H. Conway and N. J. A. Sloane, Fast quantizing and decoding algorithms for
   lattice quantizers and codes, IEEE Trans. Information Theory 28, 1982.
.. [conway1999] J. H. Conway and N. J. A. Sloane, Sphere packings, lattices and groups, 1999.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import choice, positive_int, real

__all__ = ["LATTICES", "Lattice", "lattice", "measured_second_moment"]

Array = NDArray[np.float64]

_SQRT3 = math.sqrt(3.0)


@dataclass(frozen=True, eq=False)
class Lattice:
    """A lattice, its nearest-point rule, and what is known about its cell.

    Attributes
    ----------
    name : str
    generator : ndarray, shape (n, n)
        Rows generate the lattice.
    second_moment : float
        G of its Voronoi cell, exactly.
    """

    name: str
    generator: Array
    second_moment: float
    _rule: Callable[[Array], Array]

    @property
    def dims(self) -> int:
        """n, the dimension."""
        return len(self.generator)

    @property
    def volume(self) -> float:
        """Volume of a cell."""
        return abs(float(np.linalg.det(self.generator)))

    def nearest(self, points: Any) -> Array:
        """Return a lattice point nearest to each row of `points`.

        Parameters
        ----------
        points : array_like, shape (..., n)

        Raises
        ------
        InvalidArgument
            If the last axis does not have n entries, or an entry is not finite.
        """
        array = real("points", points)
        if array.ndim == 0 or array.shape[-1] != self.dims:
            raise InvalidArgument.of(
                "points", array.shape, f"must have {self.dims} entries on its last axis",
                f"group the samples into vectors of {self.dims}",
            )
        if not np.isfinite(array).all():
            raise InvalidArgument.of("points", points, "must be finite", "drop those rows")
        return self._rule(array)

    def dither(self, n: int, rng: np.random.Generator) -> Array:
        """Draw n points uniform on the Voronoi cell around 0, shape (n, dims).

        A point uniform on the parallelepiped of the generators is uniform modulo the lattice.
        """
        anywhere = rng.random((positive_int("n", n), self.dims)) @ self.generator
        return anywhere - self.nearest(anywhere)

    def quantise(self, points: Any, dither: Any) -> Array:
        """Return nearest(points + dither) - dither: points plus an error uniform on a cell."""
        shift = real("dither", dither)
        return self.nearest(real("points", points) + shift) - shift


def _nearest_integers(x: Array) -> Array:
    return np.rint(x)


def _nearer(x: Array, first: Array, second: Array) -> Array:
    """Return whichever of two candidates is nearer, row by row."""
    closer = ((x - second) ** 2).sum(axis=-1) < ((x - first) ** 2).sum(axis=-1)
    return np.where(closer[..., None], second, first)


def _nearest_hexagonal(x: Array) -> Array:
    """The hexagonal lattice is a rectangular one, and that one moved to its own deep holes."""
    sides, half = np.array([1.0, _SQRT3]), np.array([0.5, _SQRT3 / 2.0])
    return _nearer(x, np.rint(x / sides) * sides, np.rint((x - half) / sides) * sides + half)


def _nearest_even(x: Array) -> Array:
    """D_n, integers with an even sum: if the nearest has an odd one, its worst entry gives way."""
    near = np.rint(x)
    error = x - near
    odd = np.rint(near.sum(axis=-1)) % 2 == 1
    worst = np.abs(error).argmax(axis=-1)[..., None]
    at_worst = np.take_along_axis(error, worst, axis=-1)
    step = np.where(at_worst >= 0.0, 1.0, -1.0) * odd[..., None]
    moved = near.copy()
    np.put_along_axis(moved, worst, np.take_along_axis(near, worst, axis=-1) + step, axis=-1)
    return moved


def _nearest_e8(x: Array) -> Array:
    """E8 is D8, and D8 moved by one half in every coordinate."""
    return _nearer(x, _nearest_even(x), _nearest_even(x - 0.5) + 0.5)


def _checkerboard(n: int) -> Array:
    """Generators of D_n: 2 e_1 and the differences of neighbours."""
    rows = np.eye(n) - np.eye(n, k=-1)
    rows[0, 0] = 2.0
    return rows


def _e8_generator() -> Array:
    rows = _checkerboard(8)
    rows[-1] = 0.5
    return rows


#: By name: the integers, the hexagonal lattice, the checkerboard in four dimensions, and E8.
LATTICES = {
    "Z": Lattice("Z", np.eye(1), 1.0 / 12.0, _nearest_integers),
    "A2": Lattice(
        "A2", np.array([[1.0, 0.0], [0.5, _SQRT3 / 2.0]]), 5.0 / (36.0 * _SQRT3), _nearest_hexagonal
    ),
    "D4": Lattice("D4", _checkerboard(4), 13.0 / (120.0 * math.sqrt(2.0)), _nearest_even),
    "E8": Lattice("E8", _e8_generator(), 929.0 / 12960.0, _nearest_e8),
}


def lattice(name: str) -> Lattice:
    """Return the lattice called ``"Z"``, ``"A2"``, ``"D4"`` or ``"E8"``.

    Raises
    ------
    InvalidArgument
        If there is none of that name.
    """
    return LATTICES[choice("name", name, tuple(LATTICES))]


def measured_second_moment(
    chosen: Lattice, n: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Measure G by n random points of the cell.

    Returns
    -------
    moment, standard_error : float
    """
    squares = (chosen.dither(n, rng) ** 2).sum(axis=1)
    scale = chosen.dims * chosen.volume ** (2.0 / chosen.dims)
    return float(squares.mean() / scale), float(squares.std() / math.sqrt(n) / scale)
