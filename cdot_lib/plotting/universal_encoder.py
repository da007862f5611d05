"""Figures of the chapter on universal encoders: decoders in the half-plane, and what sharing costs."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray

from cdot_lib.plotting.style import COLORS, LINE_STYLES

__all__ = ["draw_half_plane", "draw_price_of_sharing"]

Array = NDArray[np.float64]


def draw_half_plane(
    rows: Mapping[float, tuple[float, float]],
    decoders: Mapping[float, tuple[float, float]],
    *,
    reference: tuple[float, float],
) -> Figure:
    """Draw conditional means and decoders as laws in the half-plane of (mean, deviation).

    Parameters
    ----------
    rows : mapping
        Rate in bits -> (mean, deviation) of the conditional mean at that rate.
    decoders : mapping
        Bound P on W2^2 -> (mean, deviation) of the best picture, all from the code whose rate is
        the first of `rows`.
    reference : (float, float)
        Mean and deviation of the reference.
    """
    figure, axis = plt.subplots(figsize=(6.0, 3.6))
    for index, (rate, point) in enumerate(rows.items()):
        style = LINE_STYLES[0] if index == 0 else LINE_STYLES[3]
        axis.plot(*zip(point, reference, strict=True), color=COLORS["blue"], lw=1.4, ls=style)
        axis.plot(*point, "o", color=COLORS["blue"])
        axis.annotate(
            f"$E[X|T]$, {rate:g} bits", point, xytext=(-7, -3), textcoords="offset points",
            fontsize="small", ha="right",
        )  # fmt: skip
    for bound, point in decoders.items():
        axis.add_patch(Circle(reference, np.sqrt(bound), fill=False, color="0.6", lw=0.8))
        axis.plot(*point, "s", color=COLORS["vermillion"])
        axis.annotate(
            f"P = {bound:g}", point, xytext=(7, -11), textcoords="offset points", fontsize="small",
            bbox={"fc": "white", "ec": "none", "pad": 0.6, "alpha": 0.85},
        )  # fmt: skip
    axis.plot(*reference, "*", ms=12, color=COLORS["black"])
    axis.annotate("reference", reference, xytext=(9, 6), textcoords="offset points", fontsize="small")
    axis.set(xlabel="mean of Y", ylabel="deviation of Y", aspect="equal")
    axis.margins(0.1, 0.12)
    axis.set_xlim(left=min(mean for mean, _ in rows.values()) - 0.9)  # room for the labels
    return figure


def draw_price_of_sharing(
    curves: Mapping[str, Array], bounds: Array, loss: Array, rates: Array,
    *, served: float | None = None,
) -> Figure:
    """Draw distortion over perception for several encoders, and what one for all loses.

    Parameters
    ----------
    curves : mapping
        Name of the encoder -> distortion at each of `bounds`.
    bounds : ndarray, shape (p,)
        Square roots of P.
    loss : ndarray, shape (r, p)
        What the shared encoder loses, in per cent of the distortion, at each rate and bound.
    rates : ndarray, shape (r,)
        In bits.
    served : float, optional
        The rate from which on every component has a share, drawn as a line.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.8, 3.1))
    for (name, values), style in zip(curves.items(), LINE_STYLES, strict=False):
        left.plot(bounds, values, ls=style, lw=1.6, label=name)
    left.set(xlabel=r"$\sqrt{P}$", ylabel="distortion")
    left.legend(fontsize="x-small")
    extent = (bounds[0], bounds[-1], rates[0], rates[-1])
    shown = right.imshow(loss, origin="lower", aspect="auto", extent=extent)
    right.set(xlabel=r"$\sqrt{P}$", ylabel="rate (bits)")
    right.grid(False)
    if served is not None:
        right.axhline(served, color="white", lw=1, ls="--")
    figure.colorbar(shown, ax=right, label="lost by sharing (%)")
    return figure
