"""Figures of the chapter on denoising show the numbers that they are given, under their names."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cdot_lib.plotting import restoration as figures


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def _named(axis: plt.Axes) -> dict[str, np.ndarray]:
    """Return the points of each labelled line."""
    return {line.get_label(): np.asarray(line.get_xydata(), dtype=float) for line in axis.lines}


def test_maps_are_drawn_over_what_is_seen() -> None:
    x = np.linspace(-3, 3, 7)
    laws = {"coin": (np.exp(-(x**2)), {"identity": x, "step": np.sign(x)})}
    (axis,) = figures.draw_maps(laws, x, unit="sigma").axes
    lines = _named(axis)
    np.testing.assert_allclose(lines["identity"], np.column_stack([x, x]))
    np.testing.assert_allclose(lines["step"][:, 1], np.sign(x))
    assert axis.get_title() == "coin" and "sigma" in axis.get_xlabel()


def test_a_spectrum_is_in_decibels_over_the_noise() -> None:
    variance = np.full((3, 4, 4), 0.01)
    variance[1, 2, 3] = 1.0
    figure = figures.draw_spectrum(variance, 0.1, stamp="made here")
    shown = [np.asarray(axis.images[0].get_array()) for axis in figure.axes[:3]]
    assert shown[0] == pytest.approx(np.zeros((4, 4)), abs=1e-9)
    assert shown[1][2, 3] == pytest.approx(20.0)
    assert figure.get_suptitle() == "made here"


def test_bits_show_points_curves_and_levels() -> None:
    points = {"codec": [(16.0, {"a": 1.0, "b": 20.0}), (128.0, {"a": 0.5, "b": 25.0})]}
    figure = figures.draw_bits(
        points, {"a": {"bound": lambda bits: 0 * bits + 0.25}}, levels={"b": {"X itself": 22.0}},
        labels={"a": "to X", "b": "dB"}, stamp="made here",
    )
    left, right = map(_named, figure.axes)
    np.testing.assert_allclose(left["codec"], [[16, 1], [128, 0.5]])
    np.testing.assert_allclose(right["codec"], [[16, 20], [128, 25]])
    assert np.all(left["bound"][:, 1] == 0.25)
    assert left["bound"][0, 0] < 16 and left["bound"][-1, 0] > 128
    assert [text.get_text() for text in figure.axes[1].texts] == ["X itself"]
    assert figure.axes[0].get_xscale() == "log"


def test_differences_keep_their_rows_and_intervals() -> None:
    rows = {"no dice": {"a": (0.5, 0.1), "b": (-2.0, 1.0)}, "no critic": {"a": (-1.0, 0.2), "b": (0.0, 0.5)}}
    figure = figures.draw_differences(rows, {"a": "square", "b": "accuracy"}, stamp="made here")
    left = figure.axes[0]
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["no dice", "no critic"]
    (bars,) = left.containers
    np.testing.assert_allclose(bars.lines[0].get_xydata(), [[0.5, 1], [-1.0, 0]])
    ends = [segment[:, 0].tolist() for segment in bars.lines[2][0].get_segments()]
    np.testing.assert_allclose(ends, [[0.4, 0.6], [-1.2, -0.8]])
