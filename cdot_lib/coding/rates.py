"""Three rates, kept apart: the cap, the entropy under a model, the bits of a stream.

The cap is what the architecture allows, dims * log2(levels) bits an image. The model's cross
entropy is what an ideal entropy coder would spend with a fixed table of index frequencies.
The stream is what a real range coder spends, tables not included, and it is decoded and
compared before its length is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.errors import CdotError, InvalidArgument, MissingDependency

__all__ = ["PRECISION_BITS", "IndexModel", "Rates", "cap_bits", "measure_rates", "stream_bits"]

#: Frequencies of each dimension sum to 2^16.
PRECISION_BITS = 16


def cap_bits(dims: int, levels: int) -> float:
    """Return dims * log2(levels), the most bits that an image can cost."""
    return validate.positive_int("dims", dims) * math.log2(validate.positive_int("levels", levels))


def _indices(indices: Any, dims: int | None, levels: int) -> NDArray[np.int32]:
    array = np.asarray(indices)
    shape_ok = array.ndim == 2 and array.size > 0 and dims in (None, array.shape[-1])
    if not shape_ok or array.dtype.kind not in "iu":
        raise InvalidArgument.of(
            "indices", f"{array.dtype} array of shape {array.shape}",
            f"must be whole numbers of shape (n, {dims or 'dims'}), n at least 1",
            "pass what UniversalQuantiser.encode returned",
        )
    if array.min() < 0 or array.max() >= levels:
        raise InvalidArgument.of(
            "indices", (int(array.min()), int(array.max())), f"must lie in [0, {levels})",
            "use the model's own number of levels",
        )
    return array.astype(np.int32)


@dataclass(frozen=True, eq=False)
class IndexModel:
    """A static law of the indices: one table of integer frequencies for each dimension.

    Attributes
    ----------
    frequencies : ndarray of int64, shape (dims, levels)
        Each at least 1; each row sums to 2^16.
    """

    frequencies: NDArray[np.int64]

    def __post_init__(self) -> None:
        table = np.asarray(self.frequencies)
        ok = table.ndim == 2 and table.dtype.kind in "iu" and table.size > 0 and table.min() >= 1
        if not ok or (table.sum(axis=1) != 2**PRECISION_BITS).any():
            raise InvalidArgument.of(
                "frequencies", table, f"must be positive integers with row sums {2**PRECISION_BITS}",
                "build the model with IndexModel.fit",
            )

    @classmethod
    def fit(cls, indices: Any, *, levels: int) -> IndexModel:
        """Count the indices of a training set, add one to each count, and round to 2^16.

        Parameters
        ----------
        indices : array_like of int, shape (n, dims)
        levels : int
            At most 2^15, so that every index keeps a positive frequency.

        Raises
        ------
        InvalidArgument
            If an index is outside [0, levels) or there are too many levels.
        """
        levels = validate.positive_int("levels", levels)
        if levels > 2 ** (PRECISION_BITS - 1):
            raise InvalidArgument.of(
                "levels", levels, f"must be at most {2 ** (PRECISION_BITS - 1)}",
                "fewer levels and more dimensions give the same cap",
            )
        array = _indices(indices, None, levels)
        counts = np.stack([np.bincount(column, minlength=levels) for column in array.T]) + 1
        # One unit for each index first, the rest in proportion, what rounding leaves over to
        # the largest: integers only from here on, so that two machines agree.
        spare = 2**PRECISION_BITS - levels
        table = 1 + counts * spare // counts.sum(axis=1, keepdims=True)
        rows = np.arange(len(table))
        table[rows, table.argmax(axis=1)] += 2**PRECISION_BITS - table.sum(axis=1)
        return cls(table.astype(np.int64))

    @property
    def levels(self) -> int:
        """Number of index values in each dimension."""
        return self.frequencies.shape[1]

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return self.frequencies.shape[0]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """The frequencies divided by 2^16 (exact in float64), shape (dims, levels)."""
        return self.frequencies / 2.0**PRECISION_BITS

    def cross_entropy_bits(self, indices: Any) -> float:
        """Return the mean ideal code length of `indices` under this model, in bits an image."""
        array = _indices(indices, self.dims, self.levels)
        chosen = self.probabilities[np.arange(self.dims), array]
        return float(-np.log2(chosen).sum(axis=1).mean())


def stream_bits(indices: Any, model: IndexModel) -> float:
    """Range-code all images into one stream, decode it, and return its bits an image.

    The range coder is that of the package ``constriction``. The tables are not part of the
    stream: they are fitted to training data and belong to the decoder.

    Raises
    ------
    InvalidArgument
        If the indices do not fit the model.
    CdotError
        If the decoded indices differ from the coded ones (a fault of the coder).
    """
    try:
        from constriction import stream  # a compiled module: its parts cannot be imported by name
    except ImportError as exc:
        raise MissingDependency("stream_bits needs constriction: pip install constriction") from exc
    array = _indices(indices, model.dims, model.levels)
    columns = [stream.model.Categorical(p, perfect=False) for p in model.probabilities]
    encoder = stream.queue.RangeEncoder()
    for column, law in zip(array.T, columns, strict=True):
        encoder.encode(np.ascontiguousarray(column), law)
    words = encoder.get_compressed()
    decoder = stream.queue.RangeDecoder(words)
    for column, law in zip(array.T, columns, strict=True):
        if not np.array_equal(decoder.decode(law, len(array)), column):
            raise CdotError("the range coder returned other indices than it was given")
    return 8.0 * words.nbytes / len(array)


@dataclass(frozen=True)
class Rates:
    """The three rates of a coded set, in bits an image.

    Attributes
    ----------
    cap_bits : float
        dims * log2(levels).
    model_bits : float
        Cross entropy of the coded set under a model fitted to other images.
    stream_bits : float
        Length of a range-coded stream of the whole set, tables not included.
    """

    cap_bits: float
    model_bits: float
    stream_bits: float


def measure_rates(train_indices: Any, test_indices: Any, *, levels: int) -> Rates:
    """Fit the index model on one set, and measure the three rates of another."""
    model = IndexModel.fit(train_indices, levels=levels)
    return Rates(
        cap_bits=cap_bits(model.dims, levels),
        model_bits=model.cross_entropy_bits(test_indices),
        stream_bits=stream_bits(test_indices, model),
    )
