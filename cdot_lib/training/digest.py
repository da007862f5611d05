"""A digest of the code that decides a training run, blind to comments and docstrings."""

from __future__ import annotations

import ast
import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path

from torch import nn

from cdot_lib.errors import DataError

__all__ = ["CODE_THAT_MATTERS", "code_digest", "source_digest", "weights_digest"]

#: A record is stale when any of these modules has changed its meaning.
CODE_THAT_MATTERS = (
    "cdot_lib.coding.conditional", "cdot_lib.coding.contexts", "cdot_lib.coding.dither",
    "cdot_lib.coding.quantiser", "cdot_lib.coding.rates",
    "cdot_lib.data.degradation", "cdot_lib.data.degrade", "cdot_lib.data.picture",
    "cdot_lib.models.classifier", "cdot_lib.models.codec", "cdot_lib.models.critic",
    "cdot_lib.models.predecessor",
    "cdot_lib.training.augmentation", "cdot_lib.training.batches",
    "cdot_lib.training.classifiers", "cdot_lib.training.config", "cdot_lib.training.defaults",
    "cdot_lib.training.degrading", "cdot_lib.training.evaluate", "cdot_lib.training.measures",
    "cdot_lib.training.objective", "cdot_lib.training.tasks", "cdot_lib.training.trainer",
)


def source_digest(source: str) -> str:
    """Return a SHA-256 of a module's syntax tree, without docstrings and positions.

    The tree is written out here and not by ``ast.dump``, whose format differs between Python
    versions: empty lists and absent fields are left out, so that a field that a later Python
    adds does not change the digest.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                if isinstance(body[0].value.value, str):
                    del body[0]
    return hashlib.sha256(_written(tree).encode()).hexdigest()


def _written(node: object) -> str:
    if isinstance(node, ast.AST):
        fields = sorted((k, v) for k, v in ast.iter_fields(node) if v is not None and v != [])
        return f"{type(node).__name__}({','.join(f'{k}={_written(v)}' for k, v in fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(_written, node))}]"
    return repr(node)


@functools.cache
def code_digest() -> str:
    """Return the digest of all of :data:`CODE_THAT_MATTERS`, 16 hexadecimal digits.

    The sources are read once in a process, near the time at which it loaded them: what is edited
    while it runs is not what it runs.

    Raises
    ------
    DataError
        If a module's source is not there to be read.
    """
    total = hashlib.sha256()
    for name in CODE_THAT_MATTERS:
        spec = find_spec(name)
        if spec is None or spec.origin is None or not Path(spec.origin).is_file():
            raise DataError(f"{name}: source not found; install cdot_lib from its sources")
        total.update(f"{name} {source_digest(Path(spec.origin).read_text('utf-8'))}\n".encode())
    return total.hexdigest()[:16]


def weights_digest(module: nn.Module) -> str:
    """Return the digest of a network's parameters and buffers, 16 hexadecimal digits."""
    total = hashlib.sha256()
    for name, value in module.state_dict().items():
        total.update(f"{name} {tuple(value.shape)} ".encode())
        total.update(value.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:16]
