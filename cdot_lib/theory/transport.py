r"""Optimal transport in closed form: on the line, and between Gaussians.

On the line the monotone coupling, P(X <= x, Y <= y) = min(F(x), G(y)), is optimal for every
cost h(x - y) with h convex. Between Gaussians the optimal map is affine, and

.. math:: W_2^2 = |m_X - m_Y|^2 + \operatorname{tr}\Sigma_X + \operatorname{tr}\Sigma_Y
          - 2\operatorname{tr}\bigl(\Sigma_X^{1/2}\Sigma_Y\Sigma_X^{1/2}\bigr)^{1/2},

which is (m_X - m_Y)^2 + (s_X - s_Y)^2 for numbers.

References
----------
.. [dowson1982] D. C. Dowson and B. V. Landau, The Frechet distance between multivariate normal
   distributions, 1982.
.. [gelbrich1990] M. Gelbrich, On a formula for the L2 Wasserstein metric between measures on
   Euclidean and Hilbert spaces, 1990: the same number is a lower bound for any laws with these
   moments.
.. [santambrogio2015] F. Santambrogio, Optimal Transport for Applied Mathematicians, 2015.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import broadcast, pmf, real

__all__ = ["gaussian_map", "monotone_coupling", "w2_squared", "w2_squared_scalar"]

Array = NDArray[np.float64]

#: An eigenvalue this far below zero, relative to the largest, is rounding and not an error.
_ROUNDING = 1e-10


def monotone_coupling(x: Any, p_x: Any, y: Any, p_y: Any) -> Array:
    """Return the monotone coupling of two finite laws on the line.

    Parameters
    ----------
    x, y : array_like, shapes (|X|,), (|Y|,)
        Places of the atoms, in any order; places may repeat.
    p_x, p_y : array_like, shapes (|X|,), (|Y|,)
        Their probabilities.

    Returns
    -------
    ndarray, shape (|X|, |Y|)
        P(X = x_i, Y = y_j), in the order of the arguments.

    Raises
    ------
    InvalidArgument
        If a law is none, a place is not finite, or the lengths differ.

    Notes
    -----
    Claim ``thm-monotone-transport``; see [santambrogio2015]_, chapter 2.
    """
    law_x, law_y = pmf("p_x", p_x), pmf("p_y", p_y)
    orders = [
        np.argsort(_places(name, places, law), kind="stable")
        for name, places, law in (("x", x, law_x), ("y", y, law_y))
    ]
    below = [
        np.concatenate([[0.0], np.cumsum(law[order])])
        for law, order in zip((law_x, law_y), orders, strict=True)
    ]
    # Both laws sum to one, up to rounding; the last corner must not be cut off by it.
    below[0][-1] = below[1][-1] = 1.0
    corner = np.minimum(below[0][:, None], below[1][None, :])
    joint = np.zeros((law_x.size, law_y.size))
    joint[np.ix_(*orders)] = np.maximum(np.diff(np.diff(corner, axis=0), axis=1), 0.0)
    return joint


def w2_squared_scalar(mean_x: Any, std_x: Any, mean_y: Any, std_y: Any) -> Array:
    """Return W2^2 between N(mean_x, std_x^2) and N(mean_y, std_y^2), in squared units.

    Parameters
    ----------
    mean_x, std_x, mean_y, std_y : array_like
        They broadcast; a standard deviation may be zero.

    Raises
    ------
    InvalidArgument
        If a number is not finite, a deviation is negative, or the shapes do not broadcast.
    """
    names = {"mean_x": mean_x, "std_x": std_x, "mean_y": mean_y, "std_y": std_y}
    arrays = {name: _finite(name, value) for name, value in names.items()}
    for name in ("std_x", "std_y"):
        if (arrays[name] < 0).any():
            raise InvalidArgument.of(
                name, names[name], "must not be negative", "give a standard deviation"
            )
    mean_x, std_x, mean_y, std_y = broadcast(**arrays)
    return ((mean_x - mean_y) ** 2 + (std_x - std_y) ** 2)[()]


def w2_squared(mean_x: Any, cov_x: Any, mean_y: Any, cov_y: Any) -> Array:
    """Return W2^2 between two Gaussian vectors.

    Parameters
    ----------
    mean_x, mean_y : array_like, shape (..., n)
    cov_x, cov_y : array_like, shape (..., n, n)
        Symmetric and positive semidefinite; they may be singular.

    Returns
    -------
    ndarray, shape (...)
        In squared units of X.

    Raises
    ------
    InvalidArgument
        If a covariance is none, or the shapes do not fit.

    Notes
    -----
    Claim ``thm-w2-gaussian``; [dowson1982]_, and [gelbrich1990]_ for the lower bound.
    """
    shift = _finite("mean_x", mean_x) - _finite("mean_y", mean_y)
    first, second = _covariance("cov_x", cov_x), _covariance("cov_y", cov_y)
    _same_size(shift, first, second)
    half = _root(first)
    cross = np.trace(_root(half @ second @ half), axis1=-2, axis2=-1)
    traces = np.trace(first, axis1=-2, axis2=-1) + np.trace(second, axis1=-2, axis2=-1)
    return (shift**2).sum(-1) + np.maximum(traces - 2.0 * cross, 0.0)


def gaussian_map(cov_x: Any, cov_y: Any) -> Array:
    """Return the matrix T of the optimal map y = mean_y + T (x - mean_x).

    T is symmetric and positive semidefinite, and T cov_x T = cov_y.

    Parameters
    ----------
    cov_x : array_like, shape (..., n, n)
        Positive definite.
    cov_y : array_like, shape (..., n, n)
        Positive semidefinite.

    Raises
    ------
    InvalidArgument
        If a covariance is none, `cov_x` is singular, or the shapes do not fit.
    """
    first, second = _covariance("cov_x", cov_x), _covariance("cov_y", cov_y)
    _same_size(first[..., 0], first, second)
    values, vectors = np.linalg.eigh(first)
    if (values[..., 0] <= _ROUNDING * values[..., -1]).any():
        raise InvalidArgument.of(
            "cov_x", cov_x, "must not be singular", "drop the directions of no variance"
        )
    root = np.sqrt(values)[..., None, :]
    half, inverse = (
        (vectors * scale) @ np.swapaxes(vectors, -1, -2) for scale in (root, 1.0 / root)
    )
    return inverse @ _root(half @ second @ half) @ inverse


def _finite(name: str, value: Any) -> Array:
    array = real(name, value)
    if not np.isfinite(array).all():
        raise InvalidArgument.of(
            name, value, "must be finite", "drop the infinite entries"
        )
    return array


def _places(name: str, value: Any, law: Array) -> Array:
    array = _finite(name, value)
    if law.ndim != 1 or array.shape != law.shape:
        raise InvalidArgument.of(
            name,
            array.shape,
            f"must have shape {law.shape[-1:]}",
            "give one place an atom",
        )
    return array


def _covariance(name: str, value: Any) -> Array:
    array = _finite(name, value)
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise InvalidArgument.of(
            name, array.shape, "must be a square matrix", "give n x n numbers"
        )
    size = np.abs(array).max(initial=0.0)
    if np.abs(array - np.swapaxes(array, -1, -2)).max(initial=0.0) > _ROUNDING * size:
        raise InvalidArgument.of(name, value, "must be symmetric", "use (A + A.T) / 2")
    if np.linalg.eigvalsh(array).min(initial=0.0) < -_ROUNDING * size:
        raise InvalidArgument.of(
            name,
            value,
            "must have no negative eigenvalue",
            "estimate it from data again",
        )
    return array


def _same_size(shift: Array, first: Array, second: Array) -> None:
    sizes = {shift.shape[-1:], first.shape[-1:], second.shape[-1:]}
    if len(sizes) > 1:
        raise InvalidArgument.of(
            "mean_x, cov_x, cov_y",
            (shift.shape, first.shape, second.shape),
            "must belong to vectors of one size",
            "match the dimensions",
        )


def _root(matrix: Array) -> Array:
    """Return the positive semidefinite root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ np.swapaxes(
        vectors, -1, -2
    )
