r"""Hidden pixels: a hole that transport leaves free, and what a realistic fill costs.

A crop C has visible pixels V and hidden ones H; the encoder sees X = V. Without pairs the cost
counts V alone, and the hole of the output is settled by realism. With pairs it counts all of C.

Two instances that can be solved. A *toy crop* has one visible shade and one of two holes, and is
a finite problem. A *Gaussian crop* has one visible and one hidden number, standard normal, of
correlation rho; with unlimited rate the least mean squares (sums over both numbers) are

.. math::

    \underbrace{1-\rho^2}_{\text{blur}}
    \;\le\; \underbrace{4 - 2\sqrt{1 + 3\rho^2}}_{\text{realistic, with pairs}}
    \;\le\; \underbrace{2\,(1-\rho^2)}_{\text{posterior sample}} .

The middle one is the blur's cost and the transport of blurs on crops [freirich2021]_.

References
----------
.. [freirich2021] D. Freirich, T. Michaeli, R. Meir, A theory of the distortion-perception
   tradeoff in Wasserstein space, NeurIPS 2021.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import FiniteProblem
from cdot_lib.validate import in_range, real

__all__ = ["HOLES", "ToyCrop", "draw_gaussian_crops", "gaussian_squares"]

Array = NDArray[np.float64]

#: What a toy crop may have in its hole, and its label.
HOLES = ("3", "8")


@dataclass(frozen=True, eq=False)
class ToyCrop:
    """One visible shade v in 0, 1, ..., all equally likely, and a hole that holds a 3 or an 8.

    Letters of X are shades. Letters of Y are crops, shade by shade: (0, 3), (0, 8), (1, 3), ...

    Attributes
    ----------
    eight : ndarray, shape (n,)
        P(8 | shade).
    p_x : ndarray, shape (n,)
        The law of the shade.
    p_y : ndarray, shape (2 n,)
        The law of whole crops, which a realistic output has.
    visible : ndarray, shape (n, 2 n)
        Cost without pairs: the squared step from the shade of X to that of Y.
    wrong : ndarray, shape (n, 2 n)
        P(the true hole is not that of Y | X).

    Raises
    ------
    InvalidArgument
        If `eight` is not a vector of two or more probabilities.
    """

    eight: Any
    p_x: Array = field(init=False)
    p_y: Array = field(init=False)
    visible: Array = field(init=False)
    wrong: Array = field(init=False)

    def __post_init__(self) -> None:
        eight = np.array(real("eight", self.eight))
        if eight.ndim != 1 or eight.size < 2 or eight.min() < 0 or eight.max() > 1:
            raise InvalidArgument.of(
                "eight",
                self.eight,
                "must be two or more probabilities in one vector",
                "give P(8) for each shade, e.g. [0.1, 0.9]",
            )
        n = eight.size
        holes = np.stack([1 - eight, eight], axis=1)
        steps = np.square(np.subtract.outer(np.arange(n), np.arange(n)), dtype=float)
        for name, value in {
            "eight": eight,
            "p_x": np.full(n, 1 / n),
            "p_y": holes.ravel() / n,
            "visible": np.repeat(steps, 2, axis=1),
            "wrong": np.tile(1 - holes, (1, n)),
        }.items():
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @property
    def letters(self) -> list[str]:
        """Names of the letters of Y, e.g. "0 with 3"."""
        return [f"{shade} with {hole}" for shade in range(self.p_x.size) for hole in HOLES]

    def problem(self, *, visible: float = 1.0, wrong: float = 0.0) -> FiniteProblem:
        """Return the one-shot problem with cost ``visible * step + wrong * P(hole is wrong)``.

        ``wrong = 0`` is the cost without pairs. A small positive number is a class term: a
        fixed classifier that reads the hole. One is the cost with pairs. A negative
        one looks for the worst among equals.

        Raises
        ------
        InvalidArgument
            If a weight is not finite.
        """
        cost = visible * self.visible + wrong * self.wrong
        label = np.stack([1 - self.eight, self.eight], axis=1)
        return FiniteProblem(self.p_x, self.p_y, label, cost)


def gaussian_squares(rho: Any) -> dict[str, Array]:
    """Return mean squares to the crop, over both numbers of a Gaussian crop, at unlimited rate.

    Parameters
    ----------
    rho : array_like
        Correlation of the visible and the hidden number, between -1 and 1.

    Returns
    -------
    dict of ndarray
        "blur", the conditional mean; "realistic", the least with the law of crops;
        "posterior", the visible number with a hole drawn given it.

    Raises
    ------
    InvalidArgument
        If a correlation is out of range.
    """
    square = np.square(in_range("rho", rho, -1.0, 1.0))
    return {
        "blur": 1.0 - square,
        "realistic": 4.0 - 2.0 * np.sqrt(1.0 + 3.0 * square),
        "posterior": 2.0 * (1.0 - square),
    }


def draw_gaussian_crops(rho: float, count: int, *, seed: int = 0) -> dict[str, Array]:
    """Return Gaussian crops and three fills of the same visible numbers, each (count, 2).

    Columns are the visible and the hidden number. Rows of all four belong together.

    Parameters
    ----------
    rho : float
        Correlation, between -1 and 1.
    count : int
    seed : int

    Returns
    -------
    dict of ndarray
        "crop", "blur", "realistic" and "posterior", as in :func:`gaussian_squares`.

    Raises
    ------
    InvalidArgument
        If the correlation is out of range.
    """
    rho = float(in_range("rho", rho, -1.0, 1.0))
    visible, true, fresh = np.random.default_rng(seed).standard_normal((3, count))
    spread, root = np.sqrt(1.0 - rho**2), np.sqrt(1.0 + 3.0 * rho**2)
    return {
        "crop": np.stack([visible, rho * visible + spread * true], axis=1),
        "blur": np.stack([visible, rho * visible], axis=1),
        # The best coupling of blurs with crops gives up a little of the visible number.
        "realistic": np.stack(
            [
                (1 + rho**2) * visible - rho * spread * fresh,
                2 * rho * visible + spread * fresh,
            ],
            axis=1,
        )
        / root,
        "posterior": np.stack([visible, rho * visible + spread * fresh], axis=1),
    }
