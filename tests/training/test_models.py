"""Networks: closed forms against automatic differentiation, and coding with real indices."""

import numpy as np
import pytest
import torch

from cdot_lib.coding import shared_dither
from cdot_lib.data import low_resolution
from cdot_lib.errors import InvalidArgument
from cdot_lib.models import Codec, Critic, LossClassifier, ReportingClassifier
from cdot_lib.models.codec import latent_dims


def test_critic_gradient_is_that_of_autograd():
    torch.manual_seed(0)
    critic, x = Critic(hidden=24).double(), torch.rand(50, 784, dtype=torch.float64)
    x.requires_grad_(True)
    (expected,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    torch.testing.assert_close(critic.input_gradient(x.detach()), expected, rtol=1e-10, atol=1e-12)


def test_penalty_has_the_same_weight_gradient_as_double_backward():
    torch.manual_seed(1)
    critic, x = Critic(hidden=24).double(), torch.rand(20, 784, dtype=torch.float64)
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


@pytest.mark.parametrize("common", [True, False])
def test_training_channel_has_the_law_of_the_real_quantiser(common, train):
    """The noise of training and real coding: same range, mean and variance of the error."""
    codec = Codec(rate_bits=8, common_randomness=common)
    low = low_resolution(train.images[:1000])
    latent = codec.latent(torch.from_numpy(low.reshape(-1, 49)))
    noise = torch.Generator().manual_seed(0)
    trained = (codec.channel(latent, noise) - latent).detach().numpy()
    numbers = np.arange(1000)
    values = codec.quantiser(3).decode(codec.encode(low, numbers, seed=3), numbers)
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
    codec = Codec(rate_bits=8, common_randomness=False)
    latent = torch.linspace(-0.7, 0.7, 12).reshape(3, 4).requires_grad_(True)
    codec.channel(latent, torch.Generator()).sum().backward()
    assert torch.equal(latent.grad, torch.ones(3, 4))


def test_decoder_needs_indices_and_seed_only(test):
    torch.manual_seed(0)
    codec, low = Codec(rate_bits=8).eval(), low_resolution(test.images[:30])
    indices, output = codec.transmit(low, seed=9)
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
    codec = Codec(rate_bits=4, common_randomness=False).eval()
    _, output = codec.transmit(low_resolution(train.images))
    distinct = {row.tobytes() for row in np.round(output, 4).reshape(len(output), -1)}
    assert len(distinct) <= 16


def test_classifiers_share_neither_shape_nor_size():
    loss, reporting = LossClassifier(), ReportingClassifier()
    shapes = [{tuple(p.shape) for p in m.parameters()} for m in (loss, reporting)]
    assert shapes[0] != shapes[1]
    assert reporting.features(torch.zeros(2, 784)).shape == (2, 64)


@pytest.mark.parametrize(
    "call",
    [
        lambda: latent_dims(5, 4),
        lambda: latent_dims(8, 3),
        lambda: latent_dims(0, 4),
        lambda: latent_dims(8.5, 4),
        lambda: Codec(rate_bits=8, levels=1),
        lambda: Codec(rate_bits=8, hidden=0),
        lambda: Codec(rate_bits=8, grid=3),
        lambda: Codec(rate_bits=8).encode(np.zeros((2, 28, 28)), [0, 1]),
        lambda: Codec(rate_bits=8).encode(np.full((1, 7, 7), np.nan), [0]),
        lambda: Codec(rate_bits=8).encode(np.zeros((2, 7, 7)), [0]),
        lambda: Codec(rate_bits=8).decode(np.zeros((1, 5), int), [0]),
        lambda: Codec(rate_bits=8).decode(np.full((1, 4), 4), [0]),
        lambda: Critic(hidden=-1),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
