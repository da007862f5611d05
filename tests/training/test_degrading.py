"""Degradations and augmentation on the training device, against the data layer and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cdot_lib.data.degradation import (
    Degraded,
    centre_square,
    gaussian_noise,
    random_pixels,
    random_square,
)
from cdot_lib.data.house_numbers import synthetic_house_numbers
from cdot_lib.data.picture import COLOUR, DIGIT
from cdot_lib.training import augmentation
from cdot_lib.training.augmentation import Augmenter
from cdot_lib.training.batches import clean_rows
from cdot_lib.training.degrading import Degrader

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def houses():
    return synthetic_house_numbers("train", 64)


def drawn(kind, images, seed=0):
    """X, the visible pixels and what is read of it, as the training loop has them."""
    degrader = Degrader(kind, CPU)
    rows = torch.from_numpy(COLOUR.rows(images.images))
    degraded, visible = degrader.degrade(rows, torch.Generator().manual_seed(seed))
    return rows, degraded, visible, degrader.read(degraded, visible)


def test_noise_has_its_deviation_and_is_new_each_time(houses):
    rows, degraded, visible, _ = drawn(gaussian_noise(), houses)
    noise = (degraded - rows).double()
    # 196,608 numbers: relative standard error of the deviation 1/sqrt(2 n) = 0.0016.
    assert visible is None and noise.std().item() == pytest.approx(20 / 255, rel=0.01)
    assert abs(noise.mean().item()) < 5 * (20 / 255) / np.sqrt(noise.numel())
    assert not torch.equal(drawn(gaussian_noise(), houses, seed=1)[1], degraded)


@pytest.mark.parametrize(
    ("kind", "hidden"), [(centre_square(), 144), (random_square(), 144), (random_pixels(), 512)]
)
def test_masks_hide_as_many_pixels_as_those_of_the_data_layer(houses, kind, hidden):
    rows, degraded, visible, features = drawn(kind, houses)
    apart = kind.degrade(houses.images).visible
    assert (~visible).sum(dim=(1, 2)).tolist() == (~apart).sum(axis=(1, 2)).tolist() == [hidden] * 64
    planes, clean = degraded.view(64, 3, 32, 32), rows.view(64, 3, 32, 32)
    seen = visible[:, None].expand(-1, 3, -1, -1)
    assert torch.equal(planes[seen], clean[seen]) and bool((planes[~seen] == 0.5).all())
    assert features.shape == (64, kind.inputs)
    differ = len({mask.numpy().tobytes() for mask in visible})
    assert differ == (1 if kind.mask == "centre-square" else pytest.approx(64, abs=15))


def test_squares_fall_everywhere_and_hang_together(houses):
    visible = drawn(random_square(), houses)[2]
    rows, columns = (~visible).any(2), (~visible).any(1)
    assert rows.sum(1).tolist() == columns.sum(1).tolist() == [12] * 64
    # 21 places along a side, 64 draws: each half of them is met.
    tops = rows.float().argmax(1)
    assert tops.min() < 10 < tops.max()


@pytest.mark.parametrize("kind", [centre_square(), random_square(), random_pixels(), gaussian_noise()])
def test_what_is_read_is_what_the_data_layer_reads(houses, kind):


    _, degraded, visible, features = drawn(kind, houses)
    pixels = None if visible is None else visible.numpy()
    expected = kind.read(Degraded(COLOUR.images(degraded.numpy()), pixels))
    np.testing.assert_allclose(features.numpy(), expected, atol=1e-5)


def test_rows_are_channel_after_channel(houses):
    np.testing.assert_allclose(clean_rows(houses, CPU).numpy() / 255, COLOUR.rows(houses.images), atol=1e-6)


def test_augmentation_moves_and_relights():
    """A picture that names its own place: each result is a shift with one gain for all channels."""
    picture = (torch.arange(1024.0) / 2048 + 0.25).repeat(3)[None].expand(200, -1).contiguous()
    changed = Augmenter(COLOUR, CPU)(picture, torch.Generator().manual_seed(0)).view(200, 3, 32, 32)
    inside = changed[:, :, 4:-4, 4:-4].double()
    # Within the picture one step right adds gain/2048, one step down 32 gain/2048.
    gain = 2048 * (inside[:, :, :, 1:] - inside[:, :, :, :-1])
    assert gain.amax(dim=(1, 2, 3)) == pytest.approx(gain.amin(dim=(1, 2, 3)), abs=2e-3)
    gain = gain.mean(dim=(1, 2, 3))
    assert 1 - augmentation.CONTRAST <= gain.min() < 1 - augmentation.CONTRAST / 2 and 1 + augmentation.CONTRAST / 2 < gain.max() <= 1 + augmentation.CONTRAST + 1e-3
    # What the light cannot explain is the shift: at most two pixels, borders repeated.
    down = 2048 * (inside[:, :, 1:] - inside[:, :, :-1]).mean(dim=(1, 2, 3)) / gain
    assert down == pytest.approx(np.full(200, 32.0), abs=0.1)
    tint = inside.mean(dim=(2, 3))
    spread = tint.amax(1) - tint.amin(1)
    assert 0 < spread.max() <= 2 * augmentation.COLOUR + 1e-6
    assert (tint.mean(1) - 0.5).abs().max() <= augmentation.BRIGHTNESS + augmentation.COLOUR + 0.04


def test_shifts_reach_two_pixels_and_no_further():
    """One bright pixel in the middle of grey digits: where it went is the shift."""
    rows = torch.full((400, 784), 0.5)
    rows.view(-1, 28, 28)[:, 14, 14] = 1.0
    changed = Augmenter(DIGIT, CPU)(rows, torch.Generator().manual_seed(0))
    where = changed.argmax(1)
    steps = {(int(w) // 28 - 14, int(w) % 28 - 14) for w in where}
    assert steps == {(r, c) for r in range(-augmentation.SHIFT, augmentation.SHIFT + 1) for c in range(-augmentation.SHIFT, augmentation.SHIFT + 1)}
