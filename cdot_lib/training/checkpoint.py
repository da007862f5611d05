"""Checkpoints that are either whole or absent."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from cdot_lib.errors import DataError

__all__ = ["load_checkpoint", "save_checkpoint"]


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` under a temporary name beside `path`, then rename it: a kill at any
    moment leaves the old checkpoint or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as part:
            torch.save(state, part)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load_checkpoint(path: Path, device: torch.device) -> dict[str, Any]:
    """Return the state in `path` (tensors and plain values only; no code is run).

    Raises
    ------
    DataError
        If the file is damaged.
    """
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except Exception as exc:  # torch raises a dozen types for a damaged archive
        raise DataError(f"{path}: not a usable checkpoint ({exc}); delete it to start anew") from exc
