r"""The corrected Bernoulli theorem: distortion, rate and class loss of one bit.

X ~ Bern(q_x) is seen by the encoder, Y ~ Bern(q_y) must come out, S = X xor S1 is the
label, the distortion is P(X != Y). With common randomness U, a codec is a mixture of the
four maps of one bit. Write `w` for the four weights, in the order identity, zero, one,
not, and

* ``turnover`` A = w_identity + w_not: the share of the time in which Y listens to X;
* ``tilt`` e = w_identity - w_not: in which sense it listens.

Then the rate is A h_b(q_x), the distortion is d_ind - 2 q_x (1-q_x) e, H(S|Y,U) is affine
in A, and H(S|Y) depends on e alone. The two readings of the class constraint,
``given="yu"`` for H(S|Y,U) and ``given="y"`` for H(S|Y), therefore have different answers.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 2, corrected here; the
   formula as printed is in :mod:`cdot_lib.theory.published`.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise

from cdot_lib.errors import SolverError
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.results import TradeOff
from cdot_lib.validate import broadcast, choice, non_negative, real

__all__ = ["SLACK", "class_bits_given_y", "distortion", "rate"]

Array = NDArray[np.float64]
Given = Literal["yu", "y"]

#: The class bound is widened by this many bits, and weights are compared up to this much: some
#: thousand roundings of a float64, so that a point fed back into the inverse function stays
#: feasible. The widened bound is used throughout; a bound that is widened for feasibility alone
#: would make the value depend on the rate in the wrong direction where the label is near noise.
SLACK = 1e-12

_DISTORTION_ACTIVE = np.array(["infeasible", "rate", "class", "transport"])
_RATE_ACTIVE = np.array(["infeasible", "distortion", "class", "none"])


class _Point(NamedTuple):
    """A problem broadcast against the arguments, with what both readings need."""

    p: Array
    q: Array
    s: Array
    first: Array
    class_bits: Array
    h_x: Array
    spread: Array
    tilt_max: Array
    tilt_min: Array


def _point(problem: BernoulliProblem, first: Array, class_bits: Any) -> _Point:
    p, q, s, first, class_bits = broadcast(
        q_x=np.asarray(problem.q_x),
        q_y=np.asarray(problem.q_y),
        q_s1=np.asarray(problem.q_s1),
        first_argument=first,
        class_bits=non_negative("class_bits", class_bits),
    )
    return _Point(
        p=p,
        q=q,
        s=s,
        first=first,
        class_bits=class_bits + SLACK,
        h_x=h_b(p),
        spread=2.0 * p * (1.0 - p),
        # The most correlated and the most anti-correlated coupling with these marginals.
        tilt_max=np.minimum(q / p, (1.0 - q) / (1.0 - p)),
        tilt_min=-np.minimum(q / (1.0 - p), (1.0 - q) / p),
    )


def distortion(
    problem: BernoulliProblem,
    *,
    rate_bits: Any,
    class_bits: Any,
    given: Given,
) -> TradeOff:
    """Least P(X != Y) at a rate and a class loss: D(R, C).

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins; may hold arrays.
    rate_bits : array_like
        R >= 0, bound on H(Z|U) in bits; ``inf`` drops it.
    class_bits : array_like
        C >= 0, bound on the class loss in bits; ``inf`` drops it.
    given : {"yu", "y"}
        Class loss H(S|Y,U) (the classifier knows U, as a decoder does) or H(S|Y) (it sees
        the picture alone, as in Definition 2 of [nguyen2026]_).

    Returns
    -------
    TradeOff
        `value` in [0, 1], or ``inf``. `active` is ``"rate"`` (one more bit would help),
        ``"class"`` (the label costs distortion), ``"transport"`` (the optimal transport
        cost |q_x - q_y| is reached) or ``"infeasible"``.

    Raises
    ------
    InvalidArgument
        If a bound is negative or NaN, `given` is unknown, or the shapes do not broadcast.
    SolverError
        If the root search of ``given="y"`` does not converge.

    Notes
    -----
    Source: Theorem 2 of [nguyen2026]_, corrected (errata E1 to E4); claims
    ``thm-bernoulli-drc-yu`` and ``thm-bernoulli-drc-y``.
    """
    reading = choice("given", given, ("yu", "y"))
    pt = _point(problem, non_negative("rate_bits", rate_bits), class_bits)
    turnover_of_rate = np.minimum(pt.first / pt.h_x, 1.0)
    if reading == "yu":
        least, most = _class_turnover(pt), _turnover_max(pt)
        cap = np.minimum(turnover_of_rate, most)
        feasible = least <= cap + SLACK
        turnover = np.minimum(np.maximum(pt.tilt_max, least), cap)
        tilt = _best_tilt(pt, turnover)
        code = np.where(least > pt.tilt_max + SLACK, 2, np.where(cap < pt.tilt_max - SLACK, 1, 3))
    else:
        agree, agree_feasible = _tilt_of_loss(pt, pt.tilt_max)
        oppose, oppose_feasible = _tilt_of_loss(pt, pt.tilt_min)
        meets = agree_feasible & (agree <= turnover_of_rate + SLACK)
        feasible = meets | (oppose_feasible & (-oppose <= turnover_of_rate + SLACK))
        most = np.minimum(turnover_of_rate, pt.tilt_max)
        tilt = np.where(meets, most, np.maximum(oppose, -turnover_of_rate))
        turnover = np.abs(tilt)
        code = np.where(meets, np.where(most < pt.tilt_max - SLACK, 1, 3), 2)
    value = pt.p + pt.q - 2.0 * pt.p * pt.q - pt.spread * tilt
    return _result(pt, value, feasible, _DISTORTION_ACTIVE, code, turnover, tilt)


def rate(
    problem: BernoulliProblem,
    *,
    distortion: Any,
    class_bits: Any,
    given: Given,
) -> TradeOff:
    """Least rate at a distortion and a class loss: R(D, C), in bits.

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins; may hold arrays.
    distortion : array_like
        D >= 0, bound on P(X != Y); ``inf`` drops it.
    class_bits : array_like
        C >= 0, bound on the class loss in bits; ``inf`` drops it.
    given : {"yu", "y"}
        As in :func:`distortion`.

    Returns
    -------
    TradeOff
        `value` in bits, in [0, h_b(q_x)], or ``inf``. `active` is ``"distortion"`` or
        ``"class"`` (the dearer of the two), ``"none"`` (zero rate suffices) or
        ``"infeasible"``.

    Raises
    ------
    InvalidArgument, SolverError
        As in :func:`distortion`.

    Notes
    -----
    Source: the inverse of Theorem 2 of [nguyen2026]_ (its RDC function); claim
    ``thm-bernoulli-rdc``. For ``given="yu"`` it is the larger of two rates, which is what the
    published RDC function says, within the limits that the prescribed law of Y sets.
    """
    reading = choice("given", given, ("yu", "y"))
    pt = _point(problem, non_negative("distortion", distortion), class_bits)
    tilt_needed = (pt.p + pt.q - 2.0 * pt.p * pt.q - pt.first) / pt.spread
    if reading == "yu":
        least, most = _class_turnover(pt), _turnover_max(pt)
        turnover = np.minimum(np.maximum(np.maximum(least, tilt_needed), 0.0), most)
        tilt = _best_tilt(pt, turnover)
        feasible = (tilt >= tilt_needed - SLACK) & (least <= most + SLACK)
        code = np.where(least > np.maximum(tilt_needed, 0.0), 2, np.where(tilt_needed > 0, 1, 3))
    else:
        agree, agree_feasible = _tilt_of_loss(pt, pt.tilt_max)
        oppose, oppose_feasible = _tilt_of_loss(pt, pt.tilt_min)
        class_decides = agree > np.maximum(tilt_needed, 0.0)
        agree = np.maximum(np.maximum(agree, tilt_needed), 0.0)
        agree_feasible &= agree <= pt.tilt_max + SLACK
        oppose_feasible &= oppose >= tilt_needed - SLACK
        flipped = oppose_feasible & ~(agree_feasible & (agree <= -oppose))
        feasible = agree_feasible | oppose_feasible
        tilt = np.where(flipped, oppose, np.minimum(agree, pt.tilt_max))
        turnover = np.abs(tilt)
        code = np.where(flipped | class_decides, 2, np.where(tilt_needed > 0, 1, 3))
        code = np.where(turnover == 0.0, 3, code)
    return _result(pt, turnover * pt.h_x, feasible, _RATE_ACTIVE, code, turnover, tilt)


def class_bits_given_y(problem: BernoulliProblem, *, tilt: Any) -> Array:
    """H(S|Y) in bits, when the weights of "identity" and "not" differ by `tilt`.

    Parameters
    ----------
    problem : BernoulliProblem
        The three coins; may hold arrays.
    tilt : array_like
        e = w_identity - w_not. Values that no coupling with these marginals reaches give
        ``inf``.

    Returns
    -------
    ndarray
        Bits in [0, 1], or ``inf``; concave in `tilt`, greatest at 0.

    Raises
    ------
    InvalidArgument
        If `tilt` is NaN or does not broadcast.
    """
    pt = _point(problem, real("tilt", tilt), np.inf)
    reachable = (pt.first <= pt.tilt_max + SLACK) & (pt.first >= pt.tilt_min - SLACK)
    inside = np.clip(pt.first, pt.tilt_min, pt.tilt_max)
    return np.where(reachable, _loss_given_y(pt, inside), np.inf)[()]


def _class_turnover(pt: _Point) -> Array:
    """Return the least turnover A with A h_b(s) + (1-A) h_b(r) <= C; inf where none exists."""
    h_r = h_b(_xor(pt.p, pt.s))
    gain, missing = h_r - h_b(pt.s), h_r - pt.class_bits
    # A label of pure noise (gain 0) is learnt by nobody: 0 turnover, or none at all.
    ratio = np.divide(missing, gain, out=np.full_like(gain, np.inf), where=gain > 0)
    return np.where(missing <= 0, 0.0, ratio)


def _turnover_max(pt: _Point) -> Array:
    """Return the largest share of "identity" and "not" together that leaves P(Y = 1) = q."""
    rarer = np.minimum(pt.p, 1.0 - pt.p)
    return np.minimum(1.0, np.minimum(pt.q, 1.0 - pt.q) / rarer)


def _best_tilt(pt: _Point, turnover: Array) -> Array:
    """Return the largest tilt e at turnover A: all identity, until the marginal asks for "not"."""
    skew = np.abs(1.0 - 2.0 * pt.p)
    room = 2.0 * np.where(pt.p <= 0.5, 1.0 - pt.q, pt.q) - turnover
    # At p = 1/2 the turnover never exceeds what identity alone can take.
    bound = np.divide(room, skew, out=np.full_like(skew, np.inf), where=skew > 0)
    return np.minimum(turnover, bound)


def _loss_given_y(pt: _Point, tilt: Array) -> Array:
    """Return H(S|Y) at a tilt that the marginals allow."""
    return _loss(tilt, pt.p, pt.q, pt.s)


def _loss(tilt: Array, p: Array, q: Array, s: Array) -> Array:
    lift = p * (1.0 - p) * tilt
    # Rounding may leave [0, 1] by an ulp at the extreme couplings.
    x_given_1 = np.clip(p + lift / q, 0.0, 1.0)
    x_given_0 = np.clip(p - lift / (1.0 - q), 0.0, 1.0)
    return q * h_b(_xor(x_given_1, s)) + (1.0 - q) * h_b(_xor(x_given_0, s))


def _tilt_of_loss(pt: _Point, end: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the tilt nearest 0, between 0 and `end`, at which H(S|Y) <= C, and if there is one.

    H(S|Y) falls from 0 towards either end, so there is at most one crossing.
    """
    at_rest = _loss_given_y(pt, np.zeros_like(pt.p)) <= pt.class_bits
    at_end = _loss_given_y(pt, end) - pt.class_bits
    feasible = at_rest | (at_end <= 0)
    tilt = np.where(at_rest, 0.0, end)
    search = ~at_rest & (at_end < 0)
    if search.any():
        args = tuple(v[search] for v in (pt.p, pt.q, pt.s, pt.class_bits))
        found = elementwise.find_root(
            lambda e, p, q, s, c: _loss(e, p, q, s) - c, (end[search], 0.0 * end[search]), args=args
        )
        if not found.success.all():
            raise SolverError(
                f"H(S|Y) = class_bits was not solved at {int((~found.success).sum())} of "
                f"{found.success.size} points; the bracket is sound, so report this input"
            )
        tilt[search] = found.x
    return tilt, feasible


def _xor(a: Array, b: Array) -> Array:
    """Return P(A xor B = 1) of independent coins."""
    return a + b - 2.0 * a * b


def _result(
    pt: _Point,
    value: Array,
    feasible: NDArray[np.bool_],
    words: NDArray[np.str_],
    code: NDArray[np.int_],
    turnover: Array,
    tilt: Array,
) -> TradeOff:
    identity, opposite = (turnover + tilt) / 2.0, (turnover - tilt) / 2.0
    one = pt.q - identity * pt.p - opposite * (1.0 - pt.p)
    weights = np.stack([identity, 1.0 - turnover - one, one, opposite], axis=-1)
    # Rounding may leave a weight an ulp below zero.
    weights = np.where(feasible[..., None], np.maximum(weights, 0.0), 0.0)
    both = pt.p * (weights[..., 0] + weights[..., 2])
    one_zero = pt.p * (weights[..., 1] + weights[..., 3])
    zero_one = (1.0 - pt.p) * (weights[..., 2] + weights[..., 3])
    neither = (1.0 - pt.p) * (weights[..., 0] + weights[..., 1])
    joint = np.stack(
        [np.stack([neither, zero_one], axis=-1), np.stack([one_zero, both], axis=-1)], axis=-2
    )
    return TradeOff(
        value=np.where(feasible, np.maximum(value, 0.0), np.inf)[()],
        feasible=feasible[()],
        active=words[np.where(feasible, code, 0)],
        weights=weights,
        joint=joint,
    )
