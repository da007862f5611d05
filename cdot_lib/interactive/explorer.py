"""One picture with sliders, for three kinds of reader.

On a static page a script redraws it, by formula or from data that stand on the page; in a live
notebook the kernel redraws it; in print it is a picture of the start. All three come from one
:class:`Explorer`, so that they show the same numbers in the same words.
"""

from __future__ import annotations

import base64
import html
import io
import json
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import PIL.Image
from IPython.display import Image, display
from matplotlib.figure import Figure

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.controls import Control
from cdot_lib.plotting.style import COLORS
from cdot_lib.profiles import static_build

__all__ = ["Explorer", "embedded_json"]

#: Pictures are made at this multiple of the resolution at which they are shown.
_SHARPNESS = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Explorer:
    """A picture, the controls that move it, and the numbers in words beside it.

    As the last expression of a cell it shows itself.

    Attributes
    ----------
    name : str
        Of this explorer alone.
    title : str
        Says in a few words what is seen; a screen reader announces it.
    controls : sequence of Slider, Stops or Choice
    draw : callable
        Draws the picture; takes the controls' values by name, returns a matplotlib figure.
    readout : callable
        Takes the same, returns the numbers of the picture as a few lines of text. The script
        writes the same lines.
    data : mapping
        What the script needs beside the values; goes onto the page as JSON.
    stamp : str
        What made the numbers, if not a formula.
    script : str
        The page's script for it is ``explorer-<script>.js``; left out, that is the name.

    Raises
    ------
    InvalidArgument
        When it is shown, if `data` cannot be written as JSON: NaN, infinities, unknown types.
    """

    name: str
    title: str
    controls: Sequence[Control]
    draw: Callable[..., Figure]
    readout: Callable[..., Sequence[str]]
    data: Mapping[str, Any] = field(default_factory=dict)
    stamp: str = ""
    script: str = ""

    @property
    def start(self) -> dict[str, Any]:
        """The start value of each control, by name."""
        return {control.name: control.value for control in self.controls}

    def picture(self, **values: Any) -> bytes:
        """Return the picture at these values, and elsewhere at the start, as a PNG."""
        figure = self.draw(**(self.start | values))
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_SHARPNESS * plt.rcParams["figure.dpi"])
        plt.close(figure)
        return buffer.getvalue()

    def html(self) -> str:
        """Return what a static page shows: the start as a picture, until the script takes over."""
        return self._html(self.picture())

    def _html(self, picture: bytes) -> str:
        lines = list(self.readout(**self.start))
        payload = {
            "title": self.title,
            "controls": [control.as_json() for control in self.controls],
            "colors": COLORS,
            "data": self.data,
            "stamp": self.stamp,
        }
        alt = html.escape(" ".join([f"{self.title}.", *lines]))
        source = base64.b64encode(_reduced(picture)).decode()
        words = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return (
            f'<div class="cdot-explorer" data-explorer="{html.escape(self.name)}" '
            f'data-script="{html.escape(self.script or self.name)}">'
            f'<div class="cdot-explorer-start"><img src="data:image/webp;base64,{source}" '
            f'alt="{alt}">{words}</div>'
            f'<script type="application/json">{embedded_json(payload)}</script></div>'
        )

    def widget(self) -> widgets.VBox:
        """Return the controls above a picture that the kernel redraws."""
        inputs = {control.name: control.widget() for control in self.controls}
        return widgets.VBox([*inputs.values(), widgets.interactive_output(self._show, inputs)])

    def _show(self, **values: Any) -> None:
        picture = self.picture(**values)
        display(Image(picture, width=_width(picture)))
        print("\n".join([*self.readout(**values), *filter(None, [self.stamp])]))

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        picture = self.picture()
        bundle: dict[str, Any] = {
            "text/plain": "\n".join([self.title, *self.readout(**self.start)]),
            "image/png": base64.b64encode(picture).decode(),
        }
        if static_build():
            bundle["text/html"] = self._html(picture)
        else:
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.widget().model_id,
            }
            if "google.colab" in sys.modules:  # it has widgets, but may prefer a picture
                del bundle["image/png"]
        return bundle, {"image/png": {"width": _width(picture)}}


def _width(picture: bytes) -> int:
    """Return the width at which a PNG is shown; its header holds the number of its pixels."""
    return struct.unpack(">I", picture[16:20])[0] // _SHARPNESS


def _reduced(picture: bytes) -> bytes:
    """Return a small WebP, in few colours: the page's script soon replaces it."""
    buffer = io.BytesIO()
    small = PIL.Image.open(io.BytesIO(picture)).convert("RGB").reduce(_SHARPNESS)
    small.quantize(64).convert("RGB").save(buffer, format="WEBP", lossless=True, method=6)
    return buffer.getvalue()


def embedded_json(value: Any) -> str:
    """Return JSON that is safe within a script element of a page.

    Raises
    ------
    InvalidArgument
        If it holds NaN, an infinity or a type that JSON does not know.
    """
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidArgument.of(
            "data",
            value,
            f"must be finite numbers, texts, lists and dictionaries ({error})",
            "convert arrays with .tolist(), and write what is missing as None",
        ) from error
    # "</script>" and "<!--" would end or derail the element; JSON may escape any character.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
