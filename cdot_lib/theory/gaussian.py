r"""The corrected Gaussian theorem: distortion, rate and class loss of one number.

X ~ N(mean_x, std_x^2) is seen by the encoder, Y ~ N(mean_y, std_y^2) must come out, S is
jointly Gaussian with X, the distortion is E (X - Y)^2. Every coupling has a correlation
rho of X and Y, and three inequalities tie everything to it:

* the distortion is d_ind - 2 std_x std_y rho, whatever else the coupling looks like;
* I(X;Y) >= -1/2 log2(1 - rho^2), because h(X|Y) is largest when X given Y is Gaussian;
* at rate R, h(S|Y) >= h(S) + 1/2 log2(1 - rho_xs^2 (1 - 2^(-2R))), by the entropy power
  inequality: the Gaussian information bottleneck.

The jointly Gaussian coupling with rho^2 = 1 - 2^(-2R) meets all three with equality. So one
coupling is best for the picture and for the label: at a given rate there is nothing to
trade, only a class loss that is within reach or is not.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 4, corrected here; the
   formula as printed is in :mod:`cdot_lib.theory.published_gaussian`.
.. [chechik2005] G. Chechik, A. Globerson, N. Tishby, Y. Weiss, Information bottleneck for
   Gaussian variables, JMLR 6, 2005.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib.problems import GaussianProblem
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, non_negative, real

__all__ = [
    "SLACK",
    "GaussianTradeOff",
    "class_bits_min",
    "correlation_of_rate",
    "distortion",
    "rate",
]

Array = NDArray[np.float64]

#: The class bound is widened by this many bits, and correlations are compared up to this much:
#: some thousand roundings of a float64, so that a point fed back into the inverse function
#: stays feasible.
SLACK = 1e-12

_DISTORTION_ACTIVE = np.array(["infeasible", "rate", "transport"])
_RATE_ACTIVE = np.array(["infeasible", "distortion", "class", "none"])


@dataclass(frozen=True, eq=False)
class GaussianTradeOff:
    """Points of a trade-off function of one Gaussian, and the coupling that attains each.

    Attributes
    ----------
    value : ndarray, shape (...)
        The optimal distortion, or rate in bits; ``inf`` exactly where infeasible.
    feasible : ndarray of bool, shape (...)
        Whether any coupling meets the constraints (for a rate: any of finite rate).
    active : ndarray of str, shape (...)
        Which constraint decides the value, or ``"infeasible"``; the function that made the
        result lists its words.
    correlation : ndarray, shape (...)
        Correlation of X and Y in the attaining, jointly Gaussian coupling; 0 where infeasible.
    class_bits : ndarray, shape (...)
        h(S|Y) in bits of that coupling; may be negative, ``-inf`` if Y tells all of S, and
        ``inf`` where infeasible.

    Notes
    -----
    For scalar inputs the arrays have no axes and ``value`` behaves as a float.
    """

    value: Array
    feasible: NDArray[np.bool_]
    active: NDArray[np.str_]
    correlation: Array
    class_bits: Array


def correlation_of_rate(rate_bits: Any) -> Array:
    """Return sqrt(1 - 2^(-2R)), the largest correlation that R bits allow.

    Raises
    ------
    InvalidArgument
        If a rate is negative or NaN.
    """
    bits = non_negative("rate_bits", rate_bits)
    return np.sqrt(-np.expm1(-2.0 * LN2 * bits))


def class_bits_min(problem: GaussianProblem, *, rate_bits: Any) -> Array:
    """Least h(S|Y) in bits at a rate: the Gaussian information bottleneck.

    Parameters
    ----------
    problem : GaussianProblem
        May hold arrays.
    rate_bits : array_like
        R >= 0 in bits; ``inf`` is allowed.

    Returns
    -------
    ndarray
        h(S) + 1/2 log2(1 - rho_xs^2 (1 - 2^(-2R))); ``-inf`` where nothing of S is left.

    Raises
    ------
    InvalidArgument
        If a rate is negative or NaN, or the shapes do not broadcast.
    """
    relation, h_s, bits = broadcast(
        correlation_xs=np.asarray(problem.correlation_xs),
        std_s=np.asarray(problem.h_s),
        rate_bits=non_negative("rate_bits", rate_bits),
    )
    return _class_bits(relation, h_s, np.exp2(-2.0 * bits))[()]


def distortion(problem: GaussianProblem, *, rate_bits: Any, class_bits: Any) -> GaussianTradeOff:
    """Least E (X - Y)^2 at a rate and a class loss: D(R, C).

    Parameters
    ----------
    problem : GaussianProblem
        May hold arrays.
    rate_bits : array_like
        R >= 0, bound on I(X;Y) in bits; ``inf`` drops it.
    class_bits : array_like
        C, bound on the differential entropy h(S|Y) in bits; may be negative, ``inf`` drops it.

    Returns
    -------
    GaussianTradeOff
        `value` >= 0, or ``inf``. `active` is ``"rate"`` (more bits would help),
        ``"transport"`` (unlimited rate: the optimal transport cost) or ``"infeasible"``; it
        is never the class, which has no say where it can be met.

    Raises
    ------
    InvalidArgument
        If a rate is negative, a bound NaN, or the shapes do not broadcast.

    Notes
    -----
    Source: Theorem 4 of [nguyen2026]_, corrected (errata E1, E5 to E7); claim
    ``thm-gaussian-drc``.
    """
    shift, std_x, std_y, relation, h_s, bits, class_bits = _arrays(
        problem,
        rate_bits=non_negative("rate_bits", rate_bits),
        class_bits=real("class_bits", class_bits),
    )
    left = np.exp2(-2.0 * bits)
    rho = correlation_of_rate(bits)
    # 1 - rho = 2^(-2R) / (1 + rho), without the cancellation at high rates.
    value = shift**2 + (std_x - std_y) ** 2 + 2.0 * std_x * std_y * left / (1.0 + rho)
    least = _class_bits(relation, h_s, left)
    feasible = least <= class_bits + SLACK
    code = np.where(feasible, np.where(left > 0.0, 1, 2), 0)
    return GaussianTradeOff(
        value=np.where(feasible, value, np.inf)[()],
        feasible=feasible[()],
        active=_DISTORTION_ACTIVE[code],
        correlation=np.where(feasible, rho, 0.0)[()],
        class_bits=np.where(feasible, least, np.inf)[()],
    )


def rate(problem: GaussianProblem, *, distortion: Any, class_bits: Any) -> GaussianTradeOff:
    """Least rate at a distortion and a class loss: R(D, C), in bits.

    Parameters
    ----------
    problem : GaussianProblem
        May hold arrays.
    distortion : array_like
        D >= 0, bound on E (X - Y)^2; ``inf`` drops it.
    class_bits : array_like
        C, bound on h(S|Y) in bits; may be negative, ``inf`` drops it.

    Returns
    -------
    GaussianTradeOff
        `value` in bits, or ``inf`` where no finite rate suffices. `active` is
        ``"distortion"`` or ``"class"`` (the dearer of the two), ``"none"`` (zero rate
        suffices) or ``"infeasible"``.

    Raises
    ------
    InvalidArgument
        As in :func:`distortion`.

    Notes
    -----
    Source: the inverse of Theorem 4 of [nguyen2026]_ (its RDC function); claim
    ``thm-gaussian-rdc``. It is the larger of two rates, one for each bound.
    """
    shift, std_x, std_y, relation, h_s, target, class_bits = _arrays(
        problem,
        distortion=non_negative("distortion", distortion),
        class_bits=real("class_bits", class_bits),
    )
    # 1 - rho that the distortion allows; 1 and more means that rho = 0 will do.
    room = (target - shift**2 - (std_x - std_y) ** 2) / (2.0 * std_x * std_y)
    room = np.clip(room, 0.0, 1.0)
    left_distortion = room * (2.0 - room)
    # Share of S's variance that may stay unknown. Half the slack is kept for the way back.
    with np.errstate(over="ignore"):
        unknown = np.exp2(2.0 * (class_bits + 0.5 * SLACK - h_s))
    # The same of X's variance: the label sees it through rho_xs.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        left_class = (unknown - _noise(relation)) / relation**2
    left_class = np.where(unknown >= 1.0, 1.0, np.where(relation != 0.0, left_class, 0.0))
    left = np.minimum(left_distortion, np.clip(left_class, 0.0, 1.0))
    feasible = left > 0.0
    value = np.where(feasible, -0.5 * np.log2(np.where(feasible, left, 1.0)), np.inf)
    code = np.where(left_class < left_distortion, 2, np.where(left < 1.0, 1, 3))
    return GaussianTradeOff(
        value=np.where(value == 0.0, 0.0, value)[()],
        feasible=feasible[()],
        active=_RATE_ACTIVE[np.where(feasible, code, 0)],
        correlation=np.where(feasible, np.sqrt(1.0 - left), 0.0)[()],
        class_bits=np.where(feasible, _class_bits(relation, h_s, left), np.inf)[()],
    )


def _arrays(problem: GaussianProblem, **bounds: Array) -> tuple[Array, ...]:
    return broadcast(
        mean_x=np.asarray(problem.mean_x - problem.mean_y),
        std_x=np.asarray(problem.std_x),
        std_y=np.asarray(problem.std_y),
        cov_xs=np.asarray(problem.correlation_xs),
        std_s=np.asarray(problem.h_s),
        **bounds,
    )


def _noise(relation: Array) -> Array:
    """Return 1 - rho_xs^2, the share of S that X does not tell."""
    return (1.0 - relation) * (1.0 + relation)


def _class_bits(relation: Array, h_s: Array, left: Array) -> Array:
    """Return h(S|Y) when a share `left` of the variance of X stays unknown."""
    with np.errstate(divide="ignore"):
        return h_s + 0.5 * np.log2(_noise(relation) + relation**2 * left)
