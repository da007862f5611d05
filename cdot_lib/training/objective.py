"""The objective: lambda_d E|X - Y|^2 + lambda_p W1(p_Y, p_clean) + lambda_c times a class term.

X is the degraded image, Y its reconstruction and S its label. W1 is the critic's estimate
from a batch of reconstructions and a batch of clean images that were drawn independently of
each other: no term compares a reconstruction with the clean image that it came from. (Only
supervised training, ``paired``, puts that image in the place of X.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from cdot_lib.training.batches import DegradedBatch
from cdot_lib.training.config import TrainConfig

__all__ = [
    "CodecLoss", "CriticLoss", "ScoresImages", "class_loss", "codec_loss", "critic_loss",
    "distortion",
]


class ScoresImages(Protocol):
    """What the objective asks of a critic."""

    def __call__(self, images: Tensor) -> Tensor:
        """Return the score of each image."""

    def input_gradient(self, images: Tensor) -> Tensor:
        """Return the gradient of each score in its image, differentiable in the weights."""


@dataclass(frozen=True)
class CriticLoss:
    """Terms of the critic's loss: `total` = gp_weight * penalty - w1."""

    total: Tensor
    w1: Tensor
    penalty: Tensor


@dataclass(frozen=True)
class CodecLoss:
    """Terms of the codec's loss; `adversarial` is minus the mean score, W1 up to a constant."""

    total: Tensor
    distortion: Tensor
    adversarial: Tensor
    class_term: Tensor


def critic_loss(
    critic: ScoresImages, fake: Tensor, clean: Tensor, generator: torch.Generator,
    config: TrainConfig,
) -> CriticLoss:
    """Return the WGAN-GP loss [gulrajani2017]_ on two unpaired batches.

    The penalty asks for a unit gradient at random points of the segments between the
    batches' rows, on the first ``gp_share`` of the rows.

    Parameters
    ----------
    critic : ScoresImages
    fake, clean : Tensor, shape (n, size)
        Reconstructions, and clean images that have nothing to do with them.
    generator : torch.Generator
        Draws the points on the segments.
    config : TrainConfig
    """
    scores = critic(torch.cat([fake, clean]))
    w1 = scores[len(fake) :].mean() - scores[: len(fake)].mean()
    rows = max(1, int(config.gp_share * len(fake)))
    where = torch.rand((rows, 1), generator=generator, device=fake.device)
    gradient = critic.input_gradient(torch.lerp(clean[:rows], fake[:rows], where))
    penalty = (gradient.norm(dim=1) - 1.0).square().mean()
    return CriticLoss(config.gp_weight * penalty - w1, w1, penalty)


def distortion(output: Tensor, batch: DegradedBatch, *, paired: bool) -> Tensor:
    """Return the mean square to X over its visible pixels, or, paired, to the clean image.

    What is hidden says nothing about the image, and a codec that had to repeat the grey of it
    would be punished for filling it in.
    """
    if paired:
        return (output - batch.clean).square().mean()
    squares = (output - batch.degraded).square()
    if batch.visible is None:
        return squares.mean()
    weight = batch.visible.flatten(1).float()
    planes = squares.view(len(output), -1, weight.shape[1])
    return (planes.mean(dim=1) * weight).sum() / weight.sum()


def class_loss(logits: Tensor, labels: Tensor, kind: str) -> Tensor:
    """Return the class term in nats: log loss of the true label, or entropy of the beliefs.

    The cross entropy bounds H(S|Y) from above, for any classifier. The entropy of the beliefs,
    which takes no label, estimates H(S|Y) only as far as the classifier is calibrated at Y. It
    does not see a reconstruction that is sharp and of the wrong class: a codec that turns every
    image into the same perfect digit has none of it.

    Parameters
    ----------
    logits : Tensor, shape (n, 10)
    labels : Tensor of int64, shape (n,)
    kind : str
        One of :data:`cdot_lib.training.config.CLASS_TERMS`.
    """
    if kind == "cross-entropy":
        return nn.functional.cross_entropy(logits, labels)
    beliefs = torch.log_softmax(logits, dim=1)
    return -(beliefs.exp() * beliefs).sum(dim=1).mean()


def codec_loss(
    critic: ScoresImages | None, classifier: nn.Module, batch: DegradedBatch, output: Tensor,
    config: TrainConfig,
) -> CodecLoss:
    """Return the paper's objective on a batch; without a critic, less its W1 term.

    Parameters
    ----------
    critic : ScoresImages or None
    classifier : nn.Module
        The classifier in the loss, frozen.
    batch : DegradedBatch
    output : Tensor, shape (n, size)
        Reconstructions of the batch.
    config : TrainConfig
    """
    apart = distortion(output, batch, paired=config.paired)
    named = class_loss(classifier(output), batch.labels, config.class_term)
    adversarial = torch.zeros_like(apart) if critic is None else -critic(output).mean()
    total = config.lambda_d * apart + config.lambda_p * adversarial + config.lambda_c * named
    return CodecLoss(total, apart, adversarial, named)
