"""The degradation: against Pillow on whole images, and its algebra."""

import numpy as np
import pytest
from PIL import Image

from cdot_lib.data import (
    bicubic_matrix,
    degrade,
    low_resolution,
    recover,
    synthetic_digits,
    upsample,
)
from cdot_lib.errors import InvalidArgument


@pytest.fixture(scope="module")
def digits():
    return synthetic_digits("test", 20).images


def test_two_matrices_are_pillows_resize(digits):
    low, back = low_resolution(digits), degrade(digits)
    for image, small, large in zip(digits, low, back, strict=True):
        whole = Image.fromarray(image.astype(np.float32) / 255)
        whole = whole.resize((7, 7), Image.Resampling.BICUBIC)
        # float32, 16 products of weights below one: a few units in the last place.
        np.testing.assert_allclose(small, np.asarray(whole), atol=2e-6)
        whole = whole.resize((28, 28), Image.Resampling.BICUBIC)
        np.testing.assert_allclose(large, np.asarray(whole), atol=4e-6)


def test_weights_are_keys_kernel_with_a_minus_one_half():
    """Written from the formula, for an inner row, where no border interferes."""
    x = (np.arange(28) - (4 * 3 + 1.5)) / 4  # distance to the centre of coarse pixel 3
    t = np.abs(x)
    inner, outer = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    kernel = np.where(t < 1, inner, np.where(t < 2, outer, 0.0))
    np.testing.assert_allclose(bicubic_matrix(28, 7)[3], kernel / kernel.sum(), atol=1e-6)


def test_a_constant_stays_constant():
    flat = np.full((1, 28, 28), 51, np.uint8)
    np.testing.assert_allclose(degrade(flat), 0.2, atol=1e-6)


def test_the_49_numbers_can_be_had_back(digits):
    low = low_resolution(digits)
    np.testing.assert_allclose(recover(upsample(low)), low, atol=1e-5)
    assert np.linalg.matrix_rank(bicubic_matrix(7, 28)) == 7


def test_it_does_lose_something(digits):
    assert np.square(degrade(digits) - digits / 255.0).mean() > 0.01


@pytest.mark.parametrize(
    "call",
    [
        lambda: low_resolution(np.zeros((28, 28))),
        lambda: low_resolution(np.zeros((1, 32, 32))),
        lambda: low_resolution(np.full((1, 28, 28), 255.0)),
        lambda: low_resolution(np.full((1, 28, 28), np.nan)),
        lambda: low_resolution([["a"]]),
        lambda: upsample(np.zeros((1, 28, 28))),
        lambda: recover(np.zeros((1, 7, 7))),
        lambda: bicubic_matrix(0, 7),
        lambda: bicubic_matrix(28, 7.5),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
