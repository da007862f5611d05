"""Figures and explorers of the Gaussian chapter: what they show is what the library says."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.gaussian import explore_gaussian, explore_vector, vector_problem
from cdot_lib.plotting import gaussian as scalar
from cdot_lib.plotting import gaussian_vector as vector
from cdot_lib.problems import GaussianProblem
from cdot_lib.solvers.gaussian_vector import solve

PAPER = GaussianProblem(0, 1, 0, 1, 1, 0.6)
TWO = vector_problem(std_weak=0.5, told=0.81, weak_part=1.0)


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def _data(axis: plt.Axes, label: str) -> np.ndarray:
    (line,) = (line for line in axis.lines if line.get_label() == label)
    return np.asarray(line.get_xydata(), dtype=float)


def test_the_published_figure_has_both_readings_and_starts_where_the_class_bound_can_be_met() -> None:
    left, right = scalar.draw_published(PAPER, class_bits=2.0).axes
    for label, level in (("class case as printed", 1.0006), ("class case, all in bits", 1.1620)):
        curve = _data(left, label)
        assert curve[0, 1] == pytest.approx(level, abs=5e-5)
        assert 0.13 < curve[np.isfinite(curve[:, 1]), 0].max() < 0.14
    true = _data(right, "$D(R,C)$")
    assert 0.139 < true[np.isfinite(true[:, 1]), 0].min() < 0.141
    assert np.nanmax(true[:, 1]) < 1.1620


def test_the_corner_is_the_theorem() -> None:
    (axis,) = scalar.draw_corner(
        PAPER, rate_bits=1.0, distortions=np.array([1.0]), losses=np.array([2.0])
    ).axes
    assert _data(axis, "the Gaussian coupling")[0] == pytest.approx([2 - 3**0.5, 1.82008], abs=1e-5)


def test_the_couplings_get_thinner() -> None:
    panels = scalar.draw_couplings(PAPER, rates=(0.5, 3.0)).axes
    inked = [float((panel.collections[0].get_array() > 0.5).mean()) for panel in panels]
    assert inked[1] < 0.3 * inked[0]


def test_the_wall_is_hatched_and_not_coloured() -> None:
    figure, axis = plt.subplots()
    scalar.draw_wall(PAPER, axis=axis, rates=(0.0, 3.0), losses=(1.0, 2.2), points=41)
    heat = np.ma.masked_invalid(axis.collections[0].get_array())
    # Nothing at C = 1, all of the top row, and at rate 0 only what is above h(S).
    assert heat.mask[0].all() and not heat.mask[-1].any() and 0.8 < heat.mask[:, 0].mean() < 0.95


def test_the_bend_rises_to_its_wall() -> None:
    left, right = vector.draw_bend(TWO, rates=(1.5,), checked={}, points=6).axes
    loss, value = _data(left, "$R=1.5$ bits").T
    assert loss[0] == pytest.approx(1.1573 + 1e-3, abs=1e-3)
    assert (np.diff(value) < 1e-9).all() and value[0] > 6 * value[-1]
    assert right.lines[0].get_ydata()[0] > 0.95


def test_worths_meet_the_price() -> None:
    found = solve(TWO, rate_bits=1.5, class_bits=1.5)
    (axis,) = vector.draw_price(TWO, found=found).axes
    for name, bits in zip(("strong", "weak"), found.component_bits, strict=True):
        curve = _data(axis, name)
        assert np.interp(bits, *curve.T) == pytest.approx(found.price_rate, rel=1e-3)


def test_what_is_left_of_a_deviation() -> None:
    (axis,) = vector.draw_water(TWO, {"one": (np.array([1.0, 0.5]), 1.0)}).axes
    tops = [patch.get_y() + patch.get_height() for patch in axis.patches[:2]]
    assert tops == pytest.approx([0.0, -1.5])


def test_infinite_distortions_are_left_out() -> None:
    (axis,) = vector.draw_together(
        np.array([1.0, 2.0]), np.array([np.inf, 1.0]), np.array([3.0, 1.0]), walls=(1.5, 0.9)
    ).axes
    assert np.isnan(_data(axis, "one by one")[0, 1]) and _data(axis, "together")[0, 1] == 3.0


def test_the_explorers_read_out_what_holds() -> None:
    number = explore_gaussian()
    assert number.readout(**number.start)[0].startswith("D = 0.8334, decided by the rate")
    behind = number.readout(**(number.start | {"rate_bits": 0.1}))
    assert "2.0127 bits or more" in behind[0] and "0.1393 bits" in behind[1] and "1.1620" in behind[2]
    never = number.readout(**(number.start | {"class_bits": 1.2}))
    assert never[1] == "No rate is enough to meet this bound."
    pair = explore_vector()
    assert pair.readout(**pair.start)[0] == "D = 1.7134; without a class bound 0.9167."
    assert pair.readout(**(pair.start | {"class_bits": 1.1}))[0].startswith("Infeasible: h(S|Y) is 1.1573")


@pytest.mark.parametrize("explorer", [explore_gaussian(), explore_vector()])
def test_the_explorers_draw_feasible_or_not(explorer) -> None:
    for class_bits, word in ((2.0, "$D="), (1.1, "infeasible")):
        figure = explorer.draw(**(explorer.start | {"class_bits": class_bits}))
        assert any(axis.get_title().startswith(word) for axis in figure.axes)


def test_a_start_outside_a_slider_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="relation"):
        explore_gaussian(relation=1.0)
    with pytest.raises(InvalidArgument, match="weak_part"):
        explore_vector(weak_part=1.5)
