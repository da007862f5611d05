"""What a reader can set in an explorer: a number, one of a few numbers, one of a few words.

A control knows its start value, what it allows, how the page's script builds it
(:meth:`as_json`) and how a live notebook does (:meth:`widget`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import ipywidgets as widgets

from cdot_lib.errors import InvalidArgument
from cdot_lib.validate import choice, in_range, real

__all__ = ["Choice", "Control", "Slider", "Stops", "bits", "coin"]

#: Room for labels such as "R, bound on the rate (bits)" beside a live slider.
_STYLE, _LAYOUT = {"description_width": "13em"}, {"width": "32em"}


class Control(Protocol):
    """What :class:`Slider`, :class:`Stops` and :class:`Choice` have in common."""

    name: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script builds the control from."""

    def widget(self) -> widgets.ValueWidget:
        """Return the same control for a live notebook."""


def _described(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A number between two ends.

    Attributes
    ----------
    name : str
        Under which `draw`, `readout` and the script find its value.
    label, unit : str
        What stands beside it; the unit may be empty.
    minimum, maximum, step : float
        The ends, and by how much an arrow key moves it.
    value : float
        The start; it need not be a whole number of steps.

    Raises
    ------
    InvalidArgument
        If the start lies outside the ends, or the step is not positive.
    """

    name: str
    label: str
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 0.01
    value: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.step <= self.maximum - self.minimum:
            raise InvalidArgument.of(
                "step", self.step, "must be positive and fit between the ends", "use e.g. 0.01"
            )
        start = in_range(self.name, self.value, self.minimum, self.maximum)
        object.__setattr__(self, "value", float(start))

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script builds the slider from."""
        return {"kind": "slider", **asdict(self)}

    def widget(self) -> widgets.ValueWidget:
        """Return the same slider for a live notebook."""
        return widgets.FloatSlider(
            value=self.value,
            min=self.minimum,
            max=self.maximum,
            step=self.step,
            description=_described(self.label, self.unit),
            continuous_update=False,
            style=_STYLE,
            layout=_LAYOUT,
        )


def bits(
    name: str, label: str, value: float, *, minimum: float = 0.0, maximum: float = 1.0,
    step: float = 0.01,
) -> Slider:
    """Return a slider over bits: a rate, or an entropy that is bounded.

    Parameters
    ----------
    name, label, value, minimum, maximum, step
        As in :class:`Slider`, which also says what it refuses.
    """
    ends = {"minimum": minimum, "maximum": maximum, "step": step}
    return Slider(name=name, label=label, unit="bits", value=value, **ends)


def coin(name: str, label: str, value: float, *, edge: float = 0.02) -> Slider:
    """Return a slider over the probability of a one, for a coin that may fall either way.

    Parameters
    ----------
    name, label, value
        As in :class:`Slider`.
    edge : float
        How near it comes to 0 and to 1.

    Raises
    ------
    InvalidArgument
        If the start is nearer to an end.
    """
    return Slider(name=name, label=label, minimum=edge, maximum=1.0 - edge, value=value)


@dataclass(frozen=True, kw_only=True)
class Stops:
    """A slider over a few numbers that need not be evenly spaced.

    Attributes
    ----------
    name, label, unit : str
        As in :class:`Slider`.
    values : tuple of float
        Where it can stop, ascending.
    value : float
        The start, one of `values`.

    Raises
    ------
    InvalidArgument
        If `values` do not ascend, or the start is none of them.
    """

    name: str
    label: str
    unit: str = ""
    values: tuple[float, ...]
    value: float

    def __post_init__(self) -> None:
        stops = tuple(real("values", self.values).tolist())
        if not stops or any(b <= a for a, b in zip(stops, stops[1:], strict=False)):
            raise InvalidArgument.of("values", stops, "must ascend, and hold one at least", "sort")
        start = float(real(self.name, self.value))
        if start not in stops:
            raise InvalidArgument.of(self.name, start, f"must be one of {stops}", "choose one")
        object.__setattr__(self, "values", stops)
        object.__setattr__(self, "value", start)

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script builds the slider from."""
        return {"kind": "stops", **asdict(self)}

    def widget(self) -> widgets.ValueWidget:
        """Return the same slider for a live notebook."""
        return widgets.SelectionSlider(
            value=self.value,
            options=[(f"{stop:g}", stop) for stop in self.values],
            description=_described(self.label, self.unit),
            continuous_update=False,
            style=_STYLE,
            layout=_LAYOUT,
        )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a few words.

    Attributes
    ----------
    name, label : str
        As in :class:`Slider`.
    options : tuple of (str, str)
        Each value, and how it reads.
    value : str
        The start, one of the values.

    Raises
    ------
    InvalidArgument
        If the start is none of the values.
    """

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str

    def __post_init__(self) -> None:
        choice(self.name, self.value, [value for value, _ in self.options])

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script builds the list from."""
        return {"kind": "choice", **asdict(self)}

    def widget(self) -> widgets.ValueWidget:
        """Return the same list for a live notebook."""
        return widgets.Dropdown(
            value=self.value,
            options=[(words, value) for value, words in self.options],
            description=self.label,
            style=_STYLE,
            layout=_LAYOUT,
        )
