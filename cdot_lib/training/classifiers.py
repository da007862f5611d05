"""Training of the two classifiers, on clean images only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from cdot_lib import validate
from cdot_lib.data import ImageSet
from cdot_lib.models import LossClassifier, ReportingClassifier
from cdot_lib.progress import progress
from cdot_lib.training.augmentation import Augmenter
from cdot_lib.training.batches import clean_rows
from cdot_lib.training.tasks import Task
from cdot_lib.training.trainer import default_device

__all__ = ["Classifiers", "as_rows", "logits", "train_classifiers"]

#: Photographs get noise of up to this deviation: a classifier that is used to grain is harder to
#: fool with a pattern that nobody sees, which is what a codec would otherwise learn to draw.
GRAIN = 0.2

_SEEDS = {"loss": 101, "reporting": 202}
_BATCH = 256


@dataclass(frozen=True, eq=False)
class Classifiers:
    """The classifier in the loss, the one that reports, and how they were trained.

    Attributes
    ----------
    loss, reporting : nn.Module
        Of different architecture and seed; both saw clean training images only.
    epochs : int
        Passes over the training set.
    data_digest : str
        Of the training set.
    """

    loss: LossClassifier
    reporting: ReportingClassifier
    epochs: int
    data_digest: str


def as_rows(images: ImageSet, device: torch.device) -> Tensor:
    """Return clean images as float rows, shape (n, size), in [0, 1]."""
    return clean_rows(images, device).float() / 255


@torch.inference_mode()
def logits(classifier: nn.Module, rows: Tensor) -> Tensor:
    """Return the ten logits of each row, in pieces that bound the memory."""
    device = next(classifier.parameters()).device
    return torch.cat([classifier(part.to(device)).cpu() for part in rows.split(2000)])


def train_classifiers(
    task: Task, *, epochs: int | None = None, device: torch.device | None = None, bar: bool = True
) -> Classifiers:
    """Train both classifiers of a task on clean images; the codecs' outputs are never seen.

    Where the task has rendered images they are added: an epoch is then one pass over those, with
    as many real images, moved and relit, in between.

    Parameters
    ----------
    task : Task
    epochs : int, optional
        By default those of the task.
    device : torch.device, optional
        By default CUDA if there is any.
    bar : bool
        Whether to show progress bars.

    Raises
    ------
    InvalidArgument
        If `epochs` is not a positive whole number.
    """
    epochs = validate.positive_int("epochs", task.epochs if epochs is None else epochs)
    device = default_device() if device is None else torch.device(device)
    fitted = {
        name: _fit(kind, task, epochs, _SEEDS[name], device, name if bar else None)
        for name, kind in (("loss", LossClassifier), ("reporting", ReportingClassifier))
    }
    return Classifiers(**fitted, epochs=epochs, data_digest=task.train.digest)


def _fit(
    kind: type[nn.Module], task: Task, epochs: int, seed: int, device: torch.device,
    label: str | None,
) -> nn.Module:
    real, rendered = task.train, task.pretrain
    sets = [real] if rendered is None else [real, rendered]
    rows = torch.cat([clean_rows(images, device) for images in sets])
    labels = np.concatenate([images.labels for images in sets]).astype("int64")
    targets = torch.from_numpy(labels).to(device)
    # Real images come as often as rendered ones.
    repeats = max(1, len(rows) // len(real) - 1)
    pool = torch.cat([
        torch.arange(len(real)).repeat(repeats), torch.arange(len(real), len(rows))
    ]).to(device)
    augment = None if rendered is None else Augmenter(real.picture, device)
    generator = torch.Generator(device).manual_seed(seed)
    batch = min(_BATCH, len(pool))
    steps = epochs * (len(pool) // batch)
    counter = range(steps) if label is None else progress(range(steps), desc=f"{label} classifier")
    with torch.random.fork_rng():  # initial weights and dropout; the caller's state is not ours
        torch.manual_seed(seed)
        classifier = kind(task.degradation.picture).to(device)
        adam = torch.optim.AdamW(classifier.parameters(), lr=2e-3, fused=True)
        schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, total_steps=steps)
        for step in counter:
            start = step % (len(pool) // batch) * batch
            if start == 0:
                order = pool[torch.randperm(len(pool), generator=generator, device=device)]
            chosen = order[start : start + batch]
            images = rows[chosen].float().div_(255.0)
            if augment is not None:
                images = augment(images, generator)
                share = torch.rand((len(images), 1), generator=generator, device=device)
                grain = torch.randn(images.shape, generator=generator, device=device)
                images = images + GRAIN * share * grain
            adam.zero_grad()
            nn.functional.cross_entropy(classifier(images), targets[chosen]).backward()
            adam.step()
            schedule.step()
    return classifier.eval().requires_grad_(False)
