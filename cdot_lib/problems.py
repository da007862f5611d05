"""The problems of the book, as immutable values checked once, at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, in_range, pmf, real

__all__ = ["BernoulliProblem", "FiniteProblem"]


def _freeze(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a read-only copy, so that a problem cannot change under its solver."""
    frozen = np.array(array, dtype=np.float64)
    frozen.setflags(write=False)
    return frozen


@dataclass(frozen=True, eq=False)
class FiniteProblem:
    """A one-shot problem on finite alphabets.

    Attributes
    ----------
    p_x : ndarray, shape (|X|,)
        Law of the degraded source X.
    p_y : ndarray, shape (|Y|,)
        Prescribed law of the reconstruction Y.
    p_s_given_x : ndarray, shape (|X|, |S|)
        Row x is the law of the label S given X = x.
    cost : ndarray, shape (|X|, |Y|)
        Distortion d(x, y), finite.

    Raises
    ------
    InvalidArgument
        If a law is not a distribution or the shapes do not fit.
    """

    p_x: Any
    p_y: Any
    p_s_given_x: Any
    cost: Any

    def __post_init__(self) -> None:
        p_x, p_y = pmf("p_x", self.p_x), pmf("p_y", self.p_y)
        for name, law in (("p_x", p_x), ("p_y", p_y)):
            if law.ndim != 1:
                raise InvalidArgument.of(
                    name, law.shape, "must be one vector", "solve one problem at a time"
                )
        channel, cost = pmf("p_s_given_x", self.p_s_given_x), real("cost", self.cost)
        if channel.ndim != 2 or channel.shape[0] != p_x.size:
            raise InvalidArgument.of(
                "p_s_given_x",
                channel.shape,
                f"must have shape ({p_x.size}, |S|)",
                "give one row for each x",
            )
        if cost.shape != (p_x.size, p_y.size):
            raise InvalidArgument.of(
                "cost",
                cost.shape,
                f"must have shape ({p_x.size}, {p_y.size})",
                "rows are x, columns are y",
            )
        if not np.isfinite(cost).all():
            raise InvalidArgument.of(
                "cost", self.cost, "must be finite", "forbid a pair with a large finite cost"
            )
        for name, array in (
            ("p_x", p_x),
            ("p_y", p_y),
            ("p_s_given_x", channel),
            ("cost", cost),
        ):
            object.__setattr__(self, name, _freeze(array))


@dataclass(frozen=True, eq=False)
class BernoulliProblem:
    """One bit to another under Hamming distortion, with the label S = X xor S1.

    Attributes
    ----------
    q_x : float or ndarray
        P(X = 1), in (0, 1).
    q_y : float or ndarray
        P(Y = 1), in (0, 1).
    q_s1 : float or ndarray
        P(S1 = 1), in [0, 1]: the noise between X and its label.

    Raises
    ------
    InvalidArgument
        If a parameter is outside its range, or the shapes do not broadcast.

    Notes
    -----
    The parameters broadcast against each other: a problem may hold a whole grid. The
    degenerate coins ``q_x`` or ``q_y`` equal to 0 or 1 are refused, since nothing is left
    to transport; ``q_s1 = 1/2`` is a label of pure noise and is allowed.
    """

    q_x: Any
    q_y: Any
    q_s1: Any

    def __post_init__(self) -> None:
        q_x = in_range("q_x", self.q_x, 0.0, 1.0, open_lo=True, open_hi=True)
        q_y = in_range("q_y", self.q_y, 0.0, 1.0, open_lo=True, open_hi=True)
        q_s1 = in_range("q_s1", self.q_s1, 0.0, 1.0)
        broadcast(q_x=q_x, q_y=q_y, q_s1=q_s1)
        for name, array in (("q_x", q_x), ("q_y", q_y), ("q_s1", q_s1)):
            object.__setattr__(self, name, float(array) if array.ndim == 0 else _freeze(array))

    @property
    def q_s(self) -> float | NDArray[np.float64]:
        """P(S = 1) = q_x + q_s1 - 2 q_x q_s1."""
        return self.q_x + self.q_s1 - 2.0 * self.q_x * self.q_s1

    @property
    def d_ind(self) -> float | NDArray[np.float64]:
        """Distortion of an independent Y: P(X != Y) = q_x + q_y - 2 q_x q_y."""
        return self.q_x + self.q_y - 2.0 * self.q_x * self.q_y

    @property
    def d_min(self) -> float | NDArray[np.float64]:
        """Optimal transport cost |q_x - q_y|: no rate buys less distortion."""
        return np.abs(self.q_x - self.q_y)

    def finite(self) -> FiniteProblem:
        """Return the same problem as a :class:`FiniteProblem`, for the general solvers.

        Raises
        ------
        InvalidArgument
            If the parameters are arrays: a solver takes one problem at a time.
        """
        if any(np.ndim(v) for v in (self.q_x, self.q_y, self.q_s1)):
            raise InvalidArgument.of(
                "BernoulliProblem", self, "must hold scalars", "loop over its entries"
            )
        s = self.q_s1
        return FiniteProblem(
            p_x=[1.0 - self.q_x, self.q_x],
            p_y=[1.0 - self.q_y, self.q_y],
            p_s_given_x=[[1.0 - s, s], [s, 1.0 - s]],
            cost=[[0.0, 1.0], [1.0, 0.0]],
        )
