"""Restorers and codecs to compare with: they restore, their bits are those of files, choices are choices."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cdot_lib.data import gaussian_noise, synthetic_house_numbers
from cdot_lib.errors import InvalidArgument
from cdot_lib.training.baselines import (
    FORMATS,
    choose,
    jpeg_family,
    nearest_rate,
    non_local_means,
    total_variation,
)

STD = 20 / 255


@pytest.fixture(scope="module")
def clean():
    return synthetic_house_numbers("train", 24).images / np.float32(255)


@pytest.fixture(scope="module")
def noisy(clean):
    return gaussian_noise().degrade(clean).images


def square(first, second):
    return float(np.square(first - second).mean())


class TestRestorers:
    def test_both_remove_noise(self, clean, noisy):
        for output in (
            non_local_means(noisy, noise_std=STD, strength=0.6), total_variation(noisy, weight=0.08)
        ):
            assert output.shape == clean.shape and output.dtype == np.float32
            assert square(output, clean) < 0.5 * square(noisy, clean)

    def test_more_takes_more_away(self, noisy):
        for restore, values in (
            (lambda v: non_local_means(noisy[:6], noise_std=STD, strength=v), (0.2, 0.6, 1.2)),
            (lambda v: total_variation(noisy[:6], weight=v), (0.02, 0.08, 0.3)),
        ):
            taken = [square(restore(value), noisy[:6]) for value in values]
            assert taken[0] < 0.9 * taken[1] and taken[1] < 0.98 * taken[2]

    def test_the_nearest_is_chosen(self, clean, noisy):
        best, squares = choose(lambda x, g: g * x, [0.2, 1.0, 3.0], noisy=noisy, clean=clean)
        assert best == 1.0 and squares[1.0] == pytest.approx(square(noisy, clean), rel=1e-5)
        assert squares[1.0] == min(squares.values())

    def test_refusals(self, noisy):
        with pytest.raises(InvalidArgument, match="strength"):
            non_local_means(noisy, noise_std=STD, strength=0.0)
        with pytest.raises(InvalidArgument, match="weight"):
            total_variation(noisy, weight=-1.0)
        with pytest.raises(InvalidArgument, match="images"):
            total_variation(noisy[0], weight=0.1)
        with pytest.raises(InvalidArgument, match="values"):
            choose(lambda x, g: x, [], noisy=noisy, clean=noisy)


class TestFormats:
    @pytest.mark.parametrize(
        ("kind", "setting"), [("JPEG", "quality 80"), ("JPEG 2000", "1/4, 6 resolutions")]
    )
    def test_bits_of_files(self, kind, setting, clean):
        coded = jpeg_family(clean[:4], kind, setting)
        buffer = io.BytesIO()
        picture = Image.fromarray(np.rint(255 * clean[0]).astype(np.uint8))
        picture.save(buffer, optimize=True, **FORMATS[kind][setting])
        alone = jpeg_family(clean[:1], kind, setting)
        assert alone.file_bits == 8 * len(buffer.getvalue())
        decoded = np.asarray(Image.open(io.BytesIO(buffer.getvalue()))) / 255
        np.testing.assert_allclose(alone.output[0], decoded, atol=1e-6)
        np.testing.assert_allclose(alone.output[0], coded.output[0])
        assert 0 < coded.payload_bits < coded.file_bits
        assert square(coded.output, clean[:4]) < 0.005

    @pytest.mark.parametrize("kind", list(FORMATS))
    def test_headers_are_the_same_for_all_pictures(self, kind, clean, noisy):
        # What is not payload has one length, whatever the picture: it holds nothing of it.
        setting = list(FORMATS[kind])[-1]
        lengths = set()
        for image in (clean[0], noisy[1], np.zeros_like(clean[0])):
            buffer = io.BytesIO()
            picture = Image.fromarray(np.rint(255 * image.clip(0, 1)).astype(np.uint8))
            picture.save(buffer, **FORMATS[kind][setting])
            payload = jpeg_family(image[None], kind, setting).payload_bits
            lengths.add(8 * len(buffer.getvalue()) - payload)
        assert len(lengths) == 1

    def test_nearest_rate(self, noisy):
        settings = {s: jpeg_family(noisy, "JPEG", s).payload_bits for s in FORMATS["JPEG"]}
        assert nearest_rate("JPEG", 0.0, training=noisy) == "quality 1"
        assert nearest_rate("JPEG", settings["quality 30"] + 1, training=noisy) == "quality 30"
        assert nearest_rate("JPEG", 1e6, training=noisy) == "quality 80"

    def test_refusals(self, noisy):
        with pytest.raises(InvalidArgument, match="kind"):
            jpeg_family(noisy, "GIF", "quality 1")
        with pytest.raises(InvalidArgument, match="setting"):
            jpeg_family(noisy, "JPEG", "quality 101")
        with pytest.raises(InvalidArgument, match="rate_bits"):
            nearest_rate("JPEG", -1.0, training=noisy)
