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

from cdot_lib import validate
from cdot_lib.errors import DataError, InvalidArgument, TrainingDiverged
from cdot_lib.models import Codec
from cdot_lib.progress import progress
from cdot_lib.training.batches import Batches, DegradedBatch
from cdot_lib.training.checkpoint import load_checkpoint, save_checkpoint
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import weights_digest
from cdot_lib.training.objective import codec_loss, critic_loss
from cdot_lib.training.tasks import Task

__all__ = ["CURVES", "Trainer", "default_device"]

#: What is recorded along the way, with the step: W1 and the penalty as the critic sees them,
#: the distortion a pixel, and the class term in nats.
CURVES = ("step", "w1", "penalty", "distortion", "class_term")

_LAST_RATE = 0.02  # final learning rate, as a share of the first
_RENDERED = 2**20  # added to the seed of the batches of rendered images


def default_device() -> torch.device:
    """Return the first CUDA device if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Trainer:
    """Trains one codec on one task.

    Parameters
    ----------
    config : TrainConfig
    task : Task
        Both domains come from its training set: degraded, and clean.
    classifier : nn.Module
        The classifier in the loss; it is copied and frozen.
    encoder : Codec, optional
        A trained codec whose encoder and quantiser are taken over and stay as they are, so that
        only a decoder is trained: one code, several decoders [zhang2021]_.
    checkpoint : path, optional
        Where to keep the state. If the file exists and its configuration, data and encoder are
        those given here, training goes on from it, and ends bit for bit where an uninterrupted
        run ends (on the CPU, with the same number of threads).
    device : torch.device, optional
        By default CUDA if there is any.
    check_every : int
        Steps between two looks at the losses; each makes a copy of the state in memory.
    save_every : int
        Steps between two checkpoints on disk.

    Raises
    ------
    InvalidArgument
        If the configuration is another task's, or the encoder does not fit it.
    DataError
        If the checkpoint is damaged, or belongs to another configuration, data set or encoder.

    References
    ----------
    .. [zhang2021] G. Zhang et al., "Universal rate-distortion-perception representations for
       lossy compression", NeurIPS 2021.
    """

    def __init__(
        self, config: TrainConfig, task: Task, classifier: nn.Module, *,
        encoder: Codec | None = None, checkpoint: Path | str | None = None,
        device: torch.device | None = None, check_every: int = 50, save_every: int = 1000,
    ) -> None:
        _check_task(config, task)
        self.config = config
        self.device = default_device() if device is None else torch.device(device)
        self._identity = {
            "config": config.as_dict(), "data": task.train.digest,
            "pretrain": task.pretrain.digest if config.pretrain_steps else "",
            "encoder": "" if encoder is None else weights_digest(encoder.encoder),
        }
        self._path = None if checkpoint is None else Path(checkpoint)
        self._check_every, self._save_every = check_every, save_every
        with torch.random.fork_rng():  # the caller's random state is not ours to move
            torch.manual_seed(config.seed)
            self.codec = config.codec()
            self.critic = config.critic().to(self.device)
        if encoder is not None:
            self._take_over(encoder)
        self.codec = self.codec.to(self.device)
        self.average: Codec = copy.deepcopy(self.codec).requires_grad_(False)
        # What training moves, beside the averages of it: not a frozen encoder.
        moving = zip(self.codec.parameters(), self.average.parameters(), strict=True)
        moving = [(now, mean) for now, mean in moving if now.requires_grad]
        self._weights, self._means = map(list, zip(*moving, strict=True))
        self._classifier = copy.deepcopy(classifier).to(self.device).eval().requires_grad_(False)
        self._batches = Batches(
            task.train, task.degradation, batch=config.batch, seed=config.seed,
            device=self.device, augment=config.augment,
        )
        self._rendered = None
        if config.pretrain_steps:
            self._rendered = Batches(
                task.pretrain, task.degradation, batch=config.batch,
                seed=config.seed + _RENDERED, device=self.device,
            )
        self._noise = torch.Generator(self.device).manual_seed(config.seed)
        networks = {
            "codec": (self._weights, config.lr_codec, config.beta1),
            "critic": (list(self.critic.parameters()), config.lr_critic, config.beta1_critic),
        }
        self._adam = {
            name: torch.optim.Adam(weights, lr=rate, betas=(momentum, config.beta2), fused=True)
            for name, (weights, rate, momentum) in networks.items()
        }
        self.step = 0
        self.seconds = 0.0
        self.curves: list[list[float]] = []
        if self._path is not None and self._path.is_file():
            self._resume(load_checkpoint(self._path, self.device))

    def _take_over(self, other: Codec) -> None:
        for name in ("picture", "inputs", "levels", "dims", "common_randomness"):
            given, needed = getattr(other, name), getattr(self.codec, name)
            if given != needed:
                raise InvalidArgument.of(
                    "encoder", f"{name} = {given}", f"must be {needed}, as in the configuration",
                    "choose the rate, levels and randomness of the encoder",
                )
        self.codec.encoder = copy.deepcopy(other.encoder).requires_grad_(False)

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
        rendered = {} if self._rendered is None else self._rendered.generators
        return {
            **self._batches.generators, **{f"rendered {n}": g for n, g in rendered.items()},
            "noise": self._noise,
        }

    def _resume(self, state: dict[str, Any]) -> None:
        if state["identity"] != self._identity:
            raise DataError(
                f"{self._path}: belongs to another configuration, data set or encoder; delete it, "
                "or choose another file"
            )
        self.load_state(state)

    def train(
        self, *, until: int | None = None, seconds: float | None = None, bar: bool = True
    ) -> Codec:
        """Run to step `until` (by default to the end) and return the averaged codec.

        Parameters
        ----------
        until : int, optional
            The step to stop at.
        seconds : float, optional
            Stop earlier if training has taken as long as that in all, for races in equal time.
            What is learnt then depends on the machine.
        bar : bool
            Whether to show a progress bar.

        Raises
        ------
        TrainingDiverged
            If a loss is infinite or NaN. The trainer is then back at its last good state,
            and so is the checkpoint.
        """
        last = self.config.steps if until is None else min(until, self.config.steps)
        if seconds is not None:
            validate.in_range("seconds", seconds, 0.0, math.inf, open_lo=True, open_hi=True)
        good = self.state()
        counter = progress(total=last, initial=self.step, desc=self.config.label) if bar else None
        with counter or nullcontext():
            while self.step < last and (seconds is None or self.seconds < seconds):
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
        batches = self._rendered if self.step < config.pretrain_steps else self._batches
        w1 = penalty = torch.zeros((), device=self.device)
        if judged:
            for _ in range(config.n_critic - 1):
                with torch.no_grad():
                    output = self._forward(batches.degraded())
                self._critic_step(output, batches)
        batch = batches.degraded()
        output = self._forward(batch)
        if judged:
            # The critic's last step and the codec's share one forward pass of the codec.
            w1, penalty = self._critic_step(output.detach(), batches)
        self.critic.requires_grad_(False)
        loss = codec_loss(self.critic if judged else None, self._classifier, batch, output, config)
        self._adam["codec"].zero_grad()
        loss.total.backward()
        self._adam["codec"].step()
        self.critic.requires_grad_(True)
        # A short average at first, so that the initial weights are soon forgotten.
        weight = 1.0 - min(config.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(self._means, self._weights, weight)
        self.step += 1
        return [w1, penalty, loss.distortion.detach(), loss.class_term.detach()]

    def _forward(self, batch: DegradedBatch) -> Tensor:
        latent = self.codec.latent(batch.features)
        return self.codec.reconstruct(self.codec.channel(latent, self._noise))

    def _critic_step(self, output: Tensor, batches: Batches) -> tuple[Tensor, Tensor]:
        clean, _ = batches.clean()
        loss = critic_loss(self.critic, output, clean, self._noise, self.config)
        self._adam["critic"].zero_grad()
        loss.total.backward()
        self._adam["critic"].step()
        return loss.w1.detach(), loss.penalty.detach()


def _check_task(config: TrainConfig, task: Task) -> None:
    if (config.task, config.degradation.name) != (task.name, task.degradation.name):
        raise InvalidArgument.of(
            "config", f"{config.task}, {config.degradation.name}",
            f"must be of the task {task.name}, {task.degradation.name}", "use task.config(...)",
        )
    if config.pretrain_steps and task.pretrain is None:
        raise InvalidArgument.of(
            "pretrain_steps", config.pretrain_steps, "must be 0: the task has no rendered images",
            "give Task.pretrain",
        )
