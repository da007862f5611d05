"""Every degradation: its law, its masks to the pixel, and what the encoder can and cannot read."""

import numpy as np
import pytest
from PIL import Image

from cdot_lib.data import (
    COLOUR,
    DIGIT,
    Degradation,
    bicubic_matrix,
    centre_square,
    degrade,
    gaussian_noise,
    low_resolution,
    random_pixels,
    random_square,
    super_resolution_x4,
    synthetic_digits,
    synthetic_house_numbers,
)
from cdot_lib.errors import InvalidArgument

MASKING = [centre_square(), random_square(), random_pixels()]
ON_COLOUR = [gaussian_noise(), *MASKING]


def by_name(degradation):
    return degradation.name


@pytest.fixture(scope="module")
def houses():
    return synthetic_house_numbers("test", 60).images


@pytest.fixture(scope="module")
def digits():
    return synthetic_digits("test", 20).images


def test_names_say_what_is_done():
    every = [super_resolution_x4(), *ON_COLOUR, gaussian_noise(0.1), random_pixels(0.25)]
    assert [one.name for one in every] == [
        "bicubic-x4", "noise-20", "centre-square-12", "random-square-12", "random-pixels-50",
        "noise-25.5", "random-pixels-25",
    ]
    assert gaussian_noise().description == "Gaussian noise, standard deviation 20/255"
    assert random_pixels(0.25).description == "25% of the pixels hidden at random"


def test_super_resolution_is_the_degradation_of_old(digits):
    x4 = super_resolution_x4()
    got = x4.degrade(digits)
    # One matrix instead of two: float32, sums of 784 terms below one.
    np.testing.assert_allclose(got.images, degrade(digits), atol=3e-6)
    assert got.visible is None and x4.inputs == 49


def test_the_reader_of_super_resolution_recovers_the_49_numbers(digits):
    x4 = super_resolution_x4()
    read = x4.read(x4.degrade(digits))
    np.testing.assert_allclose(read, low_resolution(digits).reshape(-1, 49), atol=1e-5)


def test_noise_has_the_stated_deviation_and_no_memory(houses):
    noise = gaussian_noise().degrade(houses).images - houses / np.float32(255)
    count = noise.size
    # A sample deviation errs by std / sqrt(2 n); five of these.
    assert abs(noise.std() * 255 - 20) < 5 * 20 / np.sqrt(2 * count)
    assert abs(noise.mean() * 255) < 5 * 20 / np.sqrt(count)
    flat = noise / noise.std()
    for shifted in (flat[:, 1:] * flat[:, :-1], flat[:, :, 1:] * flat[:, :, :-1],
                    flat[..., 1:] * flat[..., :-1], flat[1:] * flat[:-1]):
        assert abs(shifted.mean()) < 5 / np.sqrt(shifted.size)
    assert (flat**4).mean() == pytest.approx(3, abs=5 * np.sqrt(96 / count))  # a Gaussian's


def test_noise_is_not_clipped():
    white = np.full((2, 32, 32, 3), 255, np.uint8)
    above = gaussian_noise().degrade(white).images > 1
    assert 0.45 < above.mean() < 0.55


def test_the_centre_square_hides_144_pixels_in_the_middle(houses):
    got = centre_square().degrade(houses)
    hidden = ~got.visible
    assert (hidden.sum(axis=(1, 2)) == 144).all() and hidden[:, 10:22, 10:22].all()
    assert (got.images[:, 10:22, 10:22] == 0.5).all()


def test_random_squares_are_squares_anywhere_inside():
    visible = random_square().visible(np.arange(2000))
    hidden = ~visible
    assert (hidden.sum(axis=(1, 2)) == 144).all()
    rows, cols = hidden.any(axis=2), hidden.any(axis=1)
    assert (rows.sum(axis=1) == 12).all() and (cols.sum(axis=1) == 12).all()
    tops = rows.argmax(axis=1)
    assert set(tops) == set(cols.argmax(axis=1)) == set(range(21))
    assert abs(np.corrcoef(tops, cols.argmax(axis=1))[0, 1]) < 5 / np.sqrt(2000)


def test_random_pixels_hide_the_share_exactly_and_evenly():
    hidden = ~random_pixels(0.3).visible(np.arange(2000))
    assert (hidden.sum(axis=(1, 2)) == round(0.3 * 1024)).all()
    often = hidden.mean(axis=0)
    # 1,024 pixels, each a mean of 2,000 trials: the farthest stays within five deviations.
    assert np.abs(often - 0.3).max() < 5 * np.sqrt(0.21 / 2000)


@pytest.mark.parametrize("degradation", MASKING, ids=by_name)
def test_what_is_visible_stays_and_the_mask_can_be_seen_in_x(houses, degradation):
    got = degradation.degrade(houses)
    clean = houses / np.float32(255)
    assert np.array_equal(got.images[got.visible], clean[got.visible])
    assert np.array_equal((got.images == 0.5).all(axis=-1), ~got.visible)


@pytest.mark.parametrize("degradation", MASKING, ids=by_name)
def test_what_the_encoder_reads_does_not_depend_on_hidden_pixels(houses, degradation):
    got = degradation.degrade(houses)
    other = np.where(got.visible[..., None], houses, 255 - houses)
    assert not np.array_equal(other, houses)
    again = degradation.read(degradation.degrade(other))
    assert np.array_equal(again, degradation.read(got))
    # And it does depend on the others.
    assert not np.array_equal(degradation.read(degradation.degrade(255 - houses)), again)


@pytest.mark.parametrize("degradation", ON_COLOUR, ids=by_name)
def test_image_i_alone_is_image_i_among_others(houses, degradation):
    every = degradation.degrade(houses, seed=3)
    alone = degradation.degrade(houses[17:18], [17], seed=3)
    assert np.array_equal(alone.images[0], every.images[17])
    backwards = degradation.degrade(houses[::-1], np.arange(60)[::-1], seed=3)
    assert np.array_equal(backwards.images[::-1], every.images)
    np.testing.assert_allclose(degradation.read(alone)[0], degradation.read(every)[17], atol=1e-6)


@pytest.mark.parametrize("degradation", [gaussian_noise(), *MASKING[1:]], ids=by_name)
def test_seeds_and_numbers_give_different_draws(houses, degradation):
    one, two = np.repeat(houses[:1], 2, axis=0), degradation.degrade(houses[:1], [0], seed=1)
    first = degradation.degrade(one)
    assert not np.array_equal(first.images[0], first.images[1])
    assert not np.array_equal(first.images[0], two.images[0])


def test_what_the_encoder_reads_is_the_reduction_channel_by_channel(houses):
    noisy = gaussian_noise()
    got = noisy.degrade(houses[:3])
    read = noisy.read(got).reshape(3, 3, 16, 16)
    for channel in range(3):
        whole = Image.fromarray(np.ascontiguousarray(got.images[1, :, :, channel]))
        small = np.asarray(whole.resize((16, 16), Image.Resampling.BICUBIC))
        np.testing.assert_allclose(read[1, channel], small, atol=3e-6)
    assert noisy.inputs == 768 == centre_square().inputs


def test_the_encoder_reads_a_random_mask_last(houses):
    degradation = random_square()
    got = degradation.degrade(houses)
    read = degradation.read(got)
    assert read.shape == (60, degradation.inputs) == (60, 1024)
    mask = read[:, 768:].reshape(60, 16, 16)
    half = bicubic_matrix(32, 16)
    np.testing.assert_allclose(mask, half @ got.visible.astype(np.float32) @ half.T, atol=1e-6)
    # Far from the square everything is visible: one.
    assert np.median(np.abs(mask - 1)) < 1e-5


GOOD = dict(name="x", description="x", picture=COLOUR, reader=bicubic_matrix(32, 16))


@pytest.mark.parametrize(
    "call",
    [
        lambda: gaussian_noise(-0.1),
        lambda: centre_square(0),
        lambda: centre_square(33),
        lambda: random_square(2.5),
        lambda: random_pixels(1.0),
        lambda: Degradation(**GOOD, mask="stripes"),
        lambda: Degradation(**GOOD, smooth=np.eye(28)),
        lambda: Degradation(**GOOD | {"picture": DIGIT}),
        lambda: gaussian_noise().degrade(np.zeros((1, 28, 28))),
        lambda: gaussian_noise().degrade(np.zeros((2, 32, 32, 3)), [0]),
        lambda: gaussian_noise().degrade(np.zeros((1, 32, 32, 3)), [-1]),
        lambda: gaussian_noise().degrade(np.zeros((1, 32, 32, 3)), seed=-1),
        lambda: random_square().visible([0.5]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
