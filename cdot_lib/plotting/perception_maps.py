"""Curves and heat maps of the chapter on perception: D over rate, perception and class bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.plotting.perception import divergence_from, draw_plane
from cdot_lib.plotting.style import COLORS, LINE_STYLES
from cdot_lib.theory import perception as theory
from cdot_lib.theory.published_gaussian import distortion_perception_kl

__all__ = [
    "draw_against_perception",
    "draw_gap",
    "draw_point",
    "draw_published",
    "draw_surfaces",
]

Array = NDArray[np.float64]

#: How each bound reads, and its unit.
_NAMES = {"w2": "$P$, bound on $W_2^2$", "kl": "$P$, bound on KL (nats)"}

#: Distortions at which the heat maps have a line.
_LINES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5)


def draw_against_perception(law: Mapping[str, float], *, rates: Sequence[float]) -> Figure:
    """Draw D against P at some rates, for both divergences; a dot where perception is free."""
    figure, axes = plt.subplots(1, 2, figsize=(9.4, 3.8), sharey=True)
    # In squares, since D falls like the root of P at first.
    bounds = np.linspace(0.0, 1.0, 401) ** 2
    for axis, kind in zip(axes, ("w2", "kl"), strict=True):
        for bits, color, style in zip(rates, COLORS.values(), LINE_STYLES, strict=False):
            found = theory.distortion(**law, rate_bits=bits, perception=bounds, divergence=kind)
            look = {"color": color, "ls": style}
            axis.plot(bounds, found.value, **look, label=f"$R={bits:g}$ bit")
            if (found.active == "rate").any():
                first = int((found.active == "rate").argmax())
                axis.plot(bounds[first], found.value[first], "o", color=color)
        axis.set(xlabel=_NAMES[kind], xlim=(0, 1))
    axes[0].set_ylabel("$D(R,P)$")
    axes[1].legend(fontsize=9)
    return figure


def draw_gap(laws: Mapping[str, Mapping[str, float]]) -> Figure:
    """Draw how much dearer perfect realism is than none, over the rate, for some references."""
    rates = np.linspace(0.0, 4.0, 401)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
    for (name, law), color, style in zip(laws.items(), COLORS.values(), LINE_STYLES, strict=False):
        none, all_of_it = (
            theory.distortion(**law, rate_bits=rates, perception=p).value for p in (np.inf, 0.0)
        )
        look = {"color": color, "ls": style, "label": name}
        left.plot(rates, all_of_it - none, **look)
        right.semilogy(rates, all_of_it / none, **look)
    right.axhline(2.0, color=COLORS["black"], lw=1, ls=":")
    left.set(xlabel="rate $R$ (bits)", ylabel="$D(R,0)-D(R,\\infty)$")
    right.set(xlabel="rate $R$ (bits)", ylabel="$D(R,0)\\,/\\,D(R,\\infty)$")
    right.set(ylim=(0.9, 30), yticks=[1, 2, 5, 10, 20], yticklabels=[1, 2, 5, 10, 20])
    right.minorticks_off()
    left.legend(fontsize=9)
    return figure


def draw_surfaces(
    law: Mapping[str, float], *, rate_bits: float, perception: float, class_bits: float
) -> Figure:
    """Draw D(R, P, C) in three planes through one point; what no code reaches is hatched.

    Parameters
    ----------
    law : mapping
        mean_x, std_x, mean_ref, std_ref, std_s, cov_xs.
    rate_bits, perception, class_bits : float
        The point; KL in nats.
    """
    axes_of = {
        "rate_bits": (np.linspace(0.0, 3.0, 141), "rate $R$ (bits)", rate_bits),
        "perception": (np.linspace(0.0, 0.6, 141), "$P$ (KL, nats)", perception),
        "class_bits": (np.linspace(1.3, 2.2, 141), "$C$ (bits)", class_bits),
    }
    planes = (
        ("rate_bits", "perception"),
        ("rate_bits", "class_bits"),
        ("perception", "class_bits"),
    )
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.5))
    for axis, (across, up) in zip(axes, planes, strict=True):
        x, y = np.meshgrid(axes_of[across][0], axes_of[up][0])
        fixed = {name: entry[2] for name, entry in axes_of.items()}
        found = theory.distortion(**law, **(fixed | {across: x, up: y}), divergence="kl")
        image = _heat(axis, x, y, found, top=2.0)
        value = np.ma.masked_where(~found.feasible, found.value)
        lines = axis.contour(x, y, value, levels=_LINES, colors="white", linewidths=0.8)
        axis.clabel(lines, fontsize=8, fmt="%g")
        axis.plot(axes_of[across][2], axes_of[up][2], "o", ms=8, mfc="white", mec="black")
        axis.set(xlabel=axes_of[across][1], ylabel=axes_of[up][1])
        (rest,) = set(axes_of) - {across, up}
        axis.set_title(f"at {axes_of[rest][1].split(' (')[0]} = {axes_of[rest][2]:g}", fontsize=10)
    figure.colorbar(image, ax=axes, label="$D(R,P,C)$")
    return figure


def draw_published(
    *, std_x: float, std_s: float, cov_xs: float, perception: float, losses: Sequence[float]
) -> Figure:
    """Draw the printed D(R, P, C) for KL beside the true one over R, one panel a class bound.

    Parameters
    ----------
    std_x, std_s : float
        Deviations of source and label.
    cov_xs : float
        Their covariance.
    perception : float
        Bound on KL, in nats.
    losses : sequence of float
        Bounds on h(S|Y), in bits.
    """
    rates = np.linspace(0.0, 3.0, 601)
    label = {"std_s": std_s, "cov_xs": cov_xs}
    figure, axes = plt.subplots(1, len(losses), figsize=(9, 3.7), sharey=True)
    for axis, loss in zip(axes, losses, strict=True):
        given = {"rate_bits": rates, "perception": perception, "class_bits": loss}
        printed = distortion_perception_kl(std_x=std_x, **label, **given)
        law = {"mean_x": 0.0, "std_x": std_x, "mean_ref": 0.0, "std_ref": std_x}
        true = theory.distortion(**law, **label, **given, divergence="kl")
        onset = rates[true.feasible][0] if true.feasible.any() else rates[-1]
        if onset > 0:
            axis.axvspan(0, onset, facecolor="none", edgecolor="#888888", hatch="//", lw=0)
            axis.text(onset / 2, 0.04, "infeasible", ha="center", backgroundcolor="white")
        value = np.where(true.feasible, true.value, np.nan)
        axis.plot(rates, value, color=COLORS["blue"], label="true")
        # One piece a case: the jumps between them are not drawn.
        for case in np.unique(printed.case[printed.case > 0]):
            part = np.where(printed.case == case, printed.value, np.nan)
            words = "as printed" if case == printed.case[-1] else None
            axis.plot(rates, part, "--", color=COLORS["vermillion"], label=words)
        axis.set(xlabel="rate $R$ (bits)", title=f"$C={loss:g}$ bits")
        axis.legend(fontsize=9)
    axes[0].set_ylabel("$D(R,P,C)$")
    return figure


def draw_point(
    law: Mapping[str, float],
    *,
    rate_bits: float,
    perception: float,
    divergence: Literal["w2", "kl"],
) -> Figure:
    """Draw one point of D(R, P): its projection, D against P at its rate, and the heat map."""
    figure, (plane, curve, map_) = plt.subplots(1, 3, figsize=(11, 3.4), width_ratios=(1.4, 1, 1.2))
    # A disc of radius 0 has no edge to draw.
    room = max(perception, 1e-5)
    draw_plane(law, rates=[rate_bits], perception=room, divergence=divergence, axis=plane)
    bounds = np.linspace(0.0, 1.0, 201) ** 2
    given = {**law, "divergence": divergence}
    value = theory.distortion(**given, rate_bits=rate_bits, perception=bounds).value
    here = theory.distortion(**given, rate_bits=rate_bits, perception=perception)
    curve.plot(bounds, value, color=COLORS["blue"])
    curve.axhline(law["std_x"] ** 2 * 2.0 ** (-2.0 * rate_bits), color="black", lw=1, ls=":")
    curve.plot(perception, here.value, "o", ms=9, mfc="white", mec="black")
    curve.set(xlabel=_NAMES[divergence], ylabel="$D$", title=f"at $R={rate_bits:g}$ bits")
    curve.set(ylim=(0, None))
    x, y = np.meshgrid(np.linspace(0.0, 3.0, 81), np.linspace(0.0, 1.0, 81))
    found = theory.distortion(**given, rate_bits=x, perception=y)
    figure.colorbar(_heat(map_, x, y, found), ax=map_, label="$D(R,P)$")
    bits = np.linspace(0.01, 3.0, 301)
    spreads = law["std_x"] * np.sqrt(1.0 - np.exp2(-2.0 * bits))
    border = divergence_from(law, mean=law["mean_x"], std=spreads, divergence=divergence)
    map_.plot(bits, np.where(border <= 1.0, border, np.nan), "-", color="white", lw=1.5)
    map_.plot(rate_bits, perception, "o", ms=9, mfc="white", mec="black")
    map_.set(xlabel="rate $R$ (bits)", ylabel=_NAMES[divergence], title="free above the line")
    return figure


def _heat(
    axis: Axes,
    x: Array,
    y: Array,
    found: theory.PerceptionTradeOff,
    *,
    top: float | None = None,
) -> Any:
    """Draw D in colour where it is finite, and hatch the rest."""
    value = np.ma.masked_where(~found.feasible, found.value)
    # Colours follow the root of D, a distance.
    norm = PowerNorm(0.5, vmin=0.0, vmax=top)
    image = axis.pcolormesh(x, y, value, shading="nearest", norm=norm, rasterized=True)
    if not found.feasible.all():
        axis.contourf(x, y, ~found.feasible, levels=[0.5, 1.5], colors=["#eeeeee"], hatches=["//"])
    axis.grid(False)
    return image
