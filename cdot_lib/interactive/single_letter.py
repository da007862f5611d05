"""Explorer of long blocks: what common randomness is worth to one bit, at any rate of it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cdot_lib.information import h_b
from cdot_lib.interactive.controls import bits, coin
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.single_letter import draw_point
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import bernoulli, limited_randomness, single_letter

__all__ = ["explore_single_letter"]


def explore_single_letter(
    *,
    q_x: float = 0.3,
    q_y: float = 0.25,
    rate_bits: float = 0.4,
    common_bits: float = 0.1,
) -> Explorer:
    """Show D over R for one letter and for long blocks, with sliders for coins and both rates.

    Parameters
    ----------
    q_x, q_y : float
        P(X = 1) and P(Y = 1) at the start, in [0.05, 0.95].
    rate_bits, common_bits : float
        R and R_c at the start, bits a letter, in [0, 1].

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
        name="single-letter",
        title="Distortion of one bit over the rate, with and without common randomness",
        controls=(
            coin("q_x", "p = P(X = 1)", q_x, edge=0.05),
            coin("q_y", "q = P(Y = 1)", q_y, edge=0.05),
            bits("rate_bits", "R, rate of the message", rate_bits),
            bits("common_bits", "R_c, rate of the shared dice", common_bits),
        ),
        draw=_draw,
        readout=_readout,
    )


def _draw(*, q_x: float, q_y: float, rate_bits: float, common_bits: float) -> Figure:
    coins = BernoulliProblem(q_x, q_y, 0.5)
    return draw_point(coins, rate_bits=rate_bits, common_bits=common_bits)


def _readout(*, q_x: float, q_y: float, rate_bits: float, common_bits: float) -> list[str]:
    coins = BernoulliProblem(q_x, q_y, 0.5)
    free = {"rate_bits": rate_bits, "class_bits": np.inf}
    one = bernoulli.distortion(coins, **free, given="yu").value
    best = single_letter.distortion(coins, **free)
    some = limited_randomness.bit(coins, rate_bits=rate_bits, common_bits=common_bits).value
    none = limited_randomness.bit(coins, rate_bits=rate_bits).value
    enough = max(float(h_b(q_y)) - rate_bits, 0.0)
    told = single_letter.information_of_tilt(coins, best.tilt)
    values = (
        f"Long blocks: D = {best.value:.4f} with common randomness, {some:.4f} with R_c bits of "
        f"it, {none:.4f} with none."
    )
    bounds = f"One letter, any amount: D = {one:.4f}. Optimal transport: {coins.d_min:.4f}."
    costs = (
        f"The coupling has I(X;Y) = {told:.4f} bits. R_c = H(Y) - R = {enough:.4f} bits a letter "
        "are enough."
    )
    return [values, bounds, costs]
