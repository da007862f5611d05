"""From images to bytes and back: a codec with its entropy model, in one file of its own.

An :class:`ImageCoder` is what both ends must have. Its weights are numbers of half precision, so
that the coder which is saved and loaded again is the very one that made a stream; a digest of
weights, tables and degradation stands in each stream, and another coder refuses it.

What is exact, and what is nearly so: the indices come back bit for bit on every machine, because
dither, tables and range coder work with whole numbers alone. The images are what a network makes
of them in single precision. On one machine they come back bit for bit; between two, sums may be
taken in another order, and a pixel may differ in its last digits, some 1e-6 of its range. The
encoder's indices may differ as well where a latent lies that close to a cell's border. That does
no harm: whatever was chosen is in the stream.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from cdot_lib.coding.conditional import ConditionalModel
from cdot_lib.coding.container import Header, pack, read_header, unpack
from cdot_lib.data.degradation import Degraded
from cdot_lib.errors import CdotError, DataError, InvalidArgument
from cdot_lib.models import Codec
from cdot_lib.training.checkpoint import atomic_write
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.digest import weights_digest

__all__ = ["FITTED_ROWS", "ImageCoder", "read_stream", "write_stream"]

#: The tables are counted on at least so many images; fewer come with several dithers each.
FITTED_ROWS = 20_000

#: Dither and noise in the fit are none that a stream with a seed of usual size will meet.
_FIT_SEED = 0x7461626C6573  # "tables" in ASCII

_AT_ONCE = 4000  # images that are degraded at a time
_TABLES, _CONFIG, _SEAL = "entropy.tables", "config", "seal"


@dataclass(frozen=True, eq=False)
class ImageCoder:
    """A codec, what it was trained for, and the entropy model of its indices.

    Attributes
    ----------
    config : TrainConfig
        Says what the codec is, and what degrades its images.
    codec : Codec
        On the CPU, its weights of half precision (stored in single precision).
    model : ConditionalModel

    Raises
    ------
    InvalidArgument
        If the three do not belong together, or the weights are not of half precision.
    """

    config: TrainConfig
    codec: Codec
    model: ConditionalModel

    def __post_init__(self) -> None:
        if (self.model.dims, self.model.levels) != (self.codec.dims, self.codec.levels):
            raise InvalidArgument.of(
                "model", (self.model.dims, self.model.levels),
                f"must have dims and levels {(self.codec.dims, self.codec.levels)} of the codec",
                "use ImageCoder.fit",
            )
        if weights_digest(_rounded(self.config, self.codec)) != weights_digest(self.codec):
            raise InvalidArgument.of(
                "codec", type(self.codec).__name__, "must have weights of half precision",
                "use ImageCoder.fit, which rounds them",
            )

    @classmethod
    def fit(cls, config: TrainConfig, codec: Codec, images: Any) -> ImageCoder:
        """Round a codec's weights to half precision, and count the tables on training images.

        Parameters
        ----------
        config : TrainConfig
            The codec's own.
        codec : Codec
        images : array_like of uint8, shape (n, side, side) or (n, side, side, 3)
            Clean training images; the test set has no say in the tables.

        Raises
        ------
        InvalidArgument
            If codec or images do not fit the configuration.
        """
        images = np.asarray(images)
        if images.ndim < 3 or not len(images):
            raise InvalidArgument.of(
                "images", images.shape, "must be a set of images, at least one", "pass train.images"
            )
        rounded = _rounded(config, codec)
        draws = -(-FITTED_ROWS // len(images))
        parts = []
        for start in range(0, len(images), _AT_ONCE):
            # Rows of one image stand together, as ConditionalModel.fit asks.
            part = np.repeat(images[start : start + _AT_ONCE], draws, axis=0)
            numbers = np.arange(start * draws, start * draws + len(part))
            degraded = config.degradation.degrade(part, numbers, seed=_FIT_SEED)
            features = config.degradation.read(degraded)
            parts.append(rounded.encode(features, numbers, seed=_FIT_SEED))
        indices = np.concatenate(parts)
        dither = rounded.quantiser(_FIT_SEED).dither(np.arange(len(indices)), rounded.dims)
        return cls(config, rounded, ConditionalModel.fit(indices, dither, levels=codec.levels))

    @property
    def digest(self) -> str:
        """Of all that decides what a stream means, 64 hexadecimal digits."""
        parts = (
            self.config.degradation.name, self.config.network, self.codec.common_randomness,
            weights_digest(self.codec), self.model.digest.hex(),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def encode(
        self, images: Any, *, seed: int = 0, first: int = 0, tables: bool = False
    ) -> bytes:
        """Return the stream of a set of images, see :mod:`cdot_lib.coding.container`.

        Parameters
        ----------
        images : array_like or Degraded
            Either clean images of shape ``(n, *picture.shape)``, which are degraded here (noise and
            masks by `seed` and image number), or images that are degraded already.
        seed : int
            The dither seed; it is part of the stream.
        first : int
            The number of the first image.
        tables : bool
            Whether the stream carries the tables.

        Raises
        ------
        InvalidArgument
            If an argument is out of range, or the images do not fit.
        """
        degradation = self.config.degradation
        count = len(images.images if isinstance(images, Degraded) else images)
        if count == 0 or not 0 <= first < 2**62:
            raise InvalidArgument.of(
                "images" if count == 0 else "first", count and first,
                "must be at least one image, numbered from 0 or more", "count images from 0",
            )
        numbers = np.arange(first, first + count)
        degraded = images
        if not isinstance(images, Degraded):
            degraded = degradation.degrade(images, numbers, seed=seed)
        indices = self.codec.encode(degradation.read(degraded), numbers, seed=seed)
        return pack(
            indices, self.model, codec=self.digest.encode(), seed=seed, first=first,
            common_randomness=self.codec.common_randomness, tables=tables,
        )

    def decode(self, data: bytes) -> NDArray[np.float32]:
        """Return the reconstructions in a stream, shape ``(n, *picture.shape)``, in (0, 1).

        Raises
        ------
        CorruptStream
            If `data` is no stream, is truncated, altered or too long.
        WrongModel
            If another coder made it.
        """
        header, indices = unpack(data, codec=self.digest.encode(), model=self.model)
        numbers = np.arange(header.first, header.first + header.images)
        return self.codec.decode(indices, numbers, seed=header.seed)

    def save(self, path: Path | str) -> None:
        """Write weights (half precision), tables and configuration as one safetensors file."""
        tensors = {name: value.half() for name, value in self.codec.state_dict().items()}
        tensors[_TABLES] = torch.frombuffer(bytearray(self.model.to_bytes()), dtype=torch.uint8)
        config = json.dumps(self.config.as_dict())
        seal = _seal(config, self.digest)
        atomic_write(Path(path), save(tensors, {_CONFIG: config, _SEAL: seal}))

    @classmethod
    def load(cls, path: Path | str) -> ImageCoder:
        """Return the coder that :meth:`save` wrote.

        Raises
        ------
        DataError
            If the file is missing, damaged or altered.
        """
        remedy = "get it again from where it came from"
        try:
            with safe_open(path, framework="pt") as file:
                metadata, names = file.metadata(), file.keys()
                tensors = {name: file.get_tensor(name) for name in names}
            model = ConditionalModel.from_bytes(tensors.pop(_TABLES).numpy().tobytes())
            config = TrainConfig(**json.loads(metadata[_CONFIG]))
            codec = config.codec()
            codec.load_state_dict({name: value.float() for name, value in tensors.items()})
            coder = cls(config, codec.eval().requires_grad_(False), model)
            sealed = metadata[_SEAL]
        except FileNotFoundError as exc:
            raise DataError(f"{path}: missing; train a codec, or choose another file") from exc
        except (SafetensorError, CdotError, KeyError, TypeError, ValueError, RuntimeError) as exc:
            raise DataError(f"{path}: not an image coder, or damaged ({exc}); {remedy}") from exc
        if sealed != _seal(metadata[_CONFIG], coder.digest):
            raise DataError(f"{path}: altered since it was written; {remedy}")
        return coder


def write_stream(
    path: Path | str, coder: ImageCoder, images: Any, *, seed: int = 0, first: int = 0,
    tables: bool = False,
) -> Header:
    """Encode images into a file, which is there as a whole or not at all.

    Parameters
    ----------
    path : path
    coder : ImageCoder
    images, seed, first, tables
        As in :meth:`ImageCoder.encode`.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or the images do not fit.
    """
    data = coder.encode(images, seed=seed, first=first, tables=tables)
    atomic_write(Path(path), data)
    return read_header(data)


def read_stream(path: Path | str, coder: ImageCoder) -> NDArray[np.float32]:
    """Return the reconstructions in a file that :func:`write_stream` wrote.

    Raises
    ------
    DataError
        If the file cannot be read; as :class:`~cdot_lib.errors.CorruptStream` or
        :class:`~cdot_lib.errors.WrongModel` if it is no whole stream of this coder.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as exc:
        raise DataError(f"{path}: cannot be read ({exc.strerror}); encode it anew") from exc
    return coder.decode(data)


def _rounded(config: TrainConfig, codec: Codec) -> Codec:
    """Return a copy on the CPU with weights rounded to half precision."""
    copy = config.codec()
    try:
        copy.load_state_dict({k: v.cpu().half().float() for k, v in codec.state_dict().items()})
    except RuntimeError as exc:
        raise InvalidArgument.of(
            "codec", type(codec).__name__, "must be a codec of the configuration",
            "pass the configuration that it was trained with",
        ) from exc
    if not all(torch.isfinite(value).all() for value in copy.state_dict().values()):
        raise InvalidArgument.of(
            "codec", type(codec).__name__, "must have finite weights, below 65504", "train it anew"
        )
    return copy.eval().requires_grad_(False)


def _seal(config: str, digest: str) -> str:
    return hashlib.sha256(f"{config} {digest}".encode()).hexdigest()
