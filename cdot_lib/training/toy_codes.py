"""Small trained codecs at work: real indices, their entropy given the dither, a real stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from cdot_lib.coding.dither import shared_dither
from cdot_lib.errors import CdotError, InvalidArgument, MissingDependency
from cdot_lib.theory.bits import miller_madow
from cdot_lib.training.toy import ToyCodecs, ToyConfig
from cdot_lib.validate import positive_int, seed

__all__ = ["ToyPoint", "measure_toys", "send_toy"]

Array = NDArray[np.float64]

#: Bins of the dither in which the entropy of the index is counted.
_BINS = 64


@dataclass(frozen=True)
class ToyPoint:
    """What one codec does with fresh letters and real rounding.

    Attributes
    ----------
    config : ToyConfig
    model_bits : float
        Mean price of an index under the learnt law: a cross entropy given the dither.
    entropy_bits : float
        H(Q|U), counted in bins of the dither without any model.
    distortion, realism : float
        As the codec was trained for, with the coin's output made 0 or 1.
    """

    config: ToyConfig
    model_bits: float
    entropy_bits: float
    distortion: float
    realism: float


@torch.inference_mode()
def measure_toys(
    codecs: ToyCodecs, *, letters: int = 100_000, test_seed: int = 1
) -> list[ToyPoint]:
    """Quantise and decode fresh letters with every codec.

    Parameters
    ----------
    codecs : ToyCodecs
    letters : int
        How many.
    test_seed : int
        Of the letters and of the dither.

    Raises
    ------
    InvalidArgument
        If a number is out of range.
    """
    generator = torch.Generator().manual_seed(seed("test_seed", test_seed))
    x = codecs.sample(positive_int("letters", letters), generator)
    dither = torch.rand(x.shape[1], generator=generator) - 0.5
    index = torch.round(codecs.latent(x) + dither)
    received = index - dither
    output = codecs.output(received)
    if codecs.source == "coin":
        output = (output > 0.5).to(x.dtype)
    columns = (
        codecs.bits(received).mean(dim=1).tolist(),
        [_conditional(row, dither.numpy()) for row in index.numpy()],
        codecs.distortion(x, output).tolist(),
        codecs.realism(output).tolist(),
    )
    return [ToyPoint(*row) for row in zip(codecs.configs, *columns, strict=True)]


def _conditional(index: Array, dither: Array) -> float:
    """H(Q|U): in each bin of the dither counted and corrected for the number of letters."""
    bins = np.minimum(((dither + 0.5) * _BINS).astype(np.int64), _BINS - 1)
    symbols = (index - index.min()).astype(np.int64)
    width = int(symbols.max()) + 1
    counts = np.bincount(bins * width + symbols, minlength=_BINS * width).reshape(_BINS, width)
    bits = [float(miller_madow(row)) for row in counts if row.any()]
    sizes = counts.sum(axis=1)
    return float(sizes[sizes > 0] @ bits / index.size)


@torch.inference_mode()
def send_toy(
    codecs: ToyCodecs, which: int, *, letters: int = 10_000, shared_seed: int = 0
) -> tuple[float, float]:
    """Send letters through a range coder, decode them, and compare.

    Parameters
    ----------
    codecs : ToyCodecs
    which : int
        Which codec.
    letters : int
        How many.
    shared_seed : int
        Of the dither, which both ends make.

    Returns
    -------
    stream_bits, model_bits : float
        Length of the stream a letter, and what the learnt law promised for these letters.

    Raises
    ------
    InvalidArgument
        If there is no such codec.
    CdotError
        If the decoded indices differ from those sent.
    MissingDependency
        If constriction is not installed.
    """
    if not 0 <= which < len(codecs.configs):
        raise InvalidArgument.of(
            "which",
            which,
            f"must lie in [0, {len(codecs.configs)})",
            "number of a codec",
        )
    try:
        from constriction import (
            stream,
        )  # a compiled module: its parts cannot be imported by name
    except ImportError as exc:
        raise MissingDependency("send_toy needs constriction: pip install constriction") from exc
    x = codecs.sample(positive_int("letters", letters), torch.Generator().manual_seed(shared_seed))
    dither = shared_dither(shared_seed, np.arange(1), dims=letters, step=1.0)[0]
    index = np.rint(codecs.latent(x)[which].numpy().astype(np.float64) + dither)
    first = int(index.min()) - 2
    alphabet = np.arange(first, int(index.max()) + 3)
    # The law of each index given its dither, of all codecs; we need the row of one.
    received = torch.from_numpy(alphabet[:, None] - dither).float()
    laws = [codecs.mass(row.expand(len(codecs.configs), -1))[which].numpy() for row in received]
    table = np.maximum(np.stack(laws, axis=1).astype(np.float64), 1e-9)
    table /= table.sum(axis=1, keepdims=True)
    symbols = (index - first).astype(np.int32)
    encoder, model = (
        stream.queue.RangeEncoder(),
        stream.model.Categorical(perfect=False),
    )
    encoder.encode(symbols, model, table)
    words = encoder.get_compressed()
    back = stream.queue.RangeDecoder(words).decode(model, table)
    if not np.array_equal(back, symbols):
        raise CdotError("the range coder returned other indices than it was given")
    promised = -np.log2(table[np.arange(letters), symbols]).mean()
    return 8.0 * words.nbytes / letters, float(promised)
