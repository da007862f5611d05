"""Explorer of two decoders of one message: a knob from the blurred picture to the realistic one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.controls import Stops
from cdot_lib.interactive.explorer import Explorer
from cdot_lib.interactive.strips import as_strip, as_uri
from cdot_lib.plotting.style import COLORS

if TYPE_CHECKING:  # only for the annotations: results are shown without torch
    from cdot_lib.training import Metrics

__all__ = ["explore_blend", "readout"]

#: Test images that are shown.
COLUMNS = 10


def explore_blend(
    images: Mapping[str, NDArray[Any]],
    scores: Mapping[float, Metrics],
    *,
    stamp: str,
    w: float = 0.5,
) -> Explorer:
    """Show mixtures (1 - w) blur + w realistic, with what was measured of each and what was predicted.

    Parameters
    ----------
    images : mapping
        "X", "blur", "realistic" and "clean": grey images in [0, 1], of shape (n, side, side).
    scores : mapping
        w -> what was measured of the mixture, for w = 0, 1 and some in between.
    stamp : str
        What made them.
    w : float
        The start, one of the keys of `scores`.

    Returns
    -------
    Explorer
        Shows itself as the last expression of a cell.

    Raises
    ------
    InvalidArgument
        If a row of images or an end is missing, or the start is none of the stops.
    """
    missing = {"X", "blur", "realistic", "clean"} - set(images)
    if missing or not {0.0, 1.0} <= set(scores):
        raise InvalidArgument.of(
            "images, scores",
            (sorted(images), sorted(scores)),
            "must hold X, blur, realistic and clean, and scores at w = 0 and 1",
            "score both ends, too",
        )
    names = ("distortion_degraded", "sliced_w2", "accuracy")
    rows = [[round(getattr(scores[k], name), 6) for name in names] for k in sorted(scores)]
    strips = {name: as_strip(images[name][:COLUMNS]) for name in images}
    apart = np.square(images["realistic"] - images["blur"], dtype=np.float64).mean()
    data = {
        "stops": sorted(scores),
        "rows": rows,
        "way": round(float(apart), 6),
        "side": int(np.shape(images["X"])[1]),
        "columns": COLUMNS,
        "strips": {name: as_uri(strip) for name, strip in strips.items()},
    }
    return Explorer(
        name="blend",
        title="Two decoders of one message, mixed",
        controls=(
            Stops(name="w", label="w, share of the realistic", values=tuple(sorted(scores)), value=w),
        ),
        draw=lambda **values: _draw(data, strips, **values),
        readout=lambda **values: readout(data, **values),
        data=data,
        stamp=stamp,
    )


def readout(data: Mapping[str, Any], *, w: float) -> list[str]:
    """Return the numbers of a mixture in words; `data` is what the page's script has, too."""
    distortion, sliced, accuracy = data["rows"][data["stops"].index(w)]
    predicted = _predicted(data, w)
    return [
        f"Y is {1 - w:g} times the blurred picture and {w:g} times the realistic one.",
        f"E|X-Y|² {distortion:.4f} a pixel; from the ends one would predict {predicted:.4f}.",
        f"Sliced W2 to clean images {sliced:.4f}, accuracy {accuracy:.4f}.",
    ]


def _predicted(data: Mapping[str, Any], w: float) -> float:
    """Return the distortion if the blurred picture is the conditional mean."""
    return data["rows"][0][0] + w * w * data["way"]


def _draw(data: Mapping[str, Any], strips: Mapping[str, NDArray[np.uint8]], *, w: float) -> Figure:
    figure, axes = plt.subplot_mosaic(
        [["images", "images"], ["distortion", "sliced"]], figsize=(8.0, 5.2), height_ratios=(1, 1.3)
    )
    mixed = (1 - w) * strips["blur"] + w * strips["realistic"]
    shown = {"X": strips["X"], f"w = {w:g}": mixed, "clean": strips["clean"]}
    axes["images"].imshow(np.concatenate(list(shown.values())), cmap="gray", vmin=0, vmax=255)
    axes["images"].set_xticks([])
    axes["images"].set_yticks(data["side"] * (np.arange(3) + 0.5), list(shown))
    axes["images"].grid(False)
    stops = data["stops"]
    measured = np.array(data["rows"])
    for index, (name, label) in enumerate((("distortion", "E|X-Y|²"), ("sliced", "sliced $W_2$"))):
        axis = axes[name]
        axis.plot(stops, measured[:, index], "o-", color=COLORS["blue"], label="measured")
        axis.axvline(w, color=COLORS["black"], lw=0.8, ls="--")
        axis.set(xlabel="w", title=label)
    axes["distortion"].plot(
        stops, [_predicted(data, k) for k in stops], "--", color=COLORS["vermillion"], label="predicted"
    )
    axes["distortion"].legend(fontsize="x-small")
    return figure
