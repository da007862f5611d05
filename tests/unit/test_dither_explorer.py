"""The explorer of dither: what it says of one input, against the definitions; and its tables."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.interactive.dither import PLACES, STEPS, dither_point, explore_dither
from cdot_lib.theory import universal


@pytest.mark.parametrize("dice", ["shared", "private", "none"])
@pytest.mark.parametrize(("step", "x"), [(2.0, 0.7), (0.5, -2.9), (6.0, 3.0), (1.25, 0.3)])
def test_the_mean_square_is_that_over_many_dithers(dice: str, step: float, x: float) -> None:
    places = (np.arange(4000) + 0.5) / 4000 - 0.5
    points = [dither_point(step=step, place=p, x=x, dice=dice) for p in places]
    errors = np.array([point.error for point in points])
    assert np.mean(errors**2) == pytest.approx(points[0].mean_square, abs=2e-3 * step**2)
    if dice == "none":
        assert len(set(errors)) == 1
    else:
        assert np.mean(errors) == pytest.approx(0.0, abs=1e-3 * step)
    assert np.abs(errors).max() <= step * (1.0 if dice == "private" else 0.5) + 1e-12


def test_tables_are_those_of_the_library() -> None:
    data = explore_dither().data
    for at in (0, 7, 23):
        step = STEPS[at]
        assert data["rates"]["shared"][at] == pytest.approx(float(universal.dithered_bits(step)))
        assert data["rates"]["private"][at] == pytest.approx(universal.private(step).rate_bits)
        assert data["errors"]["none"][at] == pytest.approx(universal.plain(step).centroid_mse)
    # Over evenly spaced places the rate at a place has the mean H(Q|U); the ends are one place.
    for row, shared in zip(data["given"], data["rates"]["shared"], strict=True):
        assert np.mean(row[:-1]) == pytest.approx(shared, abs=1e-9)
        assert len(row) == len(PLACES)


def test_the_words_say_the_numbers() -> None:
    explorer = explore_dither(step=4.0, place=0.0, x=-2.5, dice="shared")
    first, law, rate = explorer.readout(**explorer.start)
    assert first == "x = -2.50, u = 0.0000: index -1, output -4.0000, error -1.5000."
    assert "±2.0000" in law and "1.3333, whatever x is" in law
    assert rate.startswith("Rate H(Q|U) = 0.6511 bits (0.3125 at this u); R(D) = 0.4037 bits")
    assert rate.endswith("at D = 0.5714: 0.2475 bits are lost.")
    for dice, part in (("private", "one of two numbers"), ("none", "function of x")):
        assert part in explorer.readout(**(explorer.start | {"dice": dice}))[1]
    assert explorer.picture(dice="none").startswith(b"\x89PNG")


@pytest.mark.parametrize("start", [{"step": 0.3}, {"place": 0.33}, {"x": 3.1}, {"dice": "loaded"}])
def test_starts_that_no_control_can_show_are_refused(start: dict[str, object]) -> None:
    with pytest.raises(InvalidArgument, match=next(iter(start))):
        explore_dither(**start)
