"""The one style of the book's figures.

Colours are those of Okabe and Ito, which readers with the common kinds of colour blindness tell
apart. Colour never speaks alone: the default cycle changes the line style along with it, and
:data:`MARKERS` is there for points. Every figure has a white ground of its own, so that it reads
the same on a light and on a dark page.
"""

from __future__ import annotations

import matplotlib as mpl
from cycler import cycler

from cdot_lib.profiles import profile as current_profile

__all__ = ["COLORS", "LINE_STYLES", "MARKERS", "stamp", "use_style"]

#: Okabe and Ito's colours by name, in the order of the default cycle.
COLORS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
}

#: Line styles in the order of the default cycle.
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 2)), (0, (8, 2)))

#: Markers, for curves with few points: one a curve, in this order.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

_STYLE = {
    "axes.prop_cycle": cycler(color=list(COLORS.values())) + cycler(linestyle=list(LINE_STYLES)),
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.figsize": (6.4, 3.8),
    "font.size": 11,
    "grid.alpha": 0.3,
    "hatch.linewidth": 0.6,
    "image.cmap": "cividis",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "savefig.facecolor": "white",
}


def use_style() -> None:
    """Make the book's style the style of all figures drawn from now on.

    In a notebook pictures are also made at twice the resolution, for sharp text on fine screens.
    """
    mpl.rcParams.update(_STYLE)
    try:
        from IPython import get_ipython
    except ImportError:  # figures are drawn without IPython too
        return
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("retina")


def stamp(*, data: str | None = None, profile: str | None = None, device: str | None = None) -> str:
    """Return one line that says what made a figure.

    Parameters
    ----------
    data : str, optional
        Which data and which part of it, e.g. ``"MNIST test set, first 2000"``. Leave it out where
        no data entered.
    profile : str, optional
        The profile; the current one if left out.
    device : str, optional
        What computed it; leave it out for what any machine computes alike.

    Returns
    -------
    str
        For example ``"MNIST test set, first 2000 · profile quick · cpu, 2 cores"``.
    """
    parts = [data, f"profile {profile or current_profile()}", device]
    return " · ".join(part for part in parts if part)
