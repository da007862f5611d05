"""Networks: closed forms against automatic differentiation, and coding with real indices."""

import numpy as np
import pytest
import torch

from cdot_lib.coding import shared_dither
from cdot_lib.data import low_resolution
from cdot_lib.data.picture import COLOUR, DIGIT
from cdot_lib.errors import InvalidArgument
from cdot_lib.models import (
    Codec,
    Critic,
    LossClassifier,
    PredecessorCodec,
    PredecessorCritic,
    ReportingClassifier,
)
from cdot_lib.models.codec import latent_dims
from cdot_lib.models.critic import sharpening


def digit_codec(**options):
    return Codec(picture=DIGIT, inputs=49, **options)


def low(images):
    """What the encoder reads of digits: the 49 numbers of the small image."""
    return low_resolution(images.images).reshape(len(images), 49)


def make_critic(sharpened):
    """A critic of digits, or one of small photographs that it sharpens; and images for it."""
    torch.manual_seed(0)
    if not sharpened:
        return Critic(inputs=784, hidden=24).double(), torch.rand(50, 784, dtype=torch.float64)
    matrix = sharpening(16)
    critic = Critic(inputs=3 * 256, hidden=24, sharpen=matrix).double()
    return critic, torch.rand(50, 768, dtype=torch.float64)


@pytest.mark.parametrize("sharpened", [False, True])
def test_critic_gradient_is_that_of_autograd(sharpened):
    critic, x = make_critic(sharpened)
    x.requires_grad_(True)
    (expected,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    torch.testing.assert_close(critic.input_gradient(x.detach()), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("sharpened", [False, True])
def test_penalty_has_the_same_weight_gradient_as_double_backward(sharpened):
    critic, x = make_critic(sharpened)
    x.requires_grad_(True)
    (by_autograd,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    found = []
    for gradient in (by_autograd, critic.input_gradient(x.detach())):
        critic.zero_grad()
        (gradient.norm(dim=1) - 1).square().mean().backward()
        found.append([p.grad.clone() for p in critic.parameters() if p.grad is not None and p.grad.any()])
    assert len(found[0]) == len(found[1]) == 3  # the biases do not matter
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-12)


def test_sharpening_lowers_what_is_broad_and_raises_what_is_fine():
    matrix, axis = sharpening(32).double(), torch.arange(32.0).double()
    gains = [
        float((matrix @ wave)[8:24].norm() / wave[8:24].norm())
        for wave in (torch.ones(32).double(), torch.cos(torch.pi * (axis + 0.5) * 16 / 32))
    ]
    assert gains == pytest.approx([0.5, 2.0], abs=0.15)
    assert torch.linalg.matrix_rank(matrix) == 32  # no image becomes invisible


@pytest.mark.parametrize("common", [True, False])
def test_training_channel_has_the_law_of_the_real_quantiser(common, train):
    """The noise of training and real coding: same range, mean and variance of the error."""
    codec = digit_codec(rate_bits=8, common_randomness=common)
    features = low(train.first(1000))
    latent = codec.latent(torch.from_numpy(features))
    noise = torch.Generator().manual_seed(0)
    trained = (codec.channel(latent, noise) - latent).detach().numpy()
    numbers = np.arange(1000)
    values = codec.quantiser(3).decode(codec.encode(features, numbers, seed=3), numbers)
    real = values - latent.detach().numpy()
    if common:
        step = 2 / codec.levels
        for error in (trained, real):
            assert np.abs(error).max() <= step / 2 + 1e-6
            # 4,000 values: standard errors step/sqrt(12 n), and about that of the variance.
            assert abs(error.mean()) < 4 * step / np.sqrt(12 * error.size)
            assert error.var() == pytest.approx(step**2 / 12, rel=0.1)
    else:
        np.testing.assert_allclose(trained, real, atol=1e-6)


def test_straight_through_gradient_is_the_identity():
    codec = digit_codec(rate_bits=8, common_randomness=False)
    latent = torch.linspace(-0.7, 0.7, 12).reshape(3, 4).requires_grad_(True)
    codec.channel(latent, torch.Generator()).sum().backward()
    assert torch.equal(latent.grad, torch.ones(3, 4))


def test_decoder_needs_indices_and_seed_only(test):
    torch.manual_seed(0)
    codec = digit_codec(rate_bits=8).eval()
    indices, output = codec.transmit(low(test.first(30)), seed=9)
    assert indices.shape == (30, 4) and indices.min() >= 0 and indices.max() <= 3
    alone = codec.decode(indices[17:18], [17], seed=9)
    np.testing.assert_allclose(alone[0], output[17], atol=1e-6)
    assert np.abs(codec.decode(indices, np.arange(30), seed=10) - output).max() > 1e-3
    by_hand = (indices + 0.5) / 2 - 1 - shared_dither(9, np.arange(30), dims=4, step=0.5)
    with torch.inference_mode():
        expected = codec.reconstruct(torch.from_numpy(by_hand.astype(np.float32)))
    np.testing.assert_allclose(output.reshape(30, -1), expected.numpy(), atol=1e-6)


def test_without_common_randomness_there_are_at_most_two_to_the_rate_images(train):
    torch.manual_seed(0)
    codec = digit_codec(rate_bits=4, common_randomness=False).eval()
    _, output = codec.transmit(low(train))
    distinct = {row.tobytes() for row in np.round(output, 4).reshape(len(output), -1)}
    assert len(distinct) <= 16


@pytest.mark.parametrize("picture", [DIGIT, COLOUR])
def test_classifiers_share_neither_shape_nor_size(picture):
    loss, reporting = LossClassifier(picture), ReportingClassifier(picture)
    shapes = [{tuple(p.shape) for p in m.parameters() if p.ndim > 1} for m in (loss, reporting)]
    assert shapes[0] != shapes[1]
    images = torch.zeros(2, picture.size)
    assert reporting.features(images).shape == (2, 64)
    assert loss(images).shape == reporting(images).shape == (2, 10)


def test_the_class_term_of_photographs_sees_no_colour():
    """A codec cannot please it with coloured specks: any colours of one brightness are alike."""
    torch.manual_seed(0)
    images = torch.rand(4, 3, 1024)
    grey = images.mean(dim=1, keepdim=True).expand_as(images)
    loss, reporting = (kind(COLOUR).eval() for kind in (LossClassifier, ReportingClassifier))
    torch.testing.assert_close(loss(images.flatten(1)), loss(grey.flatten(1)), atol=1e-5, rtol=1e-4)
    assert (reporting(images.flatten(1)) - reporting(grey.flatten(1))).abs().max() > 1e-3


def test_a_fresh_codec_of_photographs_draws_grey():
    """What nothing asks for, as in a hole, is then not left over from random weights."""
    codec = Codec(picture=COLOUR, inputs=768, rate_bits=8, hidden=16)
    with torch.inference_mode():
        assert torch.equal(codec.reconstruct(torch.rand(2, 4)), torch.full((2, COLOUR.size), 0.5))


@pytest.mark.parametrize("kind", [Codec, PredecessorCodec])
@pytest.mark.parametrize(("picture", "inputs"), [(DIGIT, 49), (COLOUR, 768), (COLOUR, 1024)])
def test_a_codec_makes_pictures_of_its_kind(kind, picture, inputs):
    """1024 numbers are three colours and the mask, on a grid of 16 x 16."""
    torch.manual_seed(0)
    codec = kind(picture=picture, inputs=inputs, rate_bits=8, hidden=16).eval()
    indices, output = codec.transmit(np.random.default_rng(0).random((3, inputs)))
    assert indices.shape == (3, 4) and output.shape == (3, *picture.shape)
    assert 0 < output.min() and output.max() < 1
    # What reads and what draws keeps channels apart: row c of the picture's rows is channel c.
    with torch.inference_mode():
        rows = codec.reconstruct(torch.zeros(1, codec.dims))
    np.testing.assert_array_equal(picture.rows(picture.images(rows.numpy())), rows.numpy())


def test_colours_do_not_mix_in_the_decoder():
    """Logits of the first channel alone change the first channel alone."""
    codec = Codec(picture=COLOUR, inputs=768, rate_bits=8, hidden=16, grid=8)
    with torch.inference_mode():
        last = codec.decoder.perceptron[-1]
        last.weight.zero_()
        last.bias.zero_()
        last.bias[:64] = 2.0
        codec.decoder.linear.weight.zero_()
        picture = COLOUR.images(codec.reconstruct(torch.zeros(1, 4)).numpy())[0]
    np.testing.assert_allclose(picture[:, :, 0], 1 / (1 + np.exp(-4.0)), atol=1e-5)
    np.testing.assert_allclose(picture[:, :, 1:], 0.5, atol=1e-6)


@pytest.mark.parametrize(("picture", "inputs", "codec", "critic"), [
    (DIGIT, 49, 0.8, 1.03), (COLOUR, 768, 0.8, 1.03),
])
def test_the_predecessor_has_the_published_size(picture, inputs, codec, critic):
    """0.8 million weights in encoder and decoder, 1.0 in the critic (8 latent dimensions)."""
    networks = PredecessorCodec(picture=picture, inputs=inputs, rate_bits=16), PredecessorCritic(picture)
    counts = [sum(p.numel() for p in network.parameters()) / 1e6 for network in networks]
    assert counts == pytest.approx([codec, critic], abs=0.02)


@pytest.mark.parametrize("picture", [DIGIT, COLOUR])
def test_the_small_codec_is_no_larger_than_what_ships(picture):
    """Twelve codecs for house numbers must fit into 20 MB in half precision."""
    inputs = 49 if picture is DIGIT else 768
    codec = Codec(
        picture=picture, inputs=inputs, rate_bits=128, levels=16, grid=14 if picture is DIGIT else 16
    )
    assert sum(p.numel() for p in codec.parameters()) < 0.9e6


def test_gradient_of_the_predecessors_critic_can_be_differentiated():
    torch.manual_seed(0)
    critic = PredecessorCritic(DIGIT)
    critic.input_gradient(torch.rand(2, 784)).norm().backward()
    assert critic.layers[1].weight.grad.abs().sum() > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: latent_dims(5, 4),
        lambda: latent_dims(8, 3),
        lambda: latent_dims(0, 4),
        lambda: latent_dims(8.5, 4),
        lambda: digit_codec(rate_bits=8, levels=1),
        lambda: digit_codec(rate_bits=8, hidden=0),
        lambda: digit_codec(rate_bits=8, grid=3),
        lambda: digit_codec(rate_bits=8, grid=29),
        lambda: Codec(picture=DIGIT, inputs=0, rate_bits=8),
        lambda: PredecessorCodec(picture=DIGIT, inputs=51, rate_bits=8),
        lambda: digit_codec(rate_bits=8).encode(np.zeros((2, 7, 7)), [0, 1]),
        lambda: digit_codec(rate_bits=8).encode(np.zeros((2, 48)), [0, 1]),
        lambda: digit_codec(rate_bits=8).encode(np.full((1, 49), np.nan), [0]),
        lambda: digit_codec(rate_bits=8).encode(np.zeros((2, 49)), [0]),
        lambda: digit_codec(rate_bits=8).decode(np.zeros((1, 5), int), [0]),
        lambda: digit_codec(rate_bits=8).decode(np.full((1, 4), 4), [0]),
        lambda: Critic(inputs=784, hidden=-1),
        lambda: Critic(inputs=0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
