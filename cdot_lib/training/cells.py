"""The cells of a sweep, and their results on disk: one file a cell, whole or absent.

A cell is one codec to be trained. Its file is named by a digest of everything that its result
depends on: code, data, configuration, both classifiers, and the encoder if that is given. What
has changed in any of them is therefore trained again, and nothing else is. The file begins with
the SHA-256 of what follows, so that damage is noticed; what follows is a safetensors file, which
holds tensors and text, and never code.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save

from cdot_lib.errors import DataError
from cdot_lib.models import Codec
from cdot_lib.training.checkpoint import atomic_write
from cdot_lib.training.classifiers import Classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import code_digest, weights_digest
from cdot_lib.training.evaluate import Metrics
from cdot_lib.training.tasks import Task

__all__ = ["SAMPLES", "Cell", "CellStore", "RunResult"]

#: Reconstructions of the first test images that are kept with each result.
SAMPLES = 20

_HASH = 32  # bytes of a SHA-256


@dataclass(frozen=True, eq=False, kw_only=True)
class Cell:
    """One codec to be trained.

    Attributes
    ----------
    config : TrainConfig
    encoder : Codec, optional
        A trained codec whose encoder and quantiser are used as they are: only a decoder is
        trained then. None trains both.
    seconds : float, optional
        Training ends after so many seconds if it has not taken all of its steps by then.
    """

    config: TrainConfig
    encoder: Codec | None = None
    seconds: float | None = None

    @property
    def label(self) -> str:
        """The configuration's label; with a given encoder it ends in "-universal"."""
        return self.config.label + ("-universal" if self.encoder is not None else "")


@dataclass(frozen=True, eq=False, kw_only=True)
class RunResult:
    """One trained codec, and what was measured of it.

    Attributes
    ----------
    label : str
        That of its cell.
    universal : bool
        Whether its encoder was given.
    config : TrainConfig
    codec : Codec
        The averaged codec, on the CPU.
    metrics : Metrics
    curves : list of [step, w1, penalty, distortion, cross_entropy]
    samples : ndarray of float32, shape (20, 28, 28) or (20, 32, 32, 3)
        Reconstructions of the first test images.
    steps : int
        Steps that were taken.
    seconds, images_per_second : float
        Time in training steps, and images that codec steps consumed a second of it.
    device : str
        The device, and the number of threads if it is a CPU.
    """

    label: str
    universal: bool
    config: TrainConfig
    codec: Codec
    metrics: Metrics
    curves: list[list[float]]
    samples: NDArray[np.float32]
    steps: int
    seconds: float
    images_per_second: float
    device: str


class CellStore:
    """Results of finished cells in a folder.

    Parameters
    ----------
    folder : Path
        Results of other code, data or classifiers may lie in it, too.
    task : Task
    classifiers : Classifiers
        The one in the loss decides the weights, the one that reports the metrics.
    """

    def __init__(self, folder: Path, task: Task, classifiers: Classifiers) -> None:
        self._folder = folder / code_digest()
        data = (task.train, task.test, task.pretrain)
        self._common = {
            "task": task.name,
            "degradation": task.degradation.name,
            "data": [images.digest for images in data if images is not None],
            "classifiers": [weights_digest(c) for c in (classifiers.loss, classifiers.reporting)],
        }

    def path(self, cell: Cell) -> Path:
        """Return where the result of a cell is kept, or will be."""
        encoder = None if cell.encoder is None else weights_digest(cell.encoder.encoder)
        identity = self._common | {
            "config": cell.config.as_dict(),
            "encoder": encoder,
            "seconds": cell.seconds,
        }
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{cell.label}-{digest[:16]}.cell"

    def checkpoint(self, cell: Cell) -> Path:
        """Return where the state of a run that is under way is kept."""
        return self.path(cell).with_suffix(".pt")

    def write(self, cell: Cell, result: RunResult) -> None:
        """Keep the result of a finished cell; its checkpoint is not needed any more."""
        told = {
            "label": result.label,
            "universal": result.universal,
            "curves": result.curves,
            "steps": result.steps,
            "seconds": result.seconds,
            "images_per_second": result.images_per_second,
            "device": result.device,
            "metrics": asdict(result.metrics),
        }
        tensors = {f"codec.{k}": v.contiguous() for k, v in result.codec.state_dict().items()}
        tensors["samples"] = torch.from_numpy(np.ascontiguousarray(result.samples))
        content = save(tensors, metadata={"result": json.dumps(told)})
        atomic_write(self.path(cell), hashlib.sha256(content).digest() + content)
        self.checkpoint(cell).unlink(missing_ok=True)

    def read(self, cell: Cell) -> RunResult | None:
        """Return the result of a cell, or None if it has not finished.

        A damaged file counts as none: a warning names it, and the cell is trained again.
        """
        path = self.path(cell)
        if not path.is_file():
            return None
        raw = path.read_bytes()
        try:
            if hashlib.sha256(raw[_HASH:]).digest() != raw[:_HASH]:
                raise DataError("its bytes are not those that were written")
            return _result(cell, raw[_HASH:])
        except (DataError, SafetensorError) as exc:
            warnings.warn(f"{path}: damaged ({exc}); this codec is trained again", stacklevel=2)
            return None


def _result(cell: Cell, content: bytes) -> RunResult:
    tensors = load(content)
    samples = tensors.pop("samples").numpy()
    codec = cell.config.codec()
    codec.load_state_dict({k.removeprefix("codec."): v for k, v in tensors.items()})
    told: dict[str, Any] = json.loads(_metadata(content)["result"])
    metrics = Metrics(**told.pop("metrics"))
    codec.eval().requires_grad_(False)
    return RunResult(config=cell.config, codec=codec, metrics=metrics, samples=samples, **told)


def _metadata(content: bytes) -> dict[str, str]:
    """Return the text of a safetensors file: its head is a length in 8 bytes, then JSON."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])["__metadata__"]
