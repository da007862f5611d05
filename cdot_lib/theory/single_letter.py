r"""Theorem 3 for one bit: the least distortion of one coupling, D_star(R, C).

With common randomness and blocks of any length, the best mean distortion is a problem over
couplings of one letter [nguyen2026]_:

.. math:: D_\star(R, C) = \inf_{p_{Y|X}} E\,d(X,Y) \quad\text{s.t.}\quad
   I(X;Y) \le R,\; H(S|Y) \le C,\; Y \sim p_Y .

Without a class bound this is what long blocks reach. With one, they reach the lower convex
envelope of D_star over (R, C), which may be lower (the chapter says where): the class loss of a
block is a mean over its letters, and these may follow different couplings.

For bits a coupling has one free number, the tilt e:
P(X=1, Y=1) = q_x q_y + q_x (1-q_x) e. The distortion d_ind - 2 q_x (1-q_x) e is linear in e, the
information I(e) is convex and least (0) at e = 0, and H(S|Y) is concave and greatest there. So the
rate admits an interval around 0, the label what lies outside another interval around 0, and the
best tilt is the largest that both leave: a root of one monotone function.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 3.
.. [cuff2013] P. Cuff, Distributed channel synthesis, IEEE Trans. Information Theory 59, 2013:
   why the rate I(X;Y) needs common randomness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import xlog1py

from cdot_lib.errors import SolverError
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.units import LN2
from cdot_lib.validate import broadcast, non_negative, real

__all__ = ["SLACK", "SingleLetter", "distortion", "information_of_tilt", "rate"]

Array = NDArray[np.float64]

#: The class bound is widened by this many bits, as in :mod:`cdot_lib.theory.bernoulli`, so that
#: a point fed back into the inverse function stays feasible.
SLACK = 1e-12

_DISTORTION_ACTIVE = np.array(["rate", "class", "transport"])
_RATE_ACTIVE = np.array(["distortion", "class", "none"])


@dataclass(frozen=True, eq=False)
class SingleLetter:
    """Points of the single-letter trade-off of one bit.

    Attributes
    ----------
    value : ndarray, shape (...)
        Distortion, or rate in bits; ``inf`` where infeasible.
    feasible : ndarray of bool, shape (...)
    active : ndarray of str, shape (...)
        What decides: ``"rate"`` or ``"distortion"`` (the other bound), ``"class"``,
        ``"transport"`` (no rate helps further), ``"none"`` (zero rate suffices) or
        ``"infeasible"``.
    tilt : ndarray, shape (...)
        The best e; zero where infeasible.
    joint : ndarray, shape (..., 2, 2)
        P(X = x, Y = y) at the best tilt; zero where infeasible.
    """

    value: Array
    feasible: NDArray[np.bool_]
    active: NDArray[np.str_]
    tilt: Array
    joint: Array


def information_of_tilt(problem: BernoulliProblem, tilt: Any) -> Array:
    """I(X;Y) in bits of the coupling with this tilt; ``inf`` where there is none.

    Parameters
    ----------
    problem : BernoulliProblem
        May hold arrays.
    tilt : array_like
        e, with P(X=1, Y=1) = q_x q_y + q_x (1-q_x) e.

    Raises
    ------
    InvalidArgument
        If `tilt` is NaN or does not broadcast.
    """
    p, q, _, e = _broadcast(problem, real("tilt", tilt))
    low, high = _tilt_range(p, q)
    inside = (e >= low - SLACK) & (e <= high + SLACK)
    return np.where(inside, _information(np.clip(e, low, high), p, q), np.inf)[()]


def distortion(problem: BernoulliProblem, *, rate_bits: Any, class_bits: Any) -> SingleLetter:
    """Least P(X != Y) with I(X;Y) <= R and H(S|Y) <= C: D_star(R, C).

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins; may hold arrays.
    rate_bits, class_bits : array_like
        Bits, zero or more; ``inf`` drops the bound.

    Returns
    -------
    SingleLetter

    Raises
    ------
    InvalidArgument
        If a bound is negative or NaN, or the shapes do not broadcast.
    SolverError
        If a root search does not converge.

    Notes
    -----
    Claim ``thm-single-letter``.
    """
    bits, losses = non_negative("rate_bits", rate_bits), non_negative("class_bits", class_bits)
    p, q, s, bits, losses = _broadcast(problem, bits, losses)
    low, high = _tilt_range(p, q)
    most = _root(lambda e, p, q, r: _information(e, p, q) - r, high, p, q, bits)
    least = _root(lambda e, p, q, r: _information(e, p, q) - r, low, p, q, bits)
    agree, oppose = _class_tilts(p, q, s, losses)
    agrees, opposes = agree <= most + SLACK, oppose >= least - SLACK
    tilt = np.where(agrees, most, oppose)
    code = np.where(agrees, np.where(most < high, 0, 2), 1)
    value = p + q - 2.0 * p * q - 2.0 * p * (1.0 - p) * tilt
    return _result(p, q, value, agrees | opposes, tilt, _DISTORTION_ACTIVE[code])


def rate(problem: BernoulliProblem, *, distortion: Any, class_bits: Any) -> SingleLetter:
    """Least I(X;Y) with P(X != Y) <= D and H(S|Y) <= C: R_star(D, C), in bits.

    Parameters, result and exceptions are those of :func:`distortion`, with `distortion` a bound
    on P(X != Y).
    """
    bound, losses = non_negative("distortion", distortion), non_negative("class_bits", class_bits)
    p, q, s, bound, losses = _broadcast(problem, bound, losses)
    low, high = _tilt_range(p, q)
    needed = (p + q - 2.0 * p * q - bound) / (2.0 * p * (1.0 - p))
    agree, oppose = _class_tilts(p, q, s, losses)
    class_decides = agree > np.maximum(needed, 0.0)
    agree = np.maximum(agree, np.maximum(needed, 0.0))
    agrees, opposes = agree <= high + SLACK, (oppose >= needed - SLACK) & np.isfinite(oppose)
    agree, oppose = np.minimum(agree, high), np.maximum(oppose, low)
    bits = np.where(agrees, _information(agree, p, q), np.inf)
    against = np.where(opposes, _information(oppose, p, q), np.inf)
    flipped = against < bits
    tilt = np.where(flipped, oppose, agree)
    code = np.where(flipped | class_decides, 1, np.where(needed > 0, 0, 2))
    code = np.where(tilt == 0.0, 2, code)
    return _result(p, q, np.minimum(bits, against), agrees | opposes, tilt, _RATE_ACTIVE[code])


def _broadcast(problem: BernoulliProblem, *others: Array) -> tuple[Array, ...]:
    named = {f"argument_{i}": other for i, other in enumerate(others)}
    coins = {name: np.asarray(getattr(problem, name)) for name in ("q_x", "q_y", "q_s1")}
    return broadcast(**coins, **named)


def _tilt_range(p: Array, q: Array) -> tuple[Array, Array]:
    """The most anti-correlated and the most correlated coupling with these marginals."""
    return -np.minimum(q / (1.0 - p), (1.0 - q) / p), np.minimum(q / p, (1.0 - q) / (1.0 - p))


def _cells(shift: Array, p: Array, q: Array) -> tuple[tuple[Array, Array], ...]:
    """Cells 00, 01, 10, 11 of the independent law, and the relative move of each by `shift`."""
    independent = ((1 - p) * (1 - q), (1 - p) * q, p * (1 - q), p * q)
    # Rounding may ask for more than a cell holds by an ulp.
    return tuple((m, np.maximum(k * shift / m, -1.0)) for m, k in zip(independent, (1, -1, -1, 1)))


def _divergence(shift: Array, p: Array, q: Array) -> Array:
    """Mutual information of two bits whose cells are moved by `shift`, in bits.

    Written with log(1 + d), so that it keeps its digits near independence, where it is d^2/2.
    """
    terms = (m * (xlog1py(1.0 + d, d) - d) for m, d in _cells(shift, p, q))
    return np.maximum(sum(terms), 0.0) / LN2


def _information(e: Array, p: Array, q: Array) -> Array:
    return _divergence(p * (1.0 - p) * e, p, q)


def _label_information(e: Array, p: Array, q: Array, s: Array) -> Array:
    """I(S;Y): S and Y are bits, too, whose cells move by 1 - 2s as much."""
    return _divergence((1.0 - 2.0 * s) * p * (1.0 - p) * e, p + s - 2.0 * p * s, q)


def _class_tilts(p: Array, q: Array, s: Array, class_bits: Array) -> tuple[Array, Array]:
    """Tilts nearest 0 on either side with H(S|Y) <= C; plus and minus infinity if none."""
    asked = h_b(p + s - 2.0 * p * s) - class_bits - SLACK
    found = []
    for end in reversed(_tilt_range(p, q)):
        none = np.copysign(np.inf, end)
        reach = _label_information(end, p, q, s)
        root = _root(lambda e, p, q, s, a: _label_information(e, p, q, s) - a, end, p, q, s, asked)
        found.append(np.where(asked <= 0, 0.0, np.where(reach >= asked, root, none)))
    return found[0], found[1]


def _root(function: Callable[..., Array], end: Array, *args: Array) -> Array:
    """The tilt between 0 and `end` where an increasing function passes 0, or `end` if none does."""
    root = np.where(function(end, *args) > 0, 0.0, end)
    inner = (function(np.zeros_like(end), *args) < 0) & (function(end, *args) > 0)
    if inner.any():
        stop, *rest = (a[inner] for a in (end, *args))
        found = elementwise.find_root(function, (np.zeros_like(stop), stop), args=tuple(rest))
        if not np.all(found.success):
            raise SolverError("a bracketed root was not found; report the problem as a bug")
        root[inner] = found.x
    return root


def _result(
    p: Array,
    q: Array,
    value: Array,
    feasible: NDArray[np.bool_],
    tilt: Array,
    words: NDArray[np.str_],
) -> SingleLetter:
    tilt = np.where(feasible, tilt, 0.0)
    cells = [m * (1.0 + d) for m, d in _cells(p * (1.0 - p) * tilt, p, q)]
    joint = np.stack(cells, axis=-1).reshape(*tilt.shape, 2, 2)
    return SingleLetter(
        value=np.where(feasible, np.maximum(value, 0.0), np.inf)[()],
        feasible=feasible[()],
        active=np.where(feasible, words, "infeasible")[()],
        tilt=tilt[()],
        joint=np.where(feasible[..., None, None], joint, 0.0),
    )
