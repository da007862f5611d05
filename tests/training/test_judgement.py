"""What a classifier makes of images, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cdot_lib.data import synthetic_digits
from cdot_lib.errors import InvalidArgument
from cdot_lib.training.judgement import Judgement, judge


class _Fixed(torch.nn.Module):
    """Names the label that stands in the first pixel, with a given margin in nats."""

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.margin = torch.nn.Parameter(torch.tensor(margin))

    def forward(self, rows):
        return self.margin * torch.nn.functional.one_hot((rows[:, 0] * 10).round().long(), 10)


def _images(first_pixels):
    images = np.zeros((len(first_pixels), 28, 28), np.float32)
    images[:, 0, 0] = np.asarray(first_pixels) / 10
    return images


def test_losses_errors_and_confusion_by_hand():
    found = judge(_Fixed(np.log(11.0)), _images([3, 3, 4, 5]), [3, 3, 3, 5])
    # exp(margin) = 11 against nine ones: 11/20 for the label that is named, 1/20 for the others.
    assert found.losses_bits == pytest.approx(np.log2([20 / 11, 20 / 11, 20, 20 / 11]), abs=1e-6)
    assert found.error == 0.25
    assert found.confusion()[3, [3, 4]] == pytest.approx([2 / 3, 1 / 3])
    assert found.confusion()[5, 5] == 1.0 and found.confusion()[0].sum() == 0.0
    spread = found.losses_bits.std(ddof=1)
    assert found.half_width_bits == pytest.approx(1.96 * spread / 2)
    assert found.half_width_error == pytest.approx(1.96 * np.sqrt(0.25 * 0.75 / 4))


def test_a_sure_network_does_not_underflow():
    found = judge(_Fixed(800.0), _images([1]), [2])
    assert found.cross_entropy_bits == pytest.approx(800 / np.log(2))


def test_the_score_knows_no_labels_and_no_order():
    beliefs = np.log2(np.random.default_rng(0).dirichlet(np.ones(10), size=50))
    labels = np.arange(50) % 10
    score = Judgement(beliefs, labels).score_bits
    assert Judgement(beliefs[::-1], labels).score_bits == pytest.approx(score, abs=1e-12)
    assert Judgement(beliefs, (labels + 1) % 10).score_bits == score
    mean = np.exp2(beliefs).mean(axis=0)
    by_hand = (np.exp2(beliefs) * (beliefs - np.log2(mean))).sum(axis=1).mean()
    assert score == pytest.approx(by_hand, abs=1e-12)


def test_colour_is_read_channel_after_channel():
    """The first number of a row is the red of the first pixel, however the array is laid out."""
    images = np.zeros((2, 32, 32, 3), np.float32)
    images[:, 0, 0, 0] = [0.3, 0.7]
    images[:, 0, 0, 1:] = 0.9
    assert judge(_Fixed(5.0), images, [3, 7]).error == 0.0


def test_shapes_are_checked():
    digits = synthetic_digits("test").first(3)
    with pytest.raises(InvalidArgument, match="images"):
        judge(_Fixed(1.0), digits.images / 255, digits.labels[:2])
