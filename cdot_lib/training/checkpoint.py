"""Checkpoints that are either whole or absent."""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path
from typing import Any

import torch

from cdot_lib.errors import DataError

__all__ = ["atomic_write", "load_checkpoint", "save_checkpoint"]


def atomic_write(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it, then rename it: a kill at any moment
    leaves the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.with_name(f".part-{secrets.token_hex(8)}")
    try:
        with name.open("xb") as part:
            part.write(content)
        os.replace(name, path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write `state` as a file that torch reads, see :func:`atomic_write`."""
    content = io.BytesIO()
    torch.save(state, content)
    atomic_write(path, content.getvalue())


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
