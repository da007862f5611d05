"""Explorer of a price: dithered codecs of a Gaussian, what a price picks of them, long blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cdot_lib.interactive.controls import Slider, Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.style import COLORS
from cdot_lib.theory import perception as perception_theory
from cdot_lib.theory.dithered_realism import dithered_channel
from cdot_lib.theory.rate_perception import gaussian_perception
from cdot_lib.theory.universal import INTERVAL_LOSS

__all__ = ["BOUNDS", "STEPS", "PricePoint", "explore_price", "price_point"]

#: Steps that the explorer can show, in deviations of the source: twelve to a doubling.
STEPS = tuple(round(2.0 ** (k / 12), 3) for k in range(-18, 43))

#: Bounds on W2^2 that it can show; with 1 even a constant output is near enough.
BOUNDS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)

#: Rates run to this on the picture.
_MOST_BITS = 3.6


@dataclass(frozen=True)
class PricePoint:
    """What one step costs at a price, and what the price picks.

    Attributes
    ----------
    rate_bits, distortion, cost : float
        Of the step: H(Q|U), the least squared error within the bound, and the sum of the error
        and the price of the rate.
    needed_bits : float
        R(D, P) of long blocks at this distortion.
    best_step : float or None
        Where the cost is least among :data:`STEPS`; None if sending nothing costs less.
    best_bits, best_distortion, best_cost : float
        Of it.
    blocks_bits, blocks_distortion, blocks_cost : float
        Where D(R, P) of long blocks has the slope -price.
    """

    rate_bits: float
    distortion: float
    cost: float
    needed_bits: float
    best_step: float | None
    best_bits: float
    best_distortion: float
    best_cost: float
    blocks_bits: float
    blocks_distortion: float
    blocks_cost: float


@cache
def _tables() -> dict[str, list[float]]:
    """Rate, error and W2 of the posterior mean at each step, to ten digits."""
    channels = [dithered_channel(step) for step in STEPS]
    rows = {
        "rates": [c.rate_bits for c in channels],
        "errors": [c.least_mse for c in channels],
        "distances": [c.distance for c in channels],
    }
    return {"steps": list(STEPS)} | {n: np.round(row, 10).tolist() for n, row in rows.items()}


def _codes(perception: float) -> tuple[list[float], list[float]]:
    """Return rate and distortion of each step, and at last of sending nothing."""
    tables, near = _tables(), math.sqrt(perception)
    errors, distances = [*tables["errors"], 1.0], [*tables["distances"], 1.0]
    missing = [max(0.0, distance - near) for distance in distances]
    found = [error + far * far for error, far in zip(errors, missing, strict=True)]
    return [*tables["rates"], 0.0], found


def _blocks(price: float, perception: float) -> tuple[float, float]:
    """Return rate and distortion at which D(R, P) of N(0, 1) has the slope -price."""
    least = 1.0 - math.sqrt(perception)
    exchange = price / (2.0 * math.log(2.0))
    # The correlation: if the bound on the law is free, 2^(-2R) = exchange; otherwise a root.
    rho = math.sqrt(max(1.0 - exchange, 0.0))
    if rho < least:
        half = 0.5 * exchange / least
        rho = math.sqrt(half * half + 1.0) - half
    share = 1.0 - rho * rho
    far = max(0.0, least - rho)
    return max(-0.5 * math.log2(share), 0.0), share + far * far


def price_point(*, price: float, perception: float, step: float) -> PricePoint:
    """Weigh one step against the others at a price of rate, with a bound on realism.

    Parameters
    ----------
    price : float
        Of a bit, positive, below 2 ln 2.
    perception : float
        Bound on W2^2(p_Y, p_X), in [0, 1].
    step : float
        One of :data:`STEPS`.
    """
    rates, errors = _codes(perception)
    costs = [error + price * rate for error, rate in zip(errors, rates, strict=True)]
    at, best = STEPS.index(step), costs.index(min(costs))
    blocks_bits, blocks_distortion = _blocks(price, perception)
    return PricePoint(
        rate_bits=rates[at],
        distortion=errors[at],
        cost=costs[at],
        needed_bits=float(gaussian_perception(1.0, errors[at], perception)),
        best_step=STEPS[best] if best < len(STEPS) else None,
        best_bits=rates[best],
        best_distortion=errors[best],
        best_cost=costs[best],
        blocks_bits=blocks_bits,
        blocks_distortion=blocks_distortion,
        blocks_cost=blocks_distortion + price * blocks_bits,
    )


def explore_price(
    *, price: float = 0.2, perception: float = 0.01, step: float = 4.0
) -> Explorer:
    """Show dithered codecs of a Gaussian, what each costs at a price of rate, and what it loses.

    Parameters
    ----------
    price : float
        Of a bit at the start, in [0.02, 1].
    perception : float
        Bound on W2^2 at the start, one of :data:`BOUNDS`.
    step : float
        Width of the cell that is read out at the start, one of :data:`STEPS`.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a start value is outside its control.
    """
    return Explorer(
        name="price",
        title="Dithered codecs of a Gaussian, and the one that a price of rate picks",
        controls=(
            Slider(name="price", label="λ, price of a bit", minimum=0.02, value=price),
            Stops(name="perception", label="P, bound on W₂²", values=BOUNDS, value=perception),
            Stops(name="step", label="Δ/σ, step of your codec", values=STEPS, value=step),
        ),
        draw=_draw,
        readout=_readout,
        data=_tables() | {"loss": round(INTERVAL_LOSS, 10)},
    )


def _readout(*, price: float, perception: float, step: float) -> list[str]:
    found = price_point(price=price, perception=perception, step=step)
    best = "sending nothing" if found.best_step is None else f"step {found.best_step:.3f}"
    return [
        f"Your codec: {found.rate_bits:.4f} bits, D = {found.distortion:.4f}, "
        f"D + λR = {found.cost:.4f}.",
        f"The price picks {best}: {found.best_bits:.4f} bits, D = {found.best_distortion:.4f}, "
        f"D + λR = {found.best_cost:.4f}.",
        f"Long blocks at this price: {found.blocks_bits:.4f} bits, "
        f"D = {found.blocks_distortion:.4f}, D + λR = {found.blocks_cost:.4f}.",
        f"For your D and P they need {found.needed_bits:.4f} bits: you lose "
        f"{found.rate_bits - found.needed_bits:.4f} bits (small steps: {INTERVAL_LOSS:.4f}).",
    ]


_SOLID = {"color": COLORS["blue"], "ls": "-", "lw": 1.5}
_DASHED = {"color": COLORS["vermillion"], "ls": "--", "lw": 1.8}
_THIN = {"color": COLORS["black"], "lw": 0.8}


def _draw(*, price: float, perception: float, step: float) -> Figure:
    found = price_point(price=price, perception=perception, step=step)
    rates, errors = _codes(perception)
    figure, (plane, costs, lost) = plt.subplots(1, 3, figsize=(9.6, 3.5))
    bits = np.linspace(0.0, _MOST_BITS, 200)
    blocks = perception_theory.distortion(
        mean_x=0, std_x=1, mean_ref=0, std_ref=1, rate_bits=bits, perception=perception
    )
    plane.plot(bits, blocks.value, label="long blocks", **_SOLID)
    plane.plot(rates, errors, label="dithered", **_DASHED)
    for cost in (found.blocks_cost, found.best_cost):
        plane.plot(bits, cost - price * bits, ls=":", **_THIN)
    plane.plot([found.needed_bits, found.rate_bits], [found.distortion] * 2, ls="-", **_THIN)
    plane.plot(found.blocks_bits, found.blocks_distortion, "s", color=COLORS["blue"], ms=6)
    plane.set(xlabel="R (bits)", ylabel="D", title="Distortion over rate")
    plane.set(xlim=(0, _MOST_BITS), ylim=(0, 1.05 * errors[-1]))
    plane.legend(fontsize="x-small")
    priced = [error + price * rate for error, rate in zip(errors, rates, strict=True)]
    costs.plot(STEPS, priced[:-1], **_DASHED)
    costs.axhline(priced[-1], ls="--", **_THIN)
    costs.set(xscale="log", xlabel="Δ/σ", ylabel="D + λR", title="Cost over the step")
    costs.set_ylim(0, 1.05 * max(priced))
    needed = gaussian_perception(1.0, errors[:-1], perception)
    lost.plot(rates[:-1], np.subtract(rates[:-1], needed), **_DASHED)
    lost.axhline(INTERVAL_LOSS, ls="--", **_THIN)
    lost.set(xlabel="R (bits)", ylabel="bits", title="Bits beyond long blocks")
    lost.set(xlim=(0, _MOST_BITS), ylim=(0, 0.28))
    _mark(plane, (found.best_bits, found.best_distortion), (found.rate_bits, found.distortion))
    if found.best_step is None:
        _mark(costs, None, (step, found.cost))
    else:
        _mark(costs, (found.best_step, found.best_cost), (step, found.cost))
    _mark(lost, None, (found.rate_bits, found.rate_bits - found.needed_bits))
    return figure


def _mark(axis: Axes, best: tuple[float, float] | None, own: tuple[float, float]) -> None:
    if best is not None:
        axis.plot(*best, "D", ms=8, color=COLORS["vermillion"], mec=COLORS["black"])
    axis.plot(*own, "o", ms=8, mfc="white", mec=COLORS["black"])
