"""The bytes that are written to disk: a header, perhaps tables, a payload, a checksum.

======  ======  ================================================================================
offset  bytes   content (whole numbers little endian, without sign)
======  ======  ================================================================================
0       4       magic, ``CDOT`` in ASCII
4       1       version, 1
5       1       flags: 1 common randomness, 2 payload is raw, 4 tables are inside
6       1       log2 of the levels, 1 to 15
7       2       dims, indices an image
9       8       dither seed, below 2^63
17      8       number of the first image
25      4       number of images, at least 1
29      4       length t of the tables, 0 if they are the decoder's own
33      4       length p of the payload
37      16      model digest: SHA-256 of the codec's digest and the tables, first 16 bytes
53      t       tables, as :meth:`ConditionalModel.to_bytes
                <cdot_lib.coding.conditional.ConditionalModel.to_bytes>` writes them
53 + t  p       payload
...     4       CRC-32 of all bytes before it
======  ======  ================================================================================

The tables belong to the model, and a stream names them by their digest. They cost some thousand
bytes; a stream that carries its own is larger by just that. Header and checksum are 57 bytes.

The payload is that of the range coder or, if this would be longer, the raw indices: image after
image, log2(levels) bits each, first bit first, zeros up to a whole byte. A payload is therefore
never longer than the cap, dims * log2(levels) bits an image, rounded up to a byte.

A set of indices has exactly one stream. The decoder packs again what it has decoded, and refuses
a stream that differs by a bit, be it in slack bits, in bytes after the end, or because a coder
of another version made it. A changed byte never gets so far: CRC-32 detects every burst of up
to 32 bits with certainty, and anything else but once in 2^32.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding.conditional import ConditionalModel
from cdot_lib.coding.quantiser import UniversalQuantiser
from cdot_lib.errors import CorruptStream, InvalidArgument, WrongModel

__all__ = ["OVERHEAD_BYTES", "VERSION", "Header", "pack", "read_header", "unpack"]

#: Of the layout above; another one will have another number.
VERSION = 1

_MAGIC = b"CDOT"
_COMMON, _RAW, _TABLES = 1, 2, 4
_LAYOUT = struct.Struct("<4sBBBHQQIII16s")
_CRC = struct.Struct("<I")

#: What a stream costs beyond tables and payload: header and checksum.
OVERHEAD_BYTES = _LAYOUT.size + _CRC.size

_NUMBERS = 2**63  # seeds and image numbers stay below
_REMEDY = "get the stream again from where it came from"


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a stream says of itself.

    Attributes
    ----------
    digest : bytes
        16 bytes, of codec and tables together.
    seed, first, images : int
        Dither seed, number of the first image, and how many there are.
    dims, levels : int
        Indices an image, and values of each.
    common_randomness, raw : bool
        Whether there is dither, and whether the payload holds the indices as they are.
    tables_bytes, payload_bytes : int
        Lengths; no tables inside means that the decoder's own count.
    """

    digest: bytes
    seed: int
    first: int
    images: int
    dims: int
    levels: int
    common_randomness: bool
    raw: bool
    tables_bytes: int
    payload_bytes: int

    @property
    def total_bytes(self) -> int:
        """Length of the whole stream."""
        return OVERHEAD_BYTES + self.tables_bytes + self.payload_bytes

    @property
    def payload_bits(self) -> float:
        """Bits of the payload an image: at most the cap, up to rounding to a byte a stream."""
        return 8.0 * self.payload_bytes / self.images

    @property
    def total_bits(self) -> float:
        """Bits an image of all that is on disk."""
        return 8.0 * self.total_bytes / self.images

    def dither(self) -> NDArray[np.float64]:
        """Return the dither of these images, shape (images, dims)."""
        quantiser = UniversalQuantiser(
            levels=self.levels, seed=self.seed, common_randomness=self.common_randomness
        )
        return quantiser.dither(np.arange(self.first, self.first + self.images), self.dims)

    def _to_bytes(self) -> bytes:
        flags = (_COMMON * self.common_randomness | _RAW * self.raw
                 | _TABLES * bool(self.tables_bytes))
        return _LAYOUT.pack(
            _MAGIC, VERSION, flags, _log2(self.levels), self.dims, self.seed, self.first,
            self.images, self.tables_bytes, self.payload_bytes, self.digest,
        )


def pack(
    indices: Any, model: ConditionalModel, *, codec: bytes, seed: int = 0, first: int = 0,
    common_randomness: bool = True, tables: bool = False,
) -> bytes:
    """Return the stream of a set of indices.

    Parameters
    ----------
    indices : array_like of int, shape (n, dims)
        From :meth:`UniversalQuantiser.encode
        <cdot_lib.coding.quantiser.UniversalQuantiser.encode>`, images numbered from `first`.
    model : ConditionalModel
        With a power of two as its number of levels.
    codec : bytes
        The digest of what turns the indices into images.
    seed : int
        The dither seed, in [0, 2^63).
    first : int
        The number of the first image; number and count stay within [0, 2^63).
    common_randomness : bool
        Whether the indices were made with dither.
    tables : bool
        Whether the stream carries the tables, for a decoder that does not have them.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the indices do not fit the model.
    MissingDependency
        If constriction is not installed.
    """
    array = np.asarray(indices)
    count = len(array) if array.ndim == 2 else 0
    if not isinstance(first, (int, np.integer)) or not 0 <= first <= _NUMBERS - max(count, 1):
        raise InvalidArgument.of(
            "first", first, f"must be a whole number in [0, 2^63 - {count}]", "count from 0"
        )
    inside = model.to_bytes() if tables else b""
    header = Header(
        digest=_digest(codec, model), seed=validate.seed("seed", seed), first=int(first),
        images=count, dims=model.dims, levels=model.levels,
        common_randomness=common_randomness, raw=False, tables_bytes=len(inside),
        payload_bytes=0,
    )
    bits = _log2(model.levels)
    coded = model.encode(array, header.dither() if count else array)
    raw_bytes = -(-array.size * bits // 8)
    raw = len(coded) > raw_bytes
    payload = _raw(array, bits) if raw else coded
    header = replace(header, raw=raw, payload_bytes=len(payload))
    body = header._to_bytes() + inside + payload
    return body + _CRC.pack(zlib.crc32(body))


def read_header(data: bytes) -> Header:
    """Return what a whole and unaltered stream says of itself.

    Raises
    ------
    CorruptStream
        If it is no stream, is truncated, altered or too long, or of another version.
    """
    if len(data) < OVERHEAD_BYTES:
        raise CorruptStream(
            f"truncated: {len(data)} bytes, no stream is shorter than {OVERHEAD_BYTES}; {_REMEDY}"
        )
    magic, version, flags, log2_levels, dims, seed, first, images, tables, payload, digest = (
        _LAYOUT.unpack_from(data)
    )
    if magic != _MAGIC:
        raise CorruptStream(
            f"begins with {magic!r} instead of {_MAGIC!r}: no stream, or altered; {_REMEDY}"
        )
    if version != VERSION:
        raise CorruptStream(
            f"version {version}, must be {VERSION}; decode it with a cdot_lib of its time"
        )
    expected = OVERHEAD_BYTES + tables + payload
    if len(data) != expected:
        what = "truncated" if len(data) < expected else "too long"
        raise CorruptStream(f"{what}: {len(data)} bytes instead of {expected}; {_REMEDY}")
    (crc,) = _CRC.unpack_from(data, len(data) - _CRC.size)
    if zlib.crc32(data[: -_CRC.size]) != crc:
        raise CorruptStream(f"altered: its checksum does not fit; {_REMEDY}")
    fits = 1 <= log2_levels <= 15 and dims >= 1 and images >= 1
    flags_fit = flags < 8 and bool(flags & _TABLES) == (tables > 0)
    if not fits or not flags_fit or seed >= _NUMBERS or first + images > _NUMBERS:
        raise CorruptStream(f"a field of the header is out of range; {_REMEDY}")
    return Header(
        digest=digest, seed=seed, first=first, images=images, dims=dims, levels=1 << log2_levels,
        common_randomness=bool(flags & _COMMON), raw=bool(flags & _RAW), tables_bytes=tables,
        payload_bytes=payload,
    )


def unpack(
    data: bytes, *, codec: bytes, model: ConditionalModel | None = None
) -> tuple[Header, NDArray[np.int32]]:
    """Return a stream's header and its indices, shape (images, dims).

    Parameters
    ----------
    data : bytes
        From :func:`pack`.
    codec : bytes
        The digest of the codec at hand.
    model : ConditionalModel, optional
        The tables at hand; a stream that carries its own does not need them.

    Raises
    ------
    CorruptStream
        If it is no stream, is truncated, altered or too long, or of another version.
    WrongModel
        If another codec or other tables made it.
    MissingDependency
        If constriction is not installed.
    """
    header = read_header(data)
    start = _LAYOUT.size + header.tables_bytes
    if header.tables_bytes:
        model = ConditionalModel.from_bytes(data[_LAYOUT.size : start])
    if model is None or _digest(codec, model) != header.digest:
        raise WrongModel(
            f"made by model {header.digest.hex()}, which is not the one at hand; decode it with "
            "the codec and the tables that encoded it"
        )
    if (model.dims, model.levels) != (header.dims, header.levels):
        raise CorruptStream(f"dims or levels are not those of its model; {_REMEDY}")
    payload = data[start : start + header.payload_bytes]
    bits = _log2(header.levels)
    if header.raw:
        if header.payload_bytes != -(-header.images * header.dims * bits // 8):
            raise CorruptStream(f"raw payload of {header.payload_bytes} bytes; {_REMEDY}")
        indices = _from_raw(payload, (header.images, header.dims), bits)
    else:
        # The coder would go on for ever on zeros; what it has put out it cannot have coded
        # in less than this (it rounds to 2^-24, and drops two words at the end).
        if 0.9 * header.images * model.least_bits > 8 * header.payload_bytes + 128:
            raise CorruptStream(f"payload of {header.payload_bytes} bytes is too short; {_REMEDY}")
        indices = model.decode(payload, header.dither())
    again = pack(
        indices, model, codec=codec, seed=header.seed, first=header.first,
        common_randomness=header.common_randomness, tables=header.tables_bytes > 0,
    )
    if again != data:
        raise CorruptStream(f"not what its own indices are packed into; {_REMEDY}")
    return header, indices


def _digest(codec: bytes, model: ConditionalModel) -> bytes:
    return hashlib.sha256(hashlib.sha256(codec).digest() + model.to_bytes()).digest()[:16]


def _log2(levels: int) -> int:
    if levels & (levels - 1):
        raise InvalidArgument.of(
            "levels", levels, "must be a power of two for a stream", "use 2, 4, 8, ... levels"
        )
    return levels.bit_length() - 1


def _raw(indices: NDArray[Any], bits: int) -> bytes:
    split = indices.reshape(-1, 1) >> np.arange(bits - 1, -1, -1) & 1
    return np.packbits(split.astype(np.uint8)).tobytes()


def _from_raw(payload: bytes, shape: tuple[int, int], bits: int) -> NDArray[np.int32]:
    flat = np.unpackbits(np.frombuffer(payload, np.uint8), count=shape[0] * shape[1] * bits)
    weights = 1 << np.arange(bits - 1, -1, -1)
    return (flat.reshape(-1, bits) @ weights).astype(np.int32).reshape(shape)
