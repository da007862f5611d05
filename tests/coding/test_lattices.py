"""Nearest lattice points against a search, and the shapes of cells against the literature."""

import itertools

import numpy as np
import pytest

from cdot_lib.coding.lattices import LATTICES, lattice, measured_second_moment
from cdot_lib.errors import InvalidArgument
from cdot_lib.theory.universal import INTERVAL_LOSS, space_filling_loss

ALL = sorted(LATTICES)


def neighbours(chosen):
    """Lattice points within reach of a cell: every combination of small coefficients."""
    if chosen.name == "E8":
        # 240 shortest vectors and 2160 of the next length, and 0: they decide the cell.
        whole = np.array([v for v in itertools.product((-1, 0, 1), repeat=8) if sum(map(abs, v)) in (0, 2, 4)])
        twos = np.concatenate([2 * np.eye(8), -2 * np.eye(8)])
        half = np.array(list(itertools.product((-0.5, 0.5), repeat=8)))
        points = np.concatenate([whole, twos, half[half.sum(axis=1) % 2 == 0]])
        return points[(points**2).sum(axis=1) <= 4]
    coefficients = np.array(list(itertools.product(range(-3, 4), repeat=chosen.dims)))
    return coefficients @ chosen.generator


@pytest.mark.parametrize("name", ALL)
def test_nearest_points_are_lattice_points(name):
    chosen, rng = lattice(name), np.random.default_rng(1)
    near = chosen.nearest(rng.normal(scale=5.0, size=(500, chosen.dims)))
    coefficients = near @ np.linalg.inv(chosen.generator)
    assert np.abs(coefficients - np.rint(coefficients)).max() < 1e-9


@pytest.mark.parametrize("name", ALL)
def test_no_neighbour_is_nearer(name):
    chosen, rng = lattice(name), np.random.default_rng(2)
    points = rng.normal(scale=4.0, size=(300, chosen.dims))
    error = points - chosen.nearest(points)
    found = (error**2).sum(axis=1)
    for offset in neighbours(chosen):
        assert (((error - offset) ** 2).sum(axis=1) >= found - 1e-12).all()


@pytest.mark.parametrize("name", ALL)
def test_second_moment(name):
    chosen = lattice(name)
    moment, spread = measured_second_moment(chosen, 50_000, np.random.default_rng(3))
    assert abs(moment - chosen.second_moment) < 4 * spread
    assert spread < 0.01 * moment


def test_better_lattices_lose_less():
    losses = [float(space_filling_loss(lattice(name).second_moment)) for name in ("Z", "A2", "D4", "E8")]
    assert losses[0] == pytest.approx(INTERVAL_LOSS, abs=1e-12)
    assert losses == sorted(losses, reverse=True)
    assert losses == pytest.approx([0.2546, 0.2269, 0.1939, 0.1460], abs=5e-5)


@pytest.mark.parametrize("name", ALL)
def test_the_error_of_a_dithered_lattice_forgets_the_input(name):
    chosen, rng = lattice(name), np.random.default_rng(4)
    here = np.broadcast_to(rng.normal(size=chosen.dims), (40_000, chosen.dims))
    error = chosen.quantise(here, chosen.dither(40_000, rng)) - here
    scale = chosen.dims * chosen.volume ** (2 / chosen.dims)
    squares = (error**2).sum(axis=1) / scale
    assert abs(squares.mean() - chosen.second_moment) < 4 * squares.std() / 200
    assert np.abs(error.mean(axis=0)).max() < 4 * error.std() / 200
    assert np.allclose(chosen.nearest(error), 0.0)


def test_refusals():
    with pytest.raises(InvalidArgument, match="Leech"):
        lattice("Leech")
    with pytest.raises(InvalidArgument, match="4 entries"):
        lattice("D4").nearest([[1.0, 2.0]])
    with pytest.raises(InvalidArgument, match="finite"):
        lattice("Z").nearest([[np.inf]])
