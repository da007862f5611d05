"""The dithered quantiser of a Gaussian: the figures of the book, extremes, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.theory import universal


@pytest.mark.parametrize(("step", "loss"), [(4, 0.2475), (2, 0.2544), (1, 0.2546), (0.1, 0.2546)])
def test_loss_figures(step, loss):
    assert float(universal.rate_loss(step)) == pytest.approx(loss, abs=5e-5)


def test_units():
    assert universal.dithered_bits(6.0, 3.0) == pytest.approx(universal.dithered_bits(2.0))
    assert universal.wiener_mse(6.0, 3.0) == pytest.approx(9.0 * universal.wiener_mse(2.0))
    assert universal.plain(6.0, std=3.0).centroid_mse == pytest.approx(
        9.0 * universal.plain(2.0).centroid_mse
    )


def test_extreme_steps():
    # A wide cell: only a dither near its edge splits it, at h(N) of a unit Gaussian an edge.
    wide = universal.dithered_bits(np.array([1e3, 1e4]))
    assert wide[0] / wide[1] == pytest.approx(10.0, rel=1e-6)
    assert 0 < wide[1] < 1e-3
    narrow = universal.dithered_bits(np.array([1e-3, 5e-4]))
    assert narrow[1] - narrow[0] == pytest.approx(1.0, abs=1e-7)


def test_the_mean_over_offsets_is_the_dithered_rate():
    rates = [universal.plain(3.0, offset=o).rate_bits for o in 3.0 * np.arange(64) / 64]
    assert np.mean(rates) == pytest.approx(float(universal.dithered_bits(3.0)), abs=1e-12)
    # A good fixed offset costs less than the average, a bad one more: that is the price of dither.
    assert min(rates) < np.mean(rates) - 0.05


def test_private_dither():
    # Fine steps: twice the noise for the same bits, which is half a bit.
    fine = universal.private(0.05)
    loss = fine.rate_bits + 0.5 * np.log2(fine.wiener_mse)
    assert loss == pytest.approx(universal.INTERVAL_LOSS + 0.5, abs=1e-8)
    assert fine.mse == pytest.approx(0.05**2 / 6, rel=1e-9)
    scaled = universal.private(6.0, std=3.0)
    assert scaled.rate_bits == pytest.approx(universal.private(2.0).rate_bits)
    assert scaled.mse == pytest.approx(9.0 * universal.private(2.0).mse)
    # A wide cell: X is rounded away from 0 with a chance of E|X| / step on either side together.
    wide = universal.private(1e3)
    assert wide.mse == pytest.approx(1e3 * np.sqrt(2 / np.pi) - 1.0, rel=1e-9)


def test_space_filling():
    assert universal.space_filling_loss(1 / 12) == pytest.approx(universal.INTERVAL_LOSS, abs=1e-12)
    assert universal.space_filling_loss(1 / (2 * np.pi * np.e)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: universal.dithered_bits(0.0),
        lambda: universal.dithered_bits(1.0, -1.0),
        lambda: universal.plain(-1.0),
        lambda: universal.private(0.0),
        lambda: universal.space_filling_loss(0.05),
    ],
)
def test_refusals(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
