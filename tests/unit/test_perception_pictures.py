"""Figures and explorer of the chapter on perception: what they measure and what they say."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.perception import explore_perception
from cdot_lib.plotting import perception as pictures
from cdot_lib.plotting import perception_maps as maps
from cdot_lib.theory import perception

LAW = {"mean_x": 0.0, "std_x": 1.0, "mean_ref": 0.7, "std_ref": 1.3}


@pytest.mark.parametrize("divergence", ["w2", "kl"])
@pytest.mark.parametrize("bound", [0.01, 0.1, 0.25])
def test_the_best_law_lies_on_the_edge_that_is_drawn(divergence: str, bound: float) -> None:
    best = perception.distortion(**LAW, rate_bits=0.3, perception=bound, divergence=divergence)
    away = pictures.divergence_from(LAW, mean=best.mean, std=best.std, divergence=divergence)
    assert best.active == "perception" and away == pytest.approx(bound, abs=1e-12)


@pytest.mark.parametrize("divergence", ["w2", "kl"])
@pytest.mark.parametrize("bound", [0.0, 0.1, 1.0])
def test_the_picture_of_a_point_marks_what_the_library_finds(divergence: str, bound: float) -> None:
    figure = maps.draw_point(LAW, rate_bits=0.6, perception=bound, divergence=divergence)
    _, curve, map_ = figure.axes[:3]
    best = perception.distortion(**LAW, rate_bits=0.6, perception=bound, divergence=divergence)
    (mark,) = (line for line in curve.lines if line.get_marker() == "o")
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (bound, pytest.approx(float(best.value)))
    (mark,) = (line for line in map_.lines if line.get_marker() == "o")
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (0.6, bound)
    plt.close(figure)


def test_surfaces_hatch_what_no_code_reaches() -> None:
    label = {"std_s": 1.0, "cov_xs": 0.8}
    figure = maps.draw_surfaces(LAW | label, rate_bits=1.0, perception=0.1, class_bits=1.7)
    shares = [np.ma.getmaskarray(axis.collections[0].get_array()).mean() for axis in figure.axes[:3]]
    assert all(0.05 < share < 0.6 for share in shares)
    plt.close(figure)


@pytest.mark.parametrize(
    "start",
    [{"rate_bits": 3.1}, {"perception": -0.1}, {"mean_ref": 2.0}, {"std_ref": 0.0}, {"divergence": "tv"}],
)
def test_explorer_refuses_what_its_sliders_cannot_show(start: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(start))):
        explore_perception(**start)


def test_the_words_of_the_explorer_say_the_numbers_of_the_library() -> None:
    explorer = explore_perception()
    total, parts, law = explorer.readout(**explorer.start)
    best = perception.distortion(**LAW, rate_bits=0.6, perception=0.1, divergence="w2")
    share = 2.0**-1.2
    assert total == f"D = {best.value:.4f}: perception costs distortion."
    assert f"{share:.4f} is what the rate" in parts and f"{best.value - share:.4f} the square" in parts
    assert f"mean {best.mean:.4f}, deviation {best.std:.4f}" in law
    tie = explorer.readout(**(explorer.start | {"rate_bits": 2.5, "perception": 1.0}))
    assert tie[0] == "D = 0.0313: perception is free, the rate decides." and "mean 0.0000" in tie[2]
