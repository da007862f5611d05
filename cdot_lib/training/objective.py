"""The objective: lambda_d E|X - Y|^2 + lambda_p W1(p_Y, p_clean) + lambda_c CE(S, S(Y)).

X is the degraded image, Y its reconstruction and S its label. W1 is the critic's estimate
from a batch of reconstructions and a batch of clean images that were drawn independently of
each other: no term compares a reconstruction with the clean image that it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from cdot_lib.training.config import TrainConfig

__all__ = ["CodecLoss", "CriticLoss", "ScoresImages", "codec_loss", "critic_loss"]


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
    cross_entropy: Tensor


def critic_loss(
    critic: ScoresImages, fake: Tensor, clean: Tensor, generator: torch.Generator,
    config: TrainConfig,
) -> CriticLoss:
    """Return the WGAN-GP loss [gulrajani2017]_ on two unpaired batches, shape (n, 784) each.

    The penalty asks for a unit gradient at random points of the segments between the
    batches' rows, on the first ``gp_share`` of the rows.
    """
    scores = critic(torch.cat([fake, clean]))
    w1 = scores[len(fake) :].mean() - scores[: len(fake)].mean()
    rows = max(1, int(config.gp_share * len(fake)))
    where = torch.rand((rows, 1), generator=generator, device=fake.device)
    gradient = critic.input_gradient(torch.lerp(clean[:rows], fake[:rows], where))
    penalty = (gradient.norm(dim=1) - 1.0).square().mean()
    return CriticLoss(config.gp_weight * penalty - w1, w1, penalty)


def codec_loss(
    critic: ScoresImages | None, classifier: nn.Module, degraded: Tensor, output: Tensor,
    labels: Tensor, config: TrainConfig,
) -> CodecLoss:
    """Return the paper's objective on a batch; without a critic, less its W1 term."""
    distortion = (output - degraded).square().mean()
    cross_entropy = nn.functional.cross_entropy(classifier(output), labels)
    adversarial = torch.zeros_like(distortion) if critic is None else -critic(output).mean()
    total = (
        config.lambda_d * distortion
        + config.lambda_p * adversarial
        + config.lambda_c * cross_entropy
    )
    return CodecLoss(total, distortion, adversarial, cross_entropy)
