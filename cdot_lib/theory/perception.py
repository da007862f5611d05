r"""Gaussian rate, distortion and perception: the law of Y is close to a reference, not given.

X ~ N(mean_x, std_x^2) is seen by the encoder; Y may have any law within `perception` of
N(mean_ref, std_ref^2), in squared Wasserstein distance or in KL(p_Y || p_ref). At rate R no
coupling has a correlation above rho = sqrt(1 - 2^(-2R)), so a Y of mean m and standard
deviation s costs at least

.. math:: \sigma_X^2 2^{-2R} + (m_X - m)^2 + (\rho\,\sigma_X - s)^2,

and both divergences are smallest, for given m and s, when Y is Gaussian. What remains is a
projection in the half-plane of (mean, standard deviation): from the point
(mean_x, rho std_x) to the laws that perception allows. For W2^2 they are a disc; for KL they
are an oval, and with equal means an interval whose ends are values of Lambert's W.

A bound on h(S|Y) adds nothing but feasibility: the same coupling has the least h(S|Y) at its
rate (see :mod:`cdot_lib.theory.gaussian`).

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorems 5 to 7, with p_ref = p_X.
.. [zhang2021] G. Zhang, J. Qian, J. Chen, A. Khisti, Universal rate-distortion-perception
   representations for lossy compression, NeurIPS 2021: no class, W2^2 and p_ref = p_X.
.. [corless1996] R. Corless et al., On the Lambert W function, 1996.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import lambertw

from cdot_lib.errors import InvalidArgument, SolverError
from cdot_lib.problems import GaussianProblem
from cdot_lib.theory.gaussian import SLACK, class_bits_min, correlation_of_rate
from cdot_lib.validate import broadcast, choice, in_range, non_negative, real

__all__ = ["PerceptionTradeOff", "distortion", "kl_std_bounds"]

Array = NDArray[np.float64]

_ACTIVE = np.array(["infeasible", "rate", "perception"])

#: Below this P, Lambert's W is summed from its branch point, where its own argument has lost
#: the digits that matter; the first term left out is below 1e-15.
_SMALL = 1e-4

#: W at the branch point -1/e, in powers of sqrt(2 (1 + e z)) [corless1996].
_BRANCH = (-1.0, 1.0, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 680863 / 43545600)

#: Above this P the upper branch is found from the logarithm of exp(-1 - 2P), which underflows
#: near P = 354.
_LARGE = 300.0


@dataclass(frozen=True, eq=False)
class PerceptionTradeOff:
    """Points of the distortion-rate-perception-class function, and what attains each.

    Attributes
    ----------
    value : ndarray, shape (...)
        The optimal distortion; ``inf`` exactly where infeasible.
    feasible : ndarray of bool, shape (...)
        Whether the class bound can be met at that rate; always, if there is none.
    active : ndarray of str, shape (...)
        ``"perception"`` (it costs distortion), ``"rate"`` (perception is free) or
        ``"infeasible"``.
    mean, std : ndarray, shape (...)
        Of the attaining Gaussian Y; 0 where infeasible.
    correlation : ndarray, shape (...)
        Of X and that Y; 0 where infeasible.
    class_bits : ndarray, shape (...)
        h(S|Y) in bits; ``inf`` where infeasible or no label is given.
    """

    value: Array
    feasible: NDArray[np.bool_]
    active: NDArray[np.str_]
    mean: Array
    std: Array
    correlation: Array
    class_bits: Array


def distortion(
    *,
    mean_x: Any,
    std_x: Any,
    mean_ref: Any,
    std_ref: Any,
    rate_bits: Any,
    perception: Any,
    divergence: str = "w2",
    std_s: Any = None,
    cov_xs: Any = None,
    class_bits: Any = None,
) -> PerceptionTradeOff:
    """Least E (X - Y)^2 at a rate, a perception and, if asked, a class loss: D(R, P, C).

    Parameters
    ----------
    mean_x, std_x : array_like
        X ~ N(mean_x, std_x^2).
    mean_ref, std_ref : array_like
        The reference law; that of X in the source paper's theorems, that of the clean
        pictures in its experiments.
    rate_bits : array_like
        R >= 0, bound on I(X;Y) in bits; ``inf`` drops it.
    perception : array_like
        P >= 0, ``inf`` drops it: bound on W2^2(p_Y, p_ref), in squared units of X, or on
        KL(p_Y || p_ref), **in nats**.
    divergence : {"w2", "kl"}
        Which of the two.
    std_s, cov_xs, class_bits : array_like, optional
        Standard deviation of the label, Cov(X, S), and C, bound on h(S|Y) in bits. All three
        or none.

    Returns
    -------
    PerceptionTradeOff

    Raises
    ------
    InvalidArgument
        If a parameter is out of range, only part of the label is given, or the shapes do not
        broadcast.
    SolverError
        If the search for KL = P with unequal means does not converge.

    Notes
    -----
    Source: Theorem 7 of [nguyen2026]_, corrected (errata E1, E6) and generalised to any
    reference; claims ``thm-perception-w2`` and ``thm-perception-kl``.
    """
    kind = choice("divergence", divergence, ("w2", "kl"))
    fields = {"mean_x": mean_x, "std_x": std_x, "mean_ref": mean_ref, "std_ref": std_ref}
    arrays = {
        name: in_range(
            name, v, 0.0 if "std" in name else -np.inf, np.inf, open_lo=True, open_hi=True
        )
        for name, v in fields.items()
    }
    arrays["rate_bits"] = non_negative("rate_bits", rate_bits)
    arrays["perception"] = non_negative("perception", perception)
    least, cap = _label(arrays, std_s, cov_xs, class_bits)
    mean_x, std_x, mean_ref, std_ref, bits, room, least, cap = broadcast(
        **arrays, std_s=least, class_bits=cap
    )
    rho = correlation_of_rate(bits)
    shift, unit = mean_x - mean_ref, std_ref
    to_plane = _project_w2 if kind == "w2" else _project_kl
    mean, std, free = to_plane(shift / unit, rho * std_x / unit, room / unit**2, room)
    # Free perception leaves the point where it was: no rounding, no cost.
    mean = np.where(free, mean_x, mean_ref + unit * mean)
    std = np.where(free, rho * std_x, unit * std)
    value = std_x**2 * np.exp2(-2.0 * bits) + (mean_x - mean) ** 2 + (rho * std_x - std) ** 2
    feasible = least <= cap + SLACK
    return PerceptionTradeOff(
        value=np.where(feasible, value, np.inf)[()],
        feasible=feasible[()],
        active=_ACTIVE[np.where(feasible, np.where(free, 1, 2), 0)],
        mean=np.where(feasible, mean, 0.0)[()],
        std=np.where(feasible, std, 0.0)[()],
        correlation=np.where(feasible, rho, 0.0)[()],
        class_bits=np.where(feasible, least, np.inf)[()],
    )


def kl_std_bounds(perception: Any) -> tuple[Array, Array]:
    """Ends of the interval of s with KL(N(m, s^2) || N(m, 1)) <= P, P in nats.

    Parameters
    ----------
    perception : array_like
        P >= 0 in nats.

    Returns
    -------
    (lo, hi) : ndarray
        lo = sqrt(-W0(-e^(-1-2P))) <= 1 <= hi = sqrt(-W_{-1}(-e^(-1-2P))).

    Raises
    ------
    InvalidArgument
        If an entry is negative or NaN.
    """
    nats = non_negative("perception", perception)
    z = -np.exp(-1.0 - 2.0 * nats)
    lo, hi = (-lambertw(z, branch).real for branch in (0, -1))
    step = np.sqrt(-2.0 * np.expm1(-2.0 * nats))
    near = nats < _SMALL
    lo = np.where(near, -np.polynomial.polynomial.polyval(step, _BRANCH), lo)
    hi = np.where(near, -np.polynomial.polynomial.polyval(-step, _BRANCH), hi)
    # u = 1 + 2P + ln u contracts by 1/u < 1/600 a step.
    far = 1.0 + 2.0 * np.maximum(nats, _LARGE)
    for _ in range(6):
        far = 1.0 + 2.0 * np.maximum(nats, _LARGE) + np.log(far)
    hi = np.where(nats > _LARGE, far, hi)
    return np.sqrt(np.maximum(lo, 0.0)), np.sqrt(hi)


def _label(
    arrays: dict[str, Array], std_s: Any, cov_xs: Any, class_bits: Any
) -> tuple[Array, Array]:
    """Return the least h(S|Y) at the rate, and its bound; (inf, inf) without a label."""
    given = [value is not None for value in (std_s, cov_xs, class_bits)]
    if not any(given):
        return np.asarray(np.inf), np.asarray(np.inf)
    if not all(given):
        raise InvalidArgument.of(
            "std_s, cov_xs, class_bits",
            (std_s, cov_xs, class_bits),
            "must be given together",
            "give all three, or none to drop the label",
        )
    # The law of Y plays no part in what Y can tell about S.
    label = GaussianProblem(0.0, arrays["std_x"], 0.0, 1.0, std_s, cov_xs)
    return class_bits_min(label, rate_bits=arrays["rate_bits"]), real("class_bits", class_bits)


def _project_w2(
    shift: Array, spread: Array, room: Array, _: Array
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Project (shift, spread) on the disc of radius sqrt(room) around (0, 1)."""
    distance = np.hypot(shift, spread - 1.0)
    radius = np.sqrt(room)
    free = distance <= radius
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(free, 1.0, radius / distance)
    return share * shift, 1.0 + share * (spread - 1.0), free


def _project_kl(
    shift: Array, spread: Array, _: Array, nats: Array
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Project (shift, spread) on the laws with KL(. || N(0, 1)) <= nats."""
    free = _kl(shift, spread) <= nats
    lo, hi = kl_std_bounds(nats)
    # An array also for scalar input, since entries are assigned below.
    mean, std = np.zeros_like(shift), np.array(np.clip(spread, lo, hi))
    # With P at the rounding of 1 the reference itself is the answer, to its last digit.
    search = ~free & (shift != 0.0) & (nats > 1e-30)
    if search.any():
        found = elementwise.find_root(
            _excess,
            (0.0, 1.0),
            args=tuple(v[search] for v in (shift, spread, nats)),
            tolerances={"xrtol": 1e-13},
        )
        if not found.success.all():
            raise SolverError(
                f"KL = perception was not solved at {int((~found.success).sum())} of "
                f"{found.success.size} points; the bracket is sound, so report this input"
            )
        # At w = 0 KL is infinite; P may be so large that its w is below all floats.
        w = np.maximum(found.x, 1e-150)
        mean[search] = _weight(w) * shift[search]
        std[search] = _std_on_path(w, spread[search])
    return mean, std, free


def _kl(mean: Array, std: Array) -> Array:
    """Return KL(N(mean, std^2) || N(0, 1)) in nats; inf at std = 0."""
    more = (std - 1.0) * (std + 1.0)
    # Each logarithm where it keeps its digits: std near 1, std near 0.
    with np.errstate(divide="ignore"):
        logs = np.where(std > 0.5, np.log1p(np.maximum(more, -0.75)), 2.0 * np.log(std))
    return 0.5 * (more - logs + mean**2)


def _weight(w: Array) -> Array:
    """Return t = 1 - w^2, the share of the way from the reference to the mean of X."""
    return (1.0 - w) * (1.0 + w)


def _std_on_path(w: Array, spread: Array) -> Array:
    """Return the standard deviation that goes with the mean t * shift, t = 1 - w^2.

    Stationarity of distortion + 2 l KL in both coordinates, where t = 1/(1 + l) and l is the
    multiplier of KL: the path runs from the reference (w = 1) to the point itself (w = 0).
    In w small deviations keep their digits.
    """
    along = spread * _weight(w)
    return 0.5 * (along + np.sqrt(along**2 + 4.0 * w**2))


def _excess(w: Array, shift: Array, spread: Array, nats: Array) -> Array:
    """Return what KL exceeds P by, bent so that it is finite at w = 0."""
    kl = _kl(_weight(w) * shift, _std_on_path(w, spread))
    bent = 1.0 / np.sqrt(1.0 + 1.0 / np.maximum(kl, 1e-300))
    return bent - np.sqrt(nats / (1.0 + nats))
