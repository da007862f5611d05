"""Restorers and codecs that nobody trained: what a learnt codec has to be compared with.

Non-local means and total variation (scikit-image) see the whole noisy picture and send nothing. JPEG
and JPEG 2000 (Pillow) send it, through a file whose bytes are counted. Each has one number to be
chosen, and it is chosen on training images.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument, MissingDependency

__all__ = [
    "FORMATS", "Coded", "Images", "choose", "jpeg_family", "nearest_rate", "non_local_means",
    "total_variation",
]

#: Pictures, shape (n, 32, 32, 3), on the scale where white is 1.
Images = NDArray[np.float32]

#: Patches of 5 x 5 are compared within 6 pixels: the sizes that scikit-image proposes for small pictures.
_PATCH = {"patch_size": 5, "patch_distance": 6}


def non_local_means(images: Any, *, noise_std: float, strength: float) -> Images:
    """Return images whose pixels are averaged over pixels with similar surroundings [buades2005]_.

    Parameters
    ----------
    images : array_like, shape (n, side, side, 3)
        Noisy pictures on the scale where white is 1.
    noise_std : float
        Deviation of the noise, which has to be known.
    strength : float
        How different two patches may be, in units of `noise_std`.

    Raises
    ------
    InvalidArgument
        If `noise_std` or `strength` is not positive.
    MissingDependency
        If scikit-image is not installed.

    References
    ----------
    .. [buades2005] A. Buades, B. Coll, J.-M. Morel, A non-local algorithm for image denoising,
       CVPR 2005.
    """
    sigma = float(validate.in_range("noise_std", noise_std, 0.0, 1.0, open_lo=True))
    far = float(validate.in_range("strength", strength, 0.0, 100.0, open_lo=True))
    one = partial(
        _restoration().denoise_nl_means, h=far * sigma, sigma=sigma, channel_axis=-1, **_PATCH
    )
    return np.stack([one(image) for image in _floats(images)])


def total_variation(images: Any, *, weight: float) -> Images:
    """Return the images of least total variation near the given ones (Chambolle, [rudin1992]_).

    Parameters
    ----------
    images : array_like, shape (n, side, side, 3)
        Noisy pictures on the scale where white is 1.
    weight : float
        The price of distance to the noisy picture falls as this grows.

    Raises
    ------
    InvalidArgument
        If `weight` is not positive.
    MissingDependency
        If scikit-image is not installed.

    References
    ----------
    .. [rudin1992] L. I. Rudin, S. Osher, E. Fatemi, Nonlinear total variation based noise removal
       algorithms, Physica D 60, 1992.
    """
    weight = float(validate.in_range("weight", weight, 0.0, 100.0, open_lo=True))
    one = partial(_restoration().denoise_tv_chambolle, weight=weight, channel_axis=-1)
    return np.stack([one(image) for image in _floats(images)])


def _restoration() -> Any:
    try:
        from skimage import restoration
    except ImportError as exc:
        raise MissingDependency(
            "restorers to compare with need scikit-image: pip install scikit-image"
        ) from exc
    return restoration


def _floats(images: Any) -> Images:
    array = validate.real("images", images).astype(np.float32)
    if array.ndim != 4 or array.shape[-1] != 3:
        raise InvalidArgument.of(
            "images", array.shape, "must have shape (n, side, side, 3)", "add the leading axis"
        )
    return array


def choose(
    restore: Callable[[Any, float], Images], values: Sequence[float], *, noisy: Any, clean: Any
) -> tuple[float, dict[float, float]]:
    """Return the value whose restorations are nearest to the clean images, and all mean squares.

    Parameters
    ----------
    restore : callable
        Takes noisy images and a value, returns restored images.
    values : sequence of float
        To choose from. If an end of it is chosen, a value beyond may be better.
    noisy, clean : array_like, shape (n, side, side, 3)
        Of *training* images.

    Raises
    ------
    InvalidArgument
        If there is no value.
    """
    if not len(values):
        raise InvalidArgument.of("values", values, "must not be empty", "give two or more")
    target = _floats(clean)
    squares = {
        value: float(np.square(restore(noisy, value) - target, dtype=np.float64).mean())
        for value in values
    }
    return min(squares, key=squares.__getitem__), squares


@dataclass(frozen=True, eq=False, kw_only=True)
class Coded:
    """Images that went through files of a standard format.

    Attributes
    ----------
    name : str
        Format and setting, e.g. "JPEG, quality 10".
    output : ndarray of float32, shape (n, side, side, 3)
        Decoded from the files, in [0, 1].
    file_bits : float
        Mean length of a file, all of it.
    payload_bits : float
        Mean length of what follows the headers if these are the same for all pictures. A decoder
        that knew them would need this much; no file is that short.
    """

    name: str
    output: Images
    file_bits: float
    payload_bits: float


#: The two formats and the settings that are tried, from few bits to many.
FORMATS: dict[str, dict[str, dict[str, Any]]] = {
    "JPEG": {
        f"quality {quality}": {"format": "JPEG", "quality": quality}
        for quality in (1, 3, 5, 7, 10, 14, 20, 30, 40, 60, 80)
    },
    "JPEG 2000": {
        f"1/{share}, {levels} resolutions": {
            "format": "JPEG2000", "quality_mode": "rates", "quality_layers": [share],
            "num_resolutions": levels, "irreversible": True, "no_jp2": True,
        }
        for share in (50, 16, 12, 10, 8, 6, 4) for levels in (3, 6)
    },
}


def jpeg_family(images: Any, kind: str, setting: str) -> Coded:
    """Return images as they come out of files of a format; noise is clipped and rounded first.

    Parameters
    ----------
    images : array_like, shape (n, side, side, 3)
        On the scale where white is 1.
    kind : str
        One of :data:`FORMATS`.
    setting : str
        One of the settings of that format.

    Raises
    ------
    InvalidArgument
        If the format or the setting is unknown.
    """
    options = FORMATS[validate.choice("kind", kind, tuple(FORMATS))]
    options = options[validate.choice("setting", setting, tuple(options))]
    bytes_ = np.rint(255 * _floats(images).clip(0.0, 1.0)).astype(np.uint8)
    pictures = [Image.fromarray(image) for image in bytes_]
    # JPEG's code tables may be the picture's own, which makes the shorter file, or the standard's,
    # which leaves nothing of the picture in the header. The decoded pixels are the same.
    files = [_written(picture, options | {"optimize": True}) for picture in pictures]
    plain = [_written(picture, options) for picture in pictures]
    decoded = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in plain]
    return Coded(
        name=f"{kind}, {setting}",
        output=np.stack(decoded).astype(np.float32) / 255,
        file_bits=8.0 * float(np.mean([len(file) for file in files])),
        payload_bits=8.0 * float(np.mean([_payload(file) for file in plain])),
    )


def _written(picture: Image.Image, options: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, **options)
    return buffer.getvalue()


def _payload(file: bytes) -> int:
    """Return the bytes between the last header and the end marker, which has two."""
    if file[:2] == b"\xff\xd8":  # JPEG: the scan begins with a header of its own
        scan = file.index(b"\xff\xda") + 2
        return len(file) - (scan + int.from_bytes(file[scan : scan + 2], "big")) - 2
    return len(file) - (file.index(b"\xff\x93") + 2) - 2


def nearest_rate(kind: str, rate_bits: float, *, training: Any) -> str:
    """Return the setting of a format whose payload on training images is nearest to a rate.

    Among settings that are equally near, the one nearest to the training images is taken.

    Parameters
    ----------
    kind : str
        One of :data:`FORMATS`.
    rate_bits : float
        Bits an image, without headers.
    training : array_like, shape (n, side, side, 3)

    Raises
    ------
    InvalidArgument
        If the format is unknown or the rate is negative.
    """
    validate.choice("kind", kind, tuple(FORMATS))
    rate = float(validate.in_range("rate_bits", rate_bits, 0.0, np.inf))
    target = _floats(training)
    coded = {setting: jpeg_family(target, kind, setting) for setting in FORMATS[kind]}

    def order(setting: str) -> tuple[float, float]:
        distance = float(np.square(coded[setting].output - target, dtype=np.float64).mean())
        return abs(coded[setting].payload_bits - rate), distance

    return min(coded, key=order)
