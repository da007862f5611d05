"""The problems of the book, as immutable values checked once, at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, in_range, pmf, real

__all__ = ["BernoulliProblem", "FiniteProblem", "GaussianProblem", "VectorGaussianProblem"]


#: A covariance may exceed the product of two standard deviations by this share: what rounding
#: leaves of a correlation of exactly one.
_ROUNDING = 1e-12


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


def _finite(name: str, value: Any) -> NDArray[np.float64]:
    return in_range(name, value, -np.inf, np.inf, open_lo=True, open_hi=True)


def _positive(name: str, value: Any) -> NDArray[np.float64]:
    return in_range(name, value, 0.0, np.inf, open_lo=True, open_hi=True)


@dataclass(frozen=True, eq=False)
class GaussianProblem:
    """One Gaussian to another under squared error, with a jointly Gaussian label.

    Attributes
    ----------
    mean_x, std_x : float or ndarray
        X ~ N(mean_x, std_x^2), what the encoder sees.
    mean_y, std_y : float or ndarray
        Y ~ N(mean_y, std_y^2), the prescribed law of the reconstruction.
    std_s : float or ndarray
        Standard deviation of the label S; its mean does not matter.
    cov_xs : float or ndarray
        Cov(X, S), at most std_x std_s in size; its sign does not matter either.

    Raises
    ------
    InvalidArgument
        If a number is infinite, a standard deviation is not positive, the covariance is too
        large, or the shapes do not broadcast.

    Notes
    -----
    The parameters broadcast against each other: a problem may hold a whole grid.
    """

    mean_x: Any
    std_x: Any
    mean_y: Any
    std_y: Any
    std_s: Any
    cov_xs: Any

    def __post_init__(self) -> None:
        fields = {
            name: (_positive if name.startswith("std") else _finite)(name, getattr(self, name))
            for name in ("mean_x", "std_x", "mean_y", "std_y", "std_s", "cov_xs")
        }
        broadcast(**fields)
        excess = np.abs(fields["cov_xs"]) - fields["std_x"] * fields["std_s"] * (1.0 + _ROUNDING)
        if (excess > 0).any():
            raise InvalidArgument.of(
                "cov_xs",
                self.cov_xs,
                "must be at most std_x std_s in size",
                "a covariance is a correlation times both standard deviations",
            )
        for name, array in fields.items():
            object.__setattr__(self, name, float(array) if array.ndim == 0 else _freeze(array))

    @property
    def correlation_xs(self) -> float | NDArray[np.float64]:
        """Correlation of X and S, in [-1, 1]."""
        return np.clip(self.cov_xs / (self.std_x * self.std_s), -1.0, 1.0)

    @property
    def h_s(self) -> float | NDArray[np.float64]:
        """Differential entropy h(S), in bits."""
        return 0.5 * np.log2(2.0 * np.pi * np.e) + np.log2(self.std_s)

    @property
    def d_ind(self) -> float | NDArray[np.float64]:
        """Distortion of an independent Y."""
        return (self.mean_x - self.mean_y) ** 2 + self.std_x**2 + self.std_y**2

    @property
    def d_min(self) -> float | NDArray[np.float64]:
        """Optimal transport cost W2^2: no rate buys less distortion."""
        return (self.mean_x - self.mean_y) ** 2 + (self.std_x - self.std_y) ** 2


@dataclass(frozen=True, eq=False)
class VectorGaussianProblem:
    """Independent Gaussian components to others under squared error, with one label.

    Attributes
    ----------
    mean_x, std_x, mean_y, std_y : ndarray, shape (d,)
        X_i ~ N(mean_x_i, std_x_i^2), independent; the prescribed Y_i likewise. Scalars
        broadcast.
    std_s : float
        Standard deviation of the scalar label S.
    cov_xs : ndarray, shape (d,)
        Cov(X_i, S): together the components explain at most all of S.

    Raises
    ------
    InvalidArgument
        As for :class:`GaussianProblem`, or if the parameters are not vectors.
    """

    mean_x: Any
    std_x: Any
    mean_y: Any
    std_y: Any
    std_s: Any
    cov_xs: Any

    def __post_init__(self) -> None:
        names = ("mean_x", "std_x", "mean_y", "std_y", "cov_xs")
        fields = {n: (_positive if "std" in n else _finite)(n, getattr(self, n)) for n in names}
        vectors = dict(zip(names, map(np.atleast_1d, broadcast(**fields)), strict=True))
        std_s = _positive("std_s", self.std_s)
        if vectors["std_x"].ndim != 1 or std_s.ndim:
            raise InvalidArgument.of(
                "std_x, std_s",
                (vectors["std_x"].shape, std_s.shape),
                "must be one vector and one number",
                "solve one problem at a time",
            )
        if ((vectors["cov_xs"] / vectors["std_x"]) ** 2).sum() > std_s**2 * (1.0 + _ROUNDING):
            raise InvalidArgument.of(
                "cov_xs",
                self.cov_xs,
                "must satisfy sum (cov_xs / std_x)^2 <= std_s^2",
                "the components cannot explain more than all of S",
            )
        for name, array in vectors.items():
            object.__setattr__(self, name, _freeze(array))
        object.__setattr__(self, "std_s", float(std_s))

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of the variance of S that each component explains; they sum to at most one."""
        return (self.cov_xs / (self.std_x * self.std_s)) ** 2

    @property
    def h_s(self) -> float:
        """Differential entropy h(S), in bits."""
        return float(0.5 * np.log2(2.0 * np.pi * np.e) + np.log2(self.std_s))

    @property
    def d_ind(self) -> float:
        """Distortion of an independent Y, summed over the components."""
        return float(((self.mean_x - self.mean_y) ** 2 + self.std_x**2 + self.std_y**2).sum())

    @property
    def d_min(self) -> float:
        """Optimal transport cost W2^2, summed over the components."""
        gaps = (self.mean_x - self.mean_y) ** 2 + (self.std_x - self.std_y) ** 2
        return float(gaps.sum())
