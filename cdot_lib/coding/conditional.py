"""A learned entropy model of the dithered indices, and the range coder that it drives.

The model is a set of integer tables, one law a dimension (:mod:`cdot_lib.coding.contexts`).
A set of images is coded into one stream, dimension after dimension: all images' first index,
then all their second ones, and so on. An index may then depend on earlier dimensions of the
same image, whole columns are coded at once, and the coder's own loss, about 32 bits, is paid
once a set. The price is that no image can be cut out of a stream; code it in a set of its own.

The range coder is that of the package ``constriction``. It takes probabilities as floats, but
these are whole multiples of 2^-16, exact in float64 like all their sums, so that it works with
the very tables on every machine.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding.contexts import (
    BINS,
    PRECISION_BITS,
    IndexLaw,
    Whole,
    choose_law,
    dither_ticks,
)
from cdot_lib.errors import CorruptStream, InvalidArgument, MissingDependency

__all__ = ["MAX_TABLE_LEVELS", "ConditionalModel"]

#: With more levels some index would be left without a frequency of its own.
MAX_TABLE_LEVELS = 2 ** (PRECISION_BITS - 1)

#: Probabilities handed to the coder at a time, which bounds the memory.
_AT_ONCE = 2**20

_HEAD = struct.Struct("<HH")  # dims, levels
_LAW = struct.Struct("<HhH")  # dither bins, parent, parent bins


@dataclass(frozen=True, eq=False)
class ConditionalModel:
    """The law of each index given its dither and, where it pays, an earlier dimension.

    Attributes
    ----------
    laws : tuple of IndexLaw
        One a dimension, all with the same number of levels.

    Raises
    ------
    InvalidArgument
        If there is no law, the levels differ, or a parent is not an earlier dimension.
    """

    laws: tuple[IndexLaw, ...]

    def __post_init__(self) -> None:
        laws = self.laws
        ok = laws and all(law.levels == laws[0].levels for law in laws)
        if not ok or not all(-1 <= law.parent < k for k, law in enumerate(laws)):
            raise InvalidArgument.of(
                "laws", laws, "must be laws of equally many levels, with parents before them",
                "fit the model with ConditionalModel.fit",
            )

    @classmethod
    def fit(
        cls, indices: Any, dither: Any, *, levels: int, bins: Sequence[int] = BINS,
        parents: bool = True,
    ) -> ConditionalModel:
        """Count the indices of a training set, in contexts that pay on its last fifth.

        Parameters
        ----------
        indices : array_like of int, shape (n, dims)
            Rows of one image, if it is there with several dithers, must stand together.
        dither : array_like, shape (n, dims)
            The dither that each index was made with.
        levels : int
            At most 2^15.
        bins : sequence of int
            Numbers of dither bins to try; ``(1,)`` leaves the dither out.
        parents : bool
            Whether an index may depend on an earlier dimension.

        Raises
        ------
        InvalidArgument
            If an index is outside [0, levels), there are too many levels, or a shape is wrong.
        """
        levels = validate.positive_int("levels", levels)
        if not 2 <= levels <= MAX_TABLE_LEVELS:
            raise InvalidArgument.of(
                "levels", levels, f"must lie in [2, {MAX_TABLE_LEVELS}]",
                "fewer levels and more dimensions give the same cap",
            )
        tried = [validate.positive_int("bins", b) for b in bins]
        array, ticks = _checked(indices, dither, None, levels)
        return cls(tuple(
            choose_law(k, array, ticks, levels=levels, bins=tried, parents=parents)
            for k in range(array.shape[1])
        ))

    @property
    def dims(self) -> int:
        """Number of dimensions."""
        return len(self.laws)

    @property
    def levels(self) -> int:
        """Number of index values in each dimension."""
        return self.laws[0].levels

    @property
    def least_bits(self) -> float:
        """What the most frequent indices cost, in bits an image: no image costs less."""
        tops = [law.frequencies.max() for law in self.laws]
        return float(sum(PRECISION_BITS - np.log2(top) for top in tops))

    @property
    def digest(self) -> bytes:
        """SHA-256 of :meth:`to_bytes`, first 16 bytes: what a stream names its tables by."""
        return hashlib.sha256(self.to_bytes()).digest()[:16]

    def cross_entropy_bits(self, indices: Any, dither: Any) -> float:
        """Return the mean ideal code length of `indices` under this model, in bits an image.

        Raises
        ------
        InvalidArgument
            If indices and dither do not fit the model or each other.
        """
        array, ticks = _checked(indices, dither, self.dims, self.levels)
        return float(sum(
            law.costs_bits(k, array, ticks).mean() for k, law in enumerate(self.laws)
        ))

    def encode(self, indices: Any, dither: Any) -> bytes:
        """Range-code all images into one stream.

        Returns
        -------
        bytes
            Without the zeros in its last two words, which the decoder supplies.

        Raises
        ------
        InvalidArgument
            If indices and dither do not fit the model or each other.
        MissingDependency
            If constriction is not installed.
        """
        array, ticks = _checked(indices, dither, self.dims, self.levels)
        stream = _constriction()
        family = stream.model.Categorical(perfect=False)
        encoder = stream.queue.RangeEncoder()
        for k, law in enumerate(self.laws):
            rows = law.contexts(k, array, ticks)
            for part in self._parts(len(array)):
                column = np.ascontiguousarray(array[part, k])
                encoder.encode(column, family, _probabilities(law, rows[part]))
        payload = encoder.get_compressed().astype(">u4").tobytes()
        # No more than two words: a longer payload of zeros may be all there is to say.
        return payload[:-8] + payload[-8:].rstrip(b"\0")

    def decode(self, payload: bytes, dither: Any) -> NDArray[np.int32]:
        """Return the indices that :meth:`encode` was given, shape (n, dims).

        Parameters
        ----------
        payload : bytes
        dither : array_like, shape (n, dims)
            That of the encoder; it also says how many images there are.

        Raises
        ------
        CorruptStream
            If the payload cannot have come from this model and dither. Most wrong payloads
            decode to wrong indices instead: :mod:`cdot_lib.coding.container` tells them apart.
        InvalidArgument
            If the dither does not fit the model.
        """
        u = validate.real("dither", dither)
        array, ticks = _checked(np.zeros(u.shape, dtype=np.int32), u, self.dims, self.levels)
        stream = _constriction()
        family = stream.model.Categorical(perfect=False)
        padded = payload + bytes(8 + -len(payload) % 4)
        decoder = stream.queue.RangeDecoder(np.frombuffer(padded, ">u4").astype(np.uint32))
        try:
            for k, law in enumerate(self.laws):
                rows = law.contexts(k, array, ticks)
                for part in self._parts(len(array)):
                    array[part, k] = decoder.decode(family, _probabilities(law, rows[part]))
        except AssertionError as exc:  # what constriction raises
            raise CorruptStream(
                f"payload of {len(payload)} bytes does not fit the model ({exc}); decode it with "
                "the seed, the image numbers and the model that it was made with"
            ) from exc
        return array

    def _parts(self, images: int) -> Iterator[slice]:
        size = max(1, _AT_ONCE // self.levels)
        return (slice(start, start + size) for start in range(0, images, size))

    def to_bytes(self) -> bytes:
        """Return the tables in a layout of their own, little endian.

        Dims and levels (16 bits each); then for each dimension dither bins, parent (-1 for
        none) and parent bins (16 bits each), and the frequencies, row by row (16 bits each).
        """
        parts = [_HEAD.pack(self.dims, self.levels)]
        for law in self.laws:
            parts.append(_LAW.pack(law.dither_bins, law.parent, law.parent_bins))
            parts.append(law.frequencies.astype("<u2").tobytes())
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> ConditionalModel:
        """Return the model that :meth:`to_bytes` wrote.

        Raises
        ------
        CorruptStream
            If `data` is anything else.
        """
        laws, at = [], _HEAD.size
        try:
            dims, levels = _HEAD.unpack_from(data)
            for _ in range(dims):
                bins, parent, parent_bins = _LAW.unpack_from(data, at)
                shape = (bins * parent_bins, levels)
                flat = np.frombuffer(data, "<u2", shape[0] * levels, at + _LAW.size)
                laws.append(
                    IndexLaw(flat.reshape(shape).astype(np.int64), bins, parent, parent_bins)
                )
                at += _LAW.size + 2 * flat.size
            model = cls(tuple(laws))
        except (struct.error, ValueError) as exc:  # InvalidArgument is a ValueError
            raise CorruptStream(f"tables: {exc}; make the stream again") from exc
        if at != len(data):
            raise CorruptStream(f"tables: {len(data) - at} bytes too many; make the stream again")
        return model


def _probabilities(law: IndexLaw, rows: Whole) -> NDArray[np.float64]:
    return law.frequencies[rows] / 2.0**PRECISION_BITS


def _constriction() -> Any:
    try:
        from constriction import stream  # a compiled module: its parts cannot be imported by name
    except ImportError as exc:
        raise MissingDependency("streams need constriction: pip install constriction") from exc
    return stream


def _checked(
    indices: Any, dither: Any, dims: int | None, levels: int
) -> tuple[NDArray[np.int32], Whole]:
    """Return indices as a matrix of int32 and the dither as ticks, both of one shape."""
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
    ticks = dither_ticks(dither, levels)
    if ticks.shape != array.shape:
        raise InvalidArgument.of(
            "dither", ticks.shape, f"must have the shape of the indices, {array.shape}",
            "pass quantiser.dither(images, dims)",
        )
    return array.astype(np.int32), ticks
