"""The book's critic on two Gaussians of the line, where its answer is known.

Nothing here is special: the critic, its penalty and the optimiser are those with which the codecs
of images are trained, and the laws are those of :class:`cdot_lib.theory.critic.GaussianPair`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri

from cdot_lib.models import Critic
from cdot_lib.theory.critic import GaussianPair
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.objective import critic_loss
from cdot_lib.validate import positive_int, seed

__all__ = ["LineCritic", "train_line_critic"]

Array = NDArray[np.float64]

#: Quantiles of each law on which an estimate is evaluated, and how often that is done.
_QUANTILES, _LOOKS = 4000, 40

#: Weight of the penalty in gentle steps.
_GENTLE = 0.3


@dataclass(frozen=True, eq=False)
class LineCritic:
    """A trained critic of two Gaussians.

    Attributes
    ----------
    critic : Critic
    steps : ndarray of int, shape (m,)
        After how many steps it was looked at.
    estimates : ndarray, shape (m,)
        E f(Y) - E f(X) at these steps.
    """

    critic: Critic
    steps: NDArray[np.int64]
    estimates: Array

    @property
    def estimate(self) -> float:
        """Mean of the last quarter of the looks: single ones jitter with their batches."""
        return float(self.estimates[-max(1, len(self.estimates) // 4) :].mean())

    @torch.inference_mode()
    def score(self, x: Array) -> Array:
        """The critic at each number of a vector."""
        column = torch.from_numpy(np.asarray(x, dtype=np.float32)[:, None])
        return self.critic(column).numpy().astype(np.float64)

    def slope(self, x: Array) -> Array:
        """Its derivative there."""
        column = torch.from_numpy(np.asarray(x, dtype=np.float32)[:, None])
        return self.critic.input_gradient(column).detach().numpy()[:, 0].astype(np.float64)


def train_line_critic(
    pair: GaussianPair,
    *,
    gp_weight: float,
    steps: int,
    batch: int = 256,
    hidden: int = 64,
    gentle_steps: int = 0,
    start_seed: int = 0,
) -> LineCritic:
    """Train a critic to tell Y from X by WGAN-GP, with fresh batches in each step.

    Parameters
    ----------
    pair : GaussianPair
    gp_weight : float
        Weight of the gradient penalty.
    steps, batch : int
        Steps of Adam, and numbers from each law in a step.
    hidden : int
        Width of the critic.
    gentle_steps : int
        First steps, with a penalty of weight 0.3 at most: on the line a critic that starts downhill
        cannot turn around under a heavy one.
    start_seed : int
        Of weights and batches.

    Raises
    ------
    InvalidArgument
        If a number is out of range.
    """
    steps, batch = positive_int("steps", steps), positive_int("batch", batch)
    if gentle_steps != 0:
        positive_int("gentle_steps", gentle_steps)
    # Only the terms of the critic's loss are used of a configuration.
    config = TrainConfig(gp_weight=gp_weight, gp_share=1.0)
    gentle = TrainConfig(gp_weight=min(gp_weight, _GENTLE), gp_share=1.0)
    generator = torch.Generator().manual_seed(seed("start_seed", start_seed))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(start_seed)
        critic = Critic(inputs=1, hidden=hidden)
    adam = torch.optim.Adam(critic.parameters(), lr=3e-3, betas=(0.0, 0.9))
    ranks = torch.from_numpy(ndtri((np.arange(_QUANTILES) + 0.5) / _QUANTILES)).float()[:, None]
    ends = pair.mean_x + pair.std_x * ranks, pair.mean_y + pair.std_y * ranks
    # More often in the beginning, when most happens; at evenly spaced logarithms.
    looks = np.unique(np.geomspace(1, steps, _LOOKS).astype(np.int64))
    seen = []
    for step in range(1, steps + 1):
        drawn = torch.randn((2, batch, 1), generator=generator)
        x, y = pair.mean_x + pair.std_x * drawn[0], pair.mean_y + pair.std_y * drawn[1]
        adam.zero_grad(set_to_none=True)
        settings = gentle if step <= gentle_steps else config
        critic_loss(critic, x, y, generator, settings).total.backward()
        adam.step()
        if step in looks:
            with torch.inference_mode():
                seen.append(float(critic(ends[1]).mean() - critic(ends[0]).mean()))
    return LineCritic(critic, looks, np.array(seen))
