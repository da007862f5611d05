r"""Common randomness at a limited rate: between a page of random digits and none at all.

When the law of Y is prescribed, long blocks pay for a chain X - W - Y

.. math:: R \ge I(X;W), \qquad R + R_c \ge I(Y;W),

with R bits of message and R_c bits of common randomness a letter, and private dice besides
[saldi2015]_: the message must tell about X, and together with the shared dice it must be rich
enough to make Y. For R_c = 0 this is :mod:`~cdot_lib.theory.output_constrained`, for R_c beyond
H(Y|X) it is :mod:`~cdot_lib.theory.single_letter`. For two bits a W with two letters is enough:
then Cov(X,Y) = Cov(X,W) Cov(Y,W) / Var(W), and one number is left to search, P(W = 1). For two
Gaussians W is Gaussian, and all is closed.

References
----------
.. [saldi2015] N. Saldi, T. Linder, S. Yuksel, Output constrained lossy source coding with
   limited common randomness, IEEE Trans. Information Theory 61, 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import single_letter
from cdot_lib.validate import broadcast, in_range, non_negative, real

__all__ = ["TwoLetterCode", "bit", "gaussian"]

Array = NDArray[np.float64]

#: P(W = 1) is searched on a grid of so many points, which closes in on the best so many times.
_POINTS, _ROUNDS = 33, 8

#: Covariances that differ by less count as the same.
_TIE = 1e-13


@dataclass(frozen=True, eq=False)
class TwoLetterCode:
    """The best W with two letters for two bits.

    Attributes
    ----------
    value : ndarray, shape (...)
        P(X != Y).
    weight : ndarray, shape (...)
        P(W = 1).
    a, b : ndarray, shape (..., 2)
        P(X = 1 | W = w) and P(Y = 1 | W = w) for w = 0, 1.
    """

    value: Array
    weight: Array
    a: Array
    b: Array


def bit(problem: BernoulliProblem, *, rate_bits: Any, common_bits: Any = 0.0) -> TwoLetterCode:
    """Least P(X != Y) in long blocks with common randomness at a limited rate: D(R, R_c).

    Parameters
    ----------
    problem : BernoulliProblem
        Its label plays no part; may hold arrays.
    rate_bits : array_like
        R, bits a letter, zero or more.
    common_bits : array_like
        R_c, bits a letter, zero or more; zero leaves private dice alone, and from H(Y|X) of
        the best coupling on the value is that of :mod:`~cdot_lib.theory.single_letter`.

    Returns
    -------
    TwoLetterCode

    Raises
    ------
    InvalidArgument
        If a rate is negative or NaN, or the shapes do not broadcast.

    Notes
    -----
    Claim ``prop-output-constrained-two``.
    """
    p, q, rate, cover = broadcast(
        q_x=np.asarray(problem.q_x),
        q_y=np.asarray(problem.q_y),
        rate_bits=non_negative("rate_bits", rate_bits),
        common_bits=non_negative("common_bits", common_bits),
    )
    cover = rate + cover
    low, high = np.zeros_like(p), np.ones_like(p)
    share = np.arange(1, _POINTS + 1) / (_POINTS + 1)
    p_, q_, rate_, cover_ = (value[..., None] for value in (p, q, rate, cover))
    for _ in range(_ROUNDS):
        weight = low[..., None] + (high - low)[..., None] * share
        told = _covariance(p_, weight, rate_) * _covariance(q_, weight, cover_)
        told /= weight * (1.0 - weight)
        # At the transport cost many W are best; the first of them, on every machine.
        top = told >= told.max(axis=-1, keepdims=True) - _TIE
        best = np.argmax(top, axis=-1, keepdims=True)
        middle = np.take_along_axis(weight, best, axis=-1)[..., 0]
        step = (high - low) / (_POINTS + 1)
        low, high = middle - step, middle + step
    return _code(p, q, middle, _covariance(p, middle, rate), _covariance(q, middle, cover))


def _covariance(p: Array, weight: Array, bits: Array) -> Array:
    """The largest Cov(X, W) of bits with these laws and I(X;W) at most so many bits."""
    pair = BernoulliProblem(*np.broadcast_arrays(p, weight, 0.5))
    tilt = single_letter.distortion(pair, rate_bits=bits, class_bits=np.inf).tilt
    return p * (1.0 - p) * tilt


def _code(p: Array, q: Array, weight: Array, with_x: Array, with_y: Array) -> TwoLetterCode:
    spread = weight * (1.0 - weight)
    sides = np.stack([-1.0 / (1.0 - weight), 1.0 / weight], axis=-1)
    return TwoLetterCode(
        value=np.maximum(p + q - 2.0 * p * q - 2.0 * with_x * with_y / spread, 0.0)[()],
        weight=weight[()],
        a=np.clip(p[..., None] + with_x[..., None] * sides, 0.0, 1.0),
        b=np.clip(q[..., None] + with_y[..., None] * sides, 0.0, 1.0),
    )


def gaussian(
    *,
    mean_x: Any,
    std_x: Any,
    mean_y: Any,
    std_y: Any,
    rate_bits: Any,
    common_bits: Any = 0.0,
) -> Array:
    """Least E (X-Y)^2 of prescribed Gaussians with common randomness at a limited rate.

    Parameters
    ----------
    mean_x, mean_y : array_like
    std_x, std_y : array_like
        Zero or more.
    rate_bits, common_bits : array_like
        R and R_c, bits a letter, zero or more; ``inf`` drops a bound.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the shapes do not broadcast.

    Notes
    -----
    Claim ``prop-limited-randomness-gaussian``.
    """
    mean_x, std_x, mean_y, std_y, rate, common = broadcast(
        mean_x=real("mean_x", mean_x),
        std_x=in_range("std_x", std_x, 0.0, np.inf, open_hi=True),
        mean_y=real("mean_y", mean_y),
        std_y=in_range("std_y", std_y, 0.0, np.inf, open_hi=True),
        rate_bits=non_negative("rate_bits", rate_bits),
        common_bits=non_negative("common_bits", common_bits),
    )
    transport = (mean_x - mean_y) ** 2 + (std_x - std_y) ** 2
    lost_x, lost_y = np.exp2(-2.0 * rate), np.exp2(-2.0 * (rate + common))
    # 1 - sqrt((1-s)(1-t)) keeps its digits when written with what s and t lack.
    short = lost_x + lost_y - lost_x * lost_y
    short /= 1.0 + np.sqrt((1.0 - lost_x) * (1.0 - lost_y))
    return transport + 2.0 * std_x * std_y * short
