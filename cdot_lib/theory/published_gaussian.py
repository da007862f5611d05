"""The Gaussian formulas of the source paper exactly as printed, for the errata alone.

Nothing in the library computes with these: see :mod:`cdot_lib.theory.gaussian` and
:mod:`cdot_lib.theory.perception` for what holds.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorems 4 and 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import lambertw

from cdot_lib.errors import InvalidArgument
from cdot_lib.problems import GaussianProblem
from cdot_lib.theory.published import PublishedValue
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, choice, in_range, non_negative, real

__all__ = ["distortion_gaussian", "distortion_perception_kl"]

Array = NDArray[np.float64]


def _h_bits(std: Array) -> Array:
    return 0.5 * np.log2(2.0 * np.pi * np.e) + np.log2(std)


def _thresholds(relation: Array, h_s: Array, bits: Array) -> tuple[Array, Array]:
    """Return the printed border of feasibility and the printed border of the two cases."""
    with np.errstate(divide="ignore"):
        least = 0.5 * np.log2(1.0 - relation**2) + h_s
        border = 0.5 * np.log2(1.0 - relation**2 * (1.0 - np.exp2(-2.0 * bits))) + h_s
    return least, border


def _cases(least: Array, border: Array, h_s: Array, h_x: Array, bits: Array, loss: Array) -> Array:
    case = np.where(loss < least, 0, np.where(loss <= border, 1, 2))
    return np.where((loss > h_s) & (bits > h_x), 3, case)


def distortion_gaussian(
    problem: GaussianProblem, *, rate_bits: Any, class_bits: Any, class_base: str = "e"
) -> PublishedValue:
    """Theorem 4 of [nguyen2026]_ as printed: D(R, C) of a Gaussian source.

    Parameters
    ----------
    problem : GaussianProblem
        With cov_xs > 0, the paper's theta.
    rate_bits, class_bits : array_like
        R and C in bits, the only unit in which the paper's figure makes sense.
    class_base : {"e", "2"}
        Base of the power in the class case: "e" as printed (erratum E5), or "2", as the unit
        of C asks. The latter equals the printed form with C and h(S) in nats.

    Raises
    ------
    InvalidArgument
        If the covariance is not positive, or a bound is out of range.

    Notes
    -----
    Errata E1 and E5 to E7 show where these values are not D(R, C). Where two printed cases
    apply, the later one is taken.
    """
    if (np.asarray(problem.cov_xs) <= 0).any():
        raise InvalidArgument.of(
            "cov_xs", problem.cov_xs, "must be positive here", "change the sign of S"
        )
    base = choice("class_base", class_base, ("e", "2"))
    shift, std_x, std_y, std_s, theta, bits, loss = broadcast(
        mean_x=np.asarray(problem.mean_x - problem.mean_y),
        std_x=np.asarray(problem.std_x),
        std_y=np.asarray(problem.std_y),
        std_s=np.asarray(problem.std_s),
        cov_xs=np.asarray(problem.cov_xs),
        rate_bits=non_negative("rate_bits", rate_bits),
        class_bits=real("class_bits", class_bits),
    )
    h_s = _h_bits(std_s)
    least, border = _thresholds(theta / (std_s * std_x), h_s, bits)
    case = _cases(least, border, h_s, _h_bits(std_x), bits, loss)
    d_ind = shift**2 + std_x**2 + std_y**2
    root = np.sqrt(_class_root(h_s, loss, base))
    class_active = d_ind - 2.0 * std_s * std_x**2 * std_y / theta * root
    rate_active = d_ind - 2.0 * std_x * std_y * np.sqrt(1.0 - np.exp2(-2.0 * bits))
    value = np.choose(
        case, [np.full_like(shift, np.inf), class_active, rate_active, np.zeros_like(shift)]
    )
    return PublishedValue(value=value[()], case=case[()])


def distortion_perception_kl(
    *,
    std_x: Any,
    std_s: Any,
    cov_xs: Any,
    rate_bits: Any,
    perception: Any,
    class_bits: Any,
) -> PublishedValue:
    """Theorem 7 of [nguyen2026]_ as printed: KL in nats, p_ref = p_X, equal means.

    Parameters
    ----------
    std_x, std_s, cov_xs : array_like
        Of X and the label; cov_xs > 0.
    rate_bits, perception, class_bits : array_like
        R in bits, P in nats, C in bits.

    Raises
    ------
    InvalidArgument
        If a parameter is out of range.

    Notes
    -----
    The theorem names its cases "rate-active" and "class-active"; they are told apart here by
    the border of Theorem 4. Errata E1 and E6 show where these values are not D(R, P, C).
    """
    std_x, std_s, theta, bits, nats, loss = broadcast(
        std_x=in_range("std_x", std_x, 0.0, np.inf, open_lo=True, open_hi=True),
        std_s=in_range("std_s", std_s, 0.0, np.inf, open_lo=True, open_hi=True),
        cov_xs=in_range("cov_xs", cov_xs, 0.0, np.inf, open_lo=True, open_hi=True),
        rate_bits=non_negative("rate_bits", rate_bits),
        perception=non_negative("perception", perception),
        class_bits=real("class_bits", class_bits),
    )
    relation, h_s = theta / (std_s * std_x), _h_bits(std_s)
    if (relation > 1.0).any():
        raise InvalidArgument.of(
            "cov_xs", cov_xs, "must be at most std_x std_s", "check the covariance"
        )
    # The printed root in [0, std_x] of log(std_x/s) + (s^2 - std_x^2)/(2 std_x^2) = P.
    sigma = std_x * np.sqrt(-lambertw(-np.exp(-1.0 - 2.0 * nats), 0).real)
    least, border = _thresholds(relation, h_s, bits)
    case = _cases(least, border, h_s, _h_bits(std_x), bits, loss)
    left_rate = np.exp2(-2.0 * bits)
    left_class = 1.0 - _class_root(h_s, loss, "2") / relation**2
    left = np.where(case == 1, left_class, left_rate)
    rho = np.sqrt(1.0 - left)
    active = np.where(
        sigma <= std_x * rho, std_x**2 * left, std_x**2 + sigma**2 - 2.0 * std_x * sigma * rho
    )
    value = np.choose(case, [np.full_like(active, np.inf), active, active, np.zeros_like(active)])
    return PublishedValue(value=value[()], case=case[()])


def _class_root(h_s: Array, loss: Array, base: str) -> Array:
    """Return 1 - base^(-2 h(S) + 2 C) where C is below h(S); 0 elsewhere, where it is not used."""
    power = 2.0 * np.minimum(loss - h_s, 0.0)
    return -np.expm1(power if base == "e" else LN2 * power)
