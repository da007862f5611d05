"""Training of the two classifiers, on clean images only."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cdot_lib import validate
from cdot_lib.data import ImageSet
from cdot_lib.models import LossClassifier, ReportingClassifier
from cdot_lib.progress import progress
from cdot_lib.training.trainer import default_device

__all__ = ["Classifiers", "as_rows", "logits", "train_classifiers"]

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
    """Return clean images as float rows, shape (n, 784), in [0, 1]."""
    return torch.from_numpy(images.images.reshape(len(images), -1).copy()).to(device).float() / 255


@torch.inference_mode()
def logits(classifier: nn.Module, rows: Tensor) -> Tensor:
    """Return the ten logits of each row, in pieces that bound the memory."""
    device = next(classifier.parameters()).device
    return torch.cat([classifier(part.to(device)).cpu() for part in rows.split(2000)])


def train_classifiers(
    train: ImageSet, *, epochs: int = 3, device: torch.device | None = None, bar: bool = True
) -> Classifiers:
    """Train both classifiers on clean images; the codecs' outputs are never seen.

    Raises
    ------
    InvalidArgument
        If `epochs` is not a positive whole number.
    """
    epochs = validate.positive_int("epochs", epochs)
    device = default_device() if device is None else torch.device(device)
    fitted = {
        name: _fit(kind, train, epochs, _SEEDS[name], device, name if bar else None)
        for name, kind in (("loss", LossClassifier), ("reporting", ReportingClassifier))
    }
    return Classifiers(**fitted, epochs=epochs, data_digest=train.digest)


def _fit(
    kind: type[nn.Module], train: ImageSet, epochs: int, seed: int, device: torch.device,
    label: str | None,
) -> nn.Module:
    rows = as_rows(train, device)
    targets = torch.from_numpy(train.labels.astype("int64")).to(device)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        classifier = kind().to(device)
    generator = torch.Generator(device).manual_seed(seed)
    batch = min(_BATCH, len(train))
    steps = epochs * (len(train) // batch)
    adam = torch.optim.AdamW(classifier.parameters(), lr=2e-3, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 4e-3, total_steps=steps)
    counter = range(steps) if label is None else progress(range(steps), desc=f"{label} classifier")
    for step in counter:
        if step % (len(train) // batch) == 0:
            order = torch.randperm(len(train), generator=generator, device=device)
        start = step % (len(train) // batch) * batch
        chosen = order[start : start + batch]
        adam.zero_grad()
        nn.functional.cross_entropy(classifier(rows[chosen]), targets[chosen]).backward()
        adam.step()
        schedule.step()
    return classifier.eval().requires_grad_(False)
