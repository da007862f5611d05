"""Likeness, intervals, and the distortion of a picture with a hole, against counts by hand."""

import dataclasses

import numpy as np
import pytest

from cdot_lib.training import clean_reference
from cdot_lib.training.evaluate import score_images
from cdot_lib.training.measures import half_width_of_mean, half_width_of_share, likeness


def test_likeness_of_known_pictures():
    clean = np.random.default_rng(0).random((3, 32, 32, 3)).astype(np.float32)
    offset = np.array([0.1, 0.01, 0.1], np.float32).reshape(3, 1, 1, 1)
    decibels, similar = likeness(clean + offset, clean)
    # Minus ten times the logarithm of the square, image by image: 20, 40 and 20 dB.
    assert decibels == pytest.approx(80 / 3, abs=1e-3) and 0.9 < similar < 1
    assert likeness(clean, clean) == (np.inf, pytest.approx(1.0))
    grey = clean[..., 0]
    assert likeness(grey + offset[..., 0], grey)[0] == pytest.approx(80 / 3, abs=1e-3)
    assert likeness(grey[::-1], grey)[1] < 0.7


def test_half_widths():
    """Wilson's for 9 of 10, from his formula; for a mean, from the variance of a fair coin."""
    assert half_width_of_share(0.9, 10) == pytest.approx((0.982124 - 0.595850) / 2, abs=1e-5)
    assert 0 < half_width_of_share(1.0, 486) < 0.004
    coins = np.tile([0.0, 1.0], 5000)
    assert half_width_of_mean(coins) == pytest.approx(1.96 * 0.5 / 100, rel=1e-3)


def test_hidden_pixels_do_not_count_against_x_and_do_against_the_clean_image(house_task, house_classifiers):
    task = house_task("svhn-inpainting", "centre-square")
    clean = task.degradation.picture.images(task.degradation.picture.rows(task.test.images))
    holed = clean.copy()
    holed[:, 10:22, 10:22] = 0.0
    metrics = score_images(holed, task, house_classifiers)
    assert metrics.distortion_degraded == 0.0 == metrics.distortion_half_width
    lost = np.square(clean[:, 10:22, 10:22]).mean() * 144 / 1024
    assert metrics.distortion_clean == pytest.approx(float(lost), rel=1e-5)
    shifted = score_images(np.clip(clean + 0.5, 0, 2), task, house_classifiers)
    assert shifted.distortion_degraded == pytest.approx(0.25, rel=1e-5)


def test_scores_of_house_numbers(house_task, house_classifiers):
    reference = clean_reference(house_task("svhn-denoising"), house_classifiers)
    clean, degraded = reference["clean"], reference["degraded"]
    # The noise of the test images: 20/255 on 184,320 numbers, whatever the images are.
    assert degraded.distortion_clean == pytest.approx((20 / 255) ** 2, rel=0.02)
    assert clean.distortion_degraded == pytest.approx(degraded.distortion_clean, rel=1e-6)
    assert degraded.psnr_db == pytest.approx(22.1, abs=0.1) and clean.psnr_db == np.inf
    assert clean.frechet < 1e-6 and clean.sliced_w2 == 0.0 < reference["floor"]["sliced_w2"]
    assert clean.images == 60 and 0 < clean.accuracy_half_width < 0.13


def test_the_noise_of_a_test_image_is_always_the_same(house_task):
    task = house_task("svhn-denoising")
    few = dataclasses.replace(task, test=task.test.first(5))
    np.testing.assert_array_equal(few.features(few.test), task.features(task.test)[:5])
    # A training image of the same number has another noise.
    twin = dataclasses.replace(task.test, part="train")
    assert not np.array_equal(task.degraded(twin).images, task.degraded(task.test).images)
