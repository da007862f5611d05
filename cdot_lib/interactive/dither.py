"""Explorer of dither: one rounded number, its error over the dice, and the rate of the quantiser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cdot_lib.interactive.controls import Choice, Slider, Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.plotting.style import COLORS
from cdot_lib.theory import universal

__all__ = ["PLACES", "STEPS", "DitherPoint", "dither_point", "explore_dither"]

Dice = Literal["shared", "private", "none"]

#: Steps that the explorer can show, in deviations of the source.
STEPS = tuple(0.25 * k for k in range(1, 25))

#: Places of the dither in its interval, u / step.
PLACES = tuple(k / 20 for k in range(-10, 11))

#: Inputs run from -_END to _END.
_END = 3.0

#: Of each curve: colour, dashes, how its rate is written.
_LOOKS: dict[str, tuple[str, str, str]] = {
    "shared": ("blue", "-", "H(Q|U)"),
    "private": ("vermillion", "--", "H(Q)"),
    "none": ("green", "-.", "H(Q)"),
}


@dataclass(frozen=True)
class DitherPoint:
    """One input at one dither, and what the quantiser costs.

    Attributes
    ----------
    u : float
        The dither; 0 without dice.
    index : int
    output, error : float
        What the decoder returns, and that minus the input.
    mean_square : float
        Mean of the squared error at this input, over all dithers.
    rate_bits, mse : float
        Of the quantiser on a unit Gaussian; the error is that of the best factor after it (of
        the centroids without dice).
    """

    u: float
    index: int
    output: float
    error: float
    mean_square: float
    rate_bits: float
    mse: float


@cache
def _tables() -> dict[str, Any]:
    """Rates and errors at each step, and H(Q|U=u) at each place, to ten digits."""
    private = [universal.private(step) for step in STEPS]
    plain = [universal.plain(step) for step in STEPS]
    rates = {
        "shared": [float(universal.dithered_bits(step)) for step in STEPS],
        "private": [found.rate_bits for found in private],
        "none": [found.rate_bits for found in plain],
    }
    errors = {
        "shared": [float(universal.wiener_mse(step)) for step in STEPS],
        "private": [found.wiener_mse for found in private],
        "none": [found.centroid_mse for found in plain],
    }
    given = [
        [universal.plain(step, offset=-place * step).rate_bits for place in PLACES]
        for step in STEPS
    ]
    return {
        "steps": list(STEPS),
        "places": list(PLACES),
        "rates": {dice: np.round(row, 10).tolist() for dice, row in rates.items()},
        "errors": {dice: np.round(row, 10).tolist() for dice, row in errors.items()},
        "given": np.round(given, 10).tolist(),
    }


def dither_point(*, step: float, place: float, x: float, dice: Dice) -> DitherPoint:
    """Quantise one input, with the numbers that the explorer shows.

    Parameters
    ----------
    step, place : float
        One of :data:`STEPS`, one of :data:`PLACES`.
    x : float
        Input, in deviations of the source.
    dice : {"shared", "private", "none"}
        Who knows the dither.
    """
    u = 0.0 if dice == "none" else place * step
    # Halves go up, as in the script; rounding to even would differ there.
    index = math.floor((x + u) / step + 0.5)
    output = index * step - (u if dice == "shared" else 0.0)
    rho = abs(x - step * math.floor(x / step + 0.5))
    square = {"shared": step * step / 12, "private": rho * (step - rho), "none": rho * rho}
    at = STEPS.index(step)
    tables = _tables()
    rate, mse = tables["rates"][dice][at], tables["errors"][dice][at]
    return DitherPoint(u, index, output, output - x, square[dice], rate, mse)


def explore_dither(
    *, step: float = 2.0, place: float = 0.4, x: float = 0.7, dice: Dice = "shared"
) -> Explorer:
    """Show a dithered quantiser: its staircase, the error over all dithers, its rate beside R(D).

    Parameters
    ----------
    step : float
        Width of a cell at the start, in deviations of the source, one of :data:`STEPS`.
    place : float
        Where the dither lies in its interval at the start, u / step, one of :data:`PLACES`.
    x : float
        The input that is followed, in [-3, 3].
    dice : {"shared", "private", "none"}
        Who knows the dither at the start: both ends, the encoder alone, or there is none.

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
        name="dither",
        title="One rounded number, its error over the dither, and rate against distortion",
        controls=(
            Stops(name="step", label="Δ/σ, width of a cell", values=STEPS, value=step),
            Stops(name="place", label="u/Δ, place of the dither", values=PLACES, value=place),
            Slider(
                name="x", label="x/σ, the input", minimum=-_END, maximum=_END, step=0.05, value=x
            ),
            Choice(
                name="dice",
                label="Dither",
                options=(
                    ("shared", "shared: the decoder subtracts u"),
                    ("private", "private: the encoder alone knows u"),
                    ("none", "none: plain rounding"),
                ),
                value=dice,
            ),
        ),
        draw=_draw,
        readout=_readout,
        data=_tables(),
    )


def _clean(number: float) -> float:
    """Zero for what prints as zero: no minus sign before it."""
    return 0.0 if abs(number) < 5e-5 else number


def _readout(*, step: float, place: float, x: float, dice: Dice) -> list[str]:
    point = dither_point(step=step, place=place, x=x, dice=dice)
    laws = {
        "shared": f"Over all dithers the error at this x is uniform on ±{step / 2:.4f}, "
        f"mean square {point.mean_square:.4f}, whatever x is.",
        "private": "Over all dithers the error at this x is one of two numbers, "
        f"mean 0, mean square {point.mean_square:.4f}, which depends on x.",
        "none": f"No dither: the error is a function of x, its square here {point.mean_square:.4f}.",
    }
    given = _tables()["given"][STEPS.index(step)][PLACES.index(place)]
    here = f" ({given:.4f} at this u)" if dice == "shared" else ""
    needed = -0.5 * math.log2(point.mse)
    return [
        f"x = {_clean(x):.2f}, u = {_clean(point.u):.4f}: index {point.index}, "
        f"output {_clean(point.output):.4f}, error {_clean(point.error):.4f}.",
        laws[dice],
        f"Rate {_LOOKS[dice][2]} = {point.rate_bits:.4f} bits{here}; R(D) = {needed:.4f} bits "
        f"at D = {point.mse:.4f}: {point.rate_bits - needed:.4f} bits are lost.",
    ]


def _draw(*, step: float, place: float, x: float, dice: Dice) -> Figure:
    figure, (stairs, law, rate) = plt.subplots(1, 3, figsize=(9.6, 3.5))
    point = dither_point(step=step, place=place, x=x, dice=dice)
    color = COLORS[_LOOKS[dice][0]]
    for x0, x1, y in _treads(step, place, dice):
        stairs.plot([x0, x1], [y, y], color=color, ls="-", lw=2)
    stairs.plot([-_END, _END], [-_END, _END], color=COLORS["black"], ls=":", lw=1)
    stairs.plot([x, x], [x, point.output], color=COLORS["black"], ls="-", lw=1)
    stairs.plot(x, point.output, "o", ms=8, mfc="white", mec=COLORS["black"])
    stairs.set(xlabel="x", ylabel="output", title="Input and output", xlim=(-_END, _END))
    stairs.set_ylim(-_END - 1, _END + 1)
    _draw_law(law, step=step, x=x, dice=dice, color=color)
    law.plot(point.u / step, point.error / step, "o", ms=8, mfc="white", mec=COLORS["black"])
    d = np.geomspace(0.005, 1.0, 60)
    rate.plot(d, -0.5 * np.log2(d), color=COLORS["black"], ls="-", lw=1, label="R(D)")
    for name, (shade, dashes, _) in _LOOKS.items():
        curve = _tables()["errors"][name], _tables()["rates"][name]
        rate.plot(*curve, color=COLORS[shade], ls=dashes, lw=2 if name == dice else 1, label=name)
    rate.plot(point.mse, point.rate_bits, "o", ms=8, mfc="white", mec=COLORS["black"])
    rate.set_xscale("log")
    rate.set(xlabel="D", ylabel="rate (bits)", title="Rate against distortion")
    rate.legend(fontsize="x-small")
    return figure


def _treads(step: float, place: float, dice: Dice) -> list[tuple[float, float, float]]:
    """Return (from, to, output) of each cell within the window."""
    u = 0.0 if dice == "none" else place * step
    first = math.floor((-_END + u) / step + 0.5)
    last = math.floor((_END + u) / step + 0.5)
    back = u if dice == "shared" else 0.0
    return [
        (max((k - 0.5) * step - u, -_END), min((k + 0.5) * step - u, _END), k * step - back)
        for k in range(first, last + 1)
    ]


def _draw_law(axis: Axes, *, step: float, x: float, dice: Dice, color: str) -> None:
    """Draw the error at x, in steps, over all places of the dither."""
    places = np.linspace(-0.5, 0.5, 401)
    u = 0.0 * places if dice == "none" else places
    index = np.floor(x / step + u + 0.5)
    error = index - (u if dice == "shared" else 0.0) - x / step
    error[1:][np.diff(index) != 0] = np.nan  # no line across the jump
    axis.plot(places, error, color=color, ls="-")
    axis.set(xlabel="u/Δ", ylabel="error/Δ", title="Error at x, over u", ylim=(-1.05, 1.05))
