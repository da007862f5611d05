"""Pictures in two layouts, and image sets of either shape that know how much of them is here."""

import dataclasses

import numpy as np
import pytest

from cdot_lib.data import COLOUR, DIGIT, ImageSet, Picture, low_resolution
from cdot_lib.errors import InvalidArgument

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 28, 28)).astype(np.uint8)
PAINTED = RNG.integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
LABELS = np.array([0, 9, 4], np.uint8)


def image_set(**changes):
    fields = dict(images=PAINTED, labels=LABELS, part="test", name="SVHN", source="local folder")
    return ImageSet(**fields | changes)


@pytest.mark.parametrize(
    ("picture", "size", "shape"), [(DIGIT, 784, (28, 28)), (COLOUR, 3072, (32, 32, 3))]
)
def test_sizes(picture, size, shape):
    assert (picture.size, picture.shape) == (size, shape)


def test_rows_are_channel_after_channel_and_go_back():
    rows = COLOUR.rows(PAINTED)
    assert rows.dtype == np.float32 and rows.shape == (3, 3072)
    # Written out: channel c, row i, column j stands at 1024 c + 32 i + j.
    assert rows[2, 1024 * 1 + 32 * 5 + 7] == np.float32(PAINTED[2, 5, 7, 1]) / np.float32(255)
    assert np.array_equal(np.rint(255 * COLOUR.images(rows)), PAINTED)
    assert np.array_equal(COLOUR.rows(COLOUR.images(rows)), rows)


def test_grey_rows_are_what_they_were():
    plain = GREY.reshape(3, -1).astype(np.float32) / np.float32(255)
    assert np.array_equal(DIGIT.rows(GREY), plain)
    assert np.array_equal(DIGIT.images(plain).reshape(3, -1), plain)
    assert low_resolution(GREY).shape == (3, 7, 7)


def test_rows_do_not_share_memory_with_the_images():
    for picture, images in ((COLOUR, PAINTED), (DIGIT, GREY)):
        for kind in (np.float64, np.float32):
            source = (images / 255.0).astype(kind)
            picture.rows(source)[:] = 0
            assert source.max() > 0.9


def test_a_set_of_colour_pictures():
    images = image_set()
    assert images.picture == COLOUR and image_set(images=GREY).picture == DIGIT
    assert images.description == "SVHN, test part, all 3 images"
    assert images.first(2).images.shape == (2, 32, 32, 3) and not images.synthetic


def test_a_part_says_which_one_and_so_does_its_beginning():
    part = image_set(extent="part", shortened="first 3 of 73,257")
    assert part.description == "SVHN (part: first 3 of 73,257), test part, all 3 images"
    assert part.first(2).description.startswith("SVHN (part: first 3 of 73,257)")
    assert part.first(2).description.endswith("first 2 images")
    rendered = image_set(extent="rendered")
    assert rendered.synthetic and rendered.description.startswith("SYNTHETIC SVHN")


def test_the_digest_sees_the_shape_and_every_colour():
    base = image_set().digest
    for channel in range(3):
        changed = PAINTED.copy()
        changed[1, 31, 0, channel] ^= 1
        assert image_set(images=changed).digest != base
    assert image_set(extent="rendered").digest == base  # the digest is of the content


@pytest.mark.parametrize(
    "call",
    [
        lambda: Picture(0),
        lambda: Picture(28, 2),
        lambda: COLOUR.rows(GREY),
        lambda: COLOUR.rows(PAINTED[0]),
        lambda: COLOUR.rows(PAINTED.astype(float)),
        lambda: COLOUR.rows(np.full((1, 32, 32, 3), np.nan)),
        lambda: COLOUR.rows(3.0),
        lambda: COLOUR.images(np.zeros((3, 784))),
        lambda: COLOUR.images(np.zeros((3, 3072), complex)),
        lambda: image_set(images=PAINTED[..., :2]),
        lambda: image_set(images=PAINTED.transpose(0, 3, 1, 2)),
        lambda: image_set(extent="half"),
        lambda: image_set(extent="part"),
        lambda: image_set(shortened="first 3 of 4"),
        lambda: dataclasses.replace(image_set(), labels=LABELS[:2]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
