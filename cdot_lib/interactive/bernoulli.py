"""Explorer of one bit: D over (R, C), and the codec at a chosen point."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from cdot_lib.information import h_b
from cdot_lib.interactive.controls import Choice, Slider, bits, coin
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.bernoulli import draw_codec
from cdot_lib.problems import BernoulliProblem
from cdot_lib.results import MAP_NAMES
from cdot_lib.theory import bernoulli

__all__ = ["explore_bernoulli", "least_class_bits"]

Given = Literal["yu", "y"]

_READINGS = {"yu": "H(S|Y,U)", "y": "H(S|Y)"}
_DECIDED_BY = {
    "rate": "decided by the rate: more rate would buy agreement",
    "class": "decided by the class bound: the label costs distortion",
    "transport": "the optimal transport cost |p - q|: no bound is in the way",
}


def explore_bernoulli(
    *,
    q_x: float = 0.3,
    q_y: float = 0.25,
    q_s1: float = 0.2,
    rate_bits: float = 0.65,
    class_bits: float = 0.8,
    given: Given = "yu",
) -> Explorer:
    """Show the plane of D(R, C) with sliders for the coins, the bounds and the reading.

    Parameters
    ----------
    q_x, q_y : float
        P(X = 1) and P(Y = 1) at the start, in [0.02, 0.98].
    q_s1 : float
        P(S1 = 1) at the start, in [0, 1].
    rate_bits, class_bits : float
        The point that is read out at the start, in [0, 1] each.
    given : {"yu", "y"}
        The reading of the class constraint at the start.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its slider.
    """
    return Explorer(
        name="bernoulli",
        title="Distortion of one bit over rate and class bound, and the best codec",
        controls=(
            coin("q_x", "p = P(X = 1)", q_x),
            coin("q_y", "q = P(Y = 1)", q_y),
            Slider(name="q_s1", label="s = P(S₁ = 1), noise of the label", value=q_s1),
            bits("rate_bits", "R, bound on the rate", rate_bits),
            bits("class_bits", "C, bound on the class loss", class_bits),
            Choice(
                name="given",
                label="Class loss",
                options=(
                    ("yu", "H(S|Y,U): the classifier knows U"),
                    ("y", "H(S|Y): it sees Y alone"),
                ),
                value=given,
            ),
        ),
        draw=_draw,
        readout=_readout,
    )


def _draw(
    *, q_x: float, q_y: float, q_s1: float, rate_bits: float, class_bits: float, given: Given
) -> Figure:
    coins = BernoulliProblem(q_x, q_y, q_s1)
    return draw_codec(coins, rate_bits=rate_bits, class_bits=class_bits, given=given)


def least_class_bits(problem: BernoulliProblem, *, rate_bits: float, given: Given) -> float:
    """Return the least class loss that any codec has at a rate, in bits.

    Parameters
    ----------
    problem : BernoulliProblem
        Three numbers, no arrays.
    rate_bits : float
        R >= 0; ``inf`` drops the bound.
    given : {"yu", "y"}
        Which class loss.
    """
    q_x, q_y = problem.q_x, problem.q_y
    turnover = min(rate_bits / float(h_b(q_x)), 1.0)
    if given == "yu":
        turnover = min(turnover, min(q_y, 1.0 - q_y) / min(q_x, 1.0 - q_x))
        return float(turnover * h_b(problem.q_s1) + (1.0 - turnover) * h_b(problem.q_s))
    agree = min(turnover, q_y / q_x, (1.0 - q_y) / (1.0 - q_x))
    oppose = -min(turnover, q_y / (1.0 - q_x), (1.0 - q_y) / q_x)
    return float(bernoulli.class_bits_given_y(problem, tilt=np.array([agree, oppose])).min())


def _readout(
    *, q_x: float, q_y: float, q_s1: float, rate_bits: float, class_bits: float, given: Given
) -> list[str]:
    coins = BernoulliProblem(q_x, q_y, q_s1)
    point = bernoulli.distortion(coins, rate_bits=rate_bits, class_bits=class_bits, given=given)
    loss = _READINGS[given]
    if not point.feasible:
        here = least_class_bits(coins, rate_bits=rate_bits, given=given)
        ever = least_class_bits(coins, rate_bits=np.inf, given=given)
        return [
            f"Infeasible: no code meets both bounds. At this rate {loss} is {here:.4f} bits "
            f"or more, at any rate {ever:.4f} bits or more.",
        ]
    identity, _, _, opposite = point.weights
    turnover, tilt = identity + opposite, identity - opposite
    known = turnover * h_b(q_s1) + (1.0 - turnover) * h_b(coins.q_s)
    unknown = bernoulli.class_bits_given_y(coins, tilt=tilt)
    weights = ", ".join(f"{n} {w:.4f}" for n, w in zip(MAP_NAMES, point.weights, strict=True))
    return [
        f"D = {point.value:.4f}, {_DECIDED_BY[str(point.active)]}.",
        f"Weights: {weights}.",
        f"Spent: rate {turnover * h_b(q_x):.4f} bits, H(S|Y,U) = {known:.4f} bits, "
        f"H(S|Y) = {unknown:.4f} bits.",
    ]
