"""Rendered house numbers: flagged, reproducible, readable, near SVHN in what can be measured."""

import os

import numpy as np
import pytest
from PIL import Image

from cdot_lib.data import (
    COLOUR,
    load_house_numbers,
    load_svhn,
    synthetic_digits,
    synthetic_house_numbers,
)
from cdot_lib.errors import InvalidArgument


@pytest.fixture(scope="module")
def rendered():
    return synthetic_house_numbers("train", 3000)


def grey(images):
    return images.mean(axis=-1) / 255


def test_they_say_what_they_are(rendered):
    assert rendered.synthetic and rendered.picture == COLOUR and rendered.source == "rendered"
    said = "SYNTHETIC house numbers (not SVHN), train part, first 3,000 images"
    assert rendered.description == said


def test_the_same_seed_gives_the_same_images(rendered):
    again = synthetic_house_numbers("train", 200)
    synthetic_house_numbers.cache_clear()
    assert synthetic_house_numbers("train", 200).digest == again.digest
    assert synthetic_house_numbers("train", 200, seed=1).digest != again.digest
    assert not np.array_equal(synthetic_house_numbers("test", 200).images, again.images)


def test_digits_are_as_frequent_as_in_svhn(rendered):
    share = np.bincount(rendered.labels, minlength=10) / len(rendered)
    # The published counts of the training part: digit 1 and digit 9.
    assert abs(share[1] - 13861 / 73257) < 5 * np.sqrt(0.19 * 0.81 / 3000)
    assert abs(share[9] - 4659 / 73257) < 5 * np.sqrt(0.064 * 0.936 / 3000)
    assert share.argmax() == 1


def test_the_digit_in_the_middle_is_the_labelled_one(rendered):
    """Mean digits of the *other* renderer as templates: they know what a 3 looks like."""

    def normed(images):
        flat = images.reshape(len(images), -1)
        flat = flat - flat.mean(axis=1, keepdims=True)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    digits = synthetic_digits("train", 1000)
    means = [digits.images[digits.labels == digit].mean(axis=0) for digit in range(10)]
    boxes = [Image.fromarray(mean[4:24, 7:21]).resize((16, 26)) for mean in means]
    templates = normed(np.stack([np.asarray(box) for box in boxes]))
    # Dark on light and light on dark are the same digit, hence the absolute value.
    likeness = np.abs(normed(grey(rendered.images)[:, 3:29, 8:24]) @ templates.T)
    # A weak reader of neighbours, blur and slant; chance, or a label off by one, gives 0.1.
    assert (likeness.argmax(axis=1) == rendered.labels).mean() > 0.3


def test_every_picture_shows_something(rendered):
    spread = grey(rendered.images).std(axis=(1, 2))
    assert np.quantile(spread, 0.01) > 0.02 and spread.max() < 0.5


def test_brightness_contrast_and_spectrum_are_near_those_of_svhn(rendered):
    if not os.path.isdir(f"{os.environ.get('CDOT_DATA')}/svhn"):
        pytest.skip("no SVHN at hand")
    real = load_svhn("train").images[:1083]
    for channel in range(3):
        a, b = rendered.images[..., channel] / 255, real[..., channel] / 255
        assert abs(a.mean() - b.mean()) < 0.03 and abs(a.std() - b.std()) < 0.03
    a, b = (np.quantile(grey(x).std(axis=(1, 2)), [0.05, 0.25, 0.5, 0.75, 0.95])
            for x in (rendered.images, real))
    np.testing.assert_allclose(a, b, rtol=0.2)
    spectra = []
    for images in (rendered.images, real):
        centred = grey(images) - grey(images).mean(axis=(1, 2), keepdims=True)
        power = (np.abs(np.fft.fft2(centred)) ** 2).mean(axis=0)
        spectra.append(np.stack([power[0, 1:17], power[1:17, 0]]))
    # From one to sixteen cycles a picture, along rows and down columns, within a factor of two,
    # while the power itself falls by a factor of two hundred.
    assert np.abs(np.log2(spectra[0] / spectra[1])).max() < 1


def test_the_loader_hands_them_out_when_asked():
    assert load_house_numbers("test", source="synthetic").synthetic


@pytest.mark.parametrize(
    "call",
    [
        lambda: synthetic_house_numbers("extra"),
        lambda: synthetic_house_numbers("train", 0),
        lambda: synthetic_house_numbers("train", 5, seed=-1),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
