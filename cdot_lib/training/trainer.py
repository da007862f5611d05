"""The training loop: seeded, resumable bit for bit, and stopped by a loss that is not finite."""

from __future__ import annotations

import copy
import math
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cdot_lib.data import ImageSet
from cdot_lib.errors import DataError, TrainingDiverged
from cdot_lib.models import Codec, Critic
from cdot_lib.progress import progress
from cdot_lib.training.batches import Batches, DegradedBatch
from cdot_lib.training.checkpoint import load_checkpoint, save_checkpoint
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.objective import codec_loss, critic_loss

__all__ = ["CURVES", "Trainer", "default_device"]

#: What is recorded along the way, with the step: W1 and the penalty as the critic sees them,
#: the distortion a pixel, and the cross entropy in nats.
CURVES = ("step", "w1", "penalty", "distortion", "cross_entropy")

_LAST_RATE = 0.02  # final learning rate, as a share of the first


def default_device() -> torch.device:
    """Return the first CUDA device if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Trainer:
    """Trains one codec on one set.

    Parameters
    ----------
    config : TrainConfig
    train : ImageSet
        Both domains come from it: degraded, and clean.
    classifier : nn.Module
        The classifier in the loss; it is copied and frozen.
    checkpoint : path, optional
        Where to keep the state. If the file exists and its configuration and data are those
        given here, training goes on from it, and ends bit for bit where an uninterrupted run
        ends (on the CPU, with the same number of threads).
    device : torch.device, optional
        By default CUDA if there is any.
    check_every : int
        Steps between two looks at the losses; each makes a copy of the state in memory.
    save_every : int
        Steps between two checkpoints on disk.

    Raises
    ------
    DataError
        If the checkpoint is damaged, or belongs to another configuration or data set.
    """

    def __init__(
        self, config: TrainConfig, train: ImageSet, classifier: nn.Module, *,
        checkpoint: Path | str | None = None, device: torch.device | None = None,
        check_every: int = 50, save_every: int = 1000,
    ) -> None:
        self.config = config
        self.device = default_device() if device is None else torch.device(device)
        self._identity = {"config": config.as_dict(), "data": train.digest}
        self._path = None if checkpoint is None else Path(checkpoint)
        self._check_every, self._save_every = check_every, save_every
        with torch.random.fork_rng():  # the caller's random state is not ours to move
            torch.manual_seed(config.seed)
            self.codec = self._make_codec().to(self.device)
            self.critic = self._make_critic().to(self.device)
        self.average: Codec = copy.deepcopy(self.codec).requires_grad_(False)
        self._classifier = copy.deepcopy(classifier).to(self.device).eval().requires_grad_(False)
        self._batches = Batches(
            train, batch=config.batch, seed=config.seed, device=self.device
        )
        self._noise = torch.Generator(self.device).manual_seed(config.seed)
        betas = (config.beta1, config.beta2)
        self._adam = {
            "codec": torch.optim.Adam(
                self.codec.parameters(), lr=config.lr_codec, betas=betas, fused=True
            ),
            "critic": torch.optim.Adam(
                self.critic.parameters(), lr=config.lr_critic, betas=betas, fused=True
            ),
        }
        self.step = 0
        self.seconds = 0.0
        self.curves: list[list[float]] = []
        if self._path is not None and self._path.is_file():
            self._resume(load_checkpoint(self._path, self.device))

    def _make_codec(self) -> nn.Module:
        return self.config.codec()

    def _make_critic(self) -> nn.Module:
        return Critic(hidden=self.config.critic_hidden)

    @property
    def images_per_second(self) -> float:
        """Images that codec steps have consumed for each second of training."""
        return self.step * self.config.batch / self.seconds if self.seconds else math.nan

    def state(self) -> dict[str, Any]:
        """Return everything that the rest of the run depends on, as copies."""
        return copy.deepcopy(
            {
                "identity": self._identity, "step": self.step, "seconds": self.seconds,
                "curves": self.curves, "codec": self.codec.state_dict(),
                "critic": self.critic.state_dict(), "average": self.average.state_dict(),
                "adam": {name: adam.state_dict() for name, adam in self._adam.items()},
                "generators": {n: g.get_state() for n, g in self._generators().items()},
            }
        )

    def load_state(self, state: dict[str, Any]) -> None:
        """Go back to a state that :meth:`state` returned."""
        self.step, self.seconds = state["step"], state["seconds"]
        self.curves = copy.deepcopy(state["curves"])
        self.codec.load_state_dict(state["codec"])
        self.critic.load_state_dict(state["critic"])
        self.average.load_state_dict(state["average"])
        for name, adam in self._adam.items():
            adam.load_state_dict(copy.deepcopy(state["adam"][name]))
        for name, generator in self._generators().items():
            generator.set_state(state["generators"][name].cpu())

    def _generators(self) -> dict[str, torch.Generator]:
        return {**self._batches.generators, "noise": self._noise}

    def _resume(self, state: dict[str, Any]) -> None:
        if state["identity"] != self._identity:
            raise DataError(
                f"{self._path}: belongs to another configuration or data set; delete it, or "
                "choose another file"
            )
        self.load_state(state)

    def train(self, *, until: int | None = None, bar: bool = True) -> Codec:
        """Run to step `until` (by default to the end) and return the averaged codec.

        Raises
        ------
        TrainingDiverged
            If a loss is infinite or NaN. The trainer is then back at its last good state,
            and so is the checkpoint.
        """
        last = self.config.steps if until is None else min(until, self.config.steps)
        good = self.state()
        counter = progress(total=last, initial=self.step, desc=self.config.label) if bar else None
        with counter or nullcontext():
            while self.step < last:
                started = time.perf_counter()
                terms = self._one_step()
                looks = self.step % self._check_every == 0 or self.step == last
                # Reading the losses waits for the device, so it belongs to the time.
                values = torch.stack(terms).tolist() if looks else []
                self.seconds += time.perf_counter() - started
                if looks:
                    if not all(map(math.isfinite, values)):
                        self._stop(good, values)
                    self.curves.append([self.step, *values])
                    good = self.state()
                    if counter is not None:
                        counter.update(self.step - counter.n)
                        counter.set_postfix(mse=f"{values[2]:.4f}", ce=f"{values[3]:.3f}")
                if self._path and (self.step % self._save_every == 0 or self.step == last):
                    save_checkpoint(self._path, self.state())
        return self.average

    def _stop(self, good: dict[str, Any], values: list[float]) -> None:
        named = ", ".join(f"{k} = {v:.4g}" for k, v in zip(CURVES[1:], values, strict=True))
        at = self.step
        self.load_state(good)
        if self._path is not None:
            save_checkpoint(self._path, good)
        raise TrainingDiverged(
            f"{self.config.label}: a loss is not finite near step {at} ({named}); the state of "
            f"step {self.step} is kept. Lower lr_codec or lr_critic, or raise gp_weight"
        )

    def _one_step(self) -> list[Tensor]:
        config = self.config
        rate = min(1.0, _LAST_RATE + 2.0 * (1.0 - self.step / config.steps))
        for name, full in (("codec", config.lr_codec), ("critic", config.lr_critic)):
            self._adam[name].param_groups[0]["lr"] = rate * full
        judged = self.step >= config.warmup_steps
        w1 = penalty = torch.zeros((), device=self.device)
        if judged:
            for _ in range(config.n_critic - 1):
                with torch.no_grad():
                    output = self._forward(self._batches.degraded())
                self._critic_step(output)
        batch = self._batches.degraded()
        output = self._forward(batch)
        if judged:
            # The critic's last step and the codec's share one forward pass of the codec.
            w1, penalty = self._critic_step(output.detach())
        self.critic.requires_grad_(False)
        loss = codec_loss(
            self.critic if judged else None, self._classifier,
            self._batches.upsample(batch.low), output, batch.labels, config,
        )
        self._adam["codec"].zero_grad()
        loss.total.backward()
        self._adam["codec"].step()
        self.critic.requires_grad_(True)
        # A short average at first, so that the initial weights are soon forgotten.
        weight = 1.0 - min(config.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.codec.parameters()), weight
            )
        self.step += 1
        return [w1, penalty, loss.distortion.detach(), loss.cross_entropy.detach()]

    def _forward(self, batch: DegradedBatch) -> Tensor:
        latent = self.codec.latent(batch.low)
        return self.codec.reconstruct(self.codec.channel(latent, self._noise))

    def _critic_step(self, output: Tensor) -> tuple[Tensor, Tensor]:
        clean, _ = self._batches.clean()
        loss = critic_loss(self.critic, output, clean, self._noise, self.config)
        self._adam["critic"].zero_grad()
        loss.total.backward()
        self._adam["critic"].step()
        return loss.w1.detach(), loss.penalty.detach()
