"""What is measured on the test set: two distortions, accuracy, two perceptions, three rates."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding import measure_rates
from cdot_lib.data.degradation import Degraded
from cdot_lib.errors import InvalidArgument
from cdot_lib.models import Codec, ReportingClassifier
from cdot_lib.training.classifiers import Classifiers, logits
from cdot_lib.training.measures import (
    frechet_distance,
    half_width_of_mean,
    half_width_of_share,
    likeness,
    sliced_w2,
)
from cdot_lib.training.tasks import Task
from cdot_lib.units import nats_to_bits

__all__ = ["MODEL_IMAGES", "Metrics", "clean_reference", "evaluate", "score_images"]

#: The index model is fitted to this many training images; fewer are coded with several dithers.
MODEL_IMAGES = 10000


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Measurements of one codec on a test set.

    Attributes
    ----------
    images : int
        Images in the test set.
    distortion_degraded, distortion_clean : float
        Mean square a pixel between the reconstruction and the degraded input (E|X-Y|^2, what
        the theory constrains; over the visible pixels if some are hidden) and the clean original
        (what a restorer wants; over all pixels).
    distortion_half_width : float
        Half of a 95% interval for `distortion_degraded`, over the images.
    accuracy, accuracy_loss_classifier : float
        Share of labels that the reporting classifier, and the one in the loss, gets right.
    accuracy_half_width : float
        Half of Wilson's 95% interval for `accuracy`.
    cross_entropy_bits : float
        Of the reporting classifier, in bits: an upper bound on H(S|Y).
    psnr_db, ssim : float
        Likeness to the clean originals, means over images; see
        :func:`cdot_lib.training.measures.likeness`.
    sliced_w2, frechet : float
        Distance of the reconstructions to clean test images: sliced W2 in pixel space, and
        the Frechet distance in the reporting classifier's features.
    cap_bits, model_bits, conditional_bits, stream_bits : float
        The rates, see :class:`cdot_lib.coding.Rates`; NaN for images that no codec made.
    """

    images: int
    distortion_degraded: float
    distortion_half_width: float
    distortion_clean: float
    accuracy: float
    accuracy_half_width: float
    accuracy_loss_classifier: float
    cross_entropy_bits: float
    psnr_db: float
    ssim: float
    sliced_w2: float
    frechet: float
    cap_bits: float = math.nan
    model_bits: float = math.nan
    conditional_bits: float = math.nan
    stream_bits: float = math.nan

    def as_dict(self) -> dict[str, float]:
        """Return the fields as a plain dictionary, for JSON."""
        return asdict(self)


@torch.inference_mode()
def _features(classifier: ReportingClassifier, rows: torch.Tensor) -> NDArray[np.float64]:
    device = next(classifier.parameters()).device
    parts = [classifier.features(part.to(device)).cpu() for part in rows.split(2000)]
    return torch.cat(parts).double().numpy()


def _squares(output: NDArray[np.float32], degraded: Degraded) -> NDArray[np.float64]:
    """Return the mean square of each image to its degraded input, over the visible pixels."""
    squares = np.square(output - degraded.images, dtype=np.float64)
    if squares.ndim == 4:
        squares = squares.mean(axis=3)
    return squares.mean(axis=(1, 2), where=True if degraded.visible is None else degraded.visible)


def score_images(output: NDArray[Any], task: Task, classifiers: Classifiers) -> Metrics:
    """Measure images against the test set that they reconstruct, all but the rates.

    Parameters
    ----------
    output : ndarray, shape (n, 28, 28) or (n, 32, 32, 3)
        Row i reconstructs image i of ``task.test``.
    task : Task
    classifiers : Classifiers

    Raises
    ------
    InvalidArgument
        If `output` has another shape than the test images, or holds a NaN.
    """
    test, picture = task.test, task.degradation.picture
    output = validate.real("output", output).astype(np.float32)
    if output.shape != test.images.shape:
        raise InvalidArgument.of(
            "output", output.shape, f"must have shape {test.images.shape}, that of the test set",
            "reconstruct the whole test set",
        )
    clean = picture.images(picture.rows(test.images))
    squares = _squares(output, task.degraded(test))
    rows, originals = (torch.from_numpy(picture.rows(images)) for images in (output, clean))
    labels = torch.from_numpy(test.labels.astype("int64"))
    reported = logits(classifiers.reporting, rows)
    nats = float(torch.nn.functional.cross_entropy(reported, labels))
    accuracy = float((reported.argmax(1) == labels).double().mean())
    decibels, similarity = likeness(output, clean)
    features = [_features(classifiers.reporting, r) for r in (rows, originals)]
    named = logits(classifiers.loss, rows).argmax(1)
    return Metrics(
        images=len(test),
        distortion_degraded=float(squares.mean()),
        distortion_half_width=half_width_of_mean(squares),
        distortion_clean=float(np.square(output - clean).mean(dtype=np.float64)),
        accuracy=accuracy,
        accuracy_half_width=half_width_of_share(accuracy, len(test)),
        accuracy_loss_classifier=float((named == labels).double().mean()),
        cross_entropy_bits=float(nats_to_bits(nats)),
        psnr_db=decibels,
        ssim=similarity,
        sliced_w2=sliced_w2(output, clean),
        frechet=frechet_distance(*features),
    )


def evaluate(
    codec: Codec, task: Task, classifiers: Classifiers, *, seed: int = 0
) -> tuple[Metrics, NDArray[np.float32]]:
    """Code the test set with real indices, and measure what comes out.

    Parameters
    ----------
    codec : Codec
    task : Task
        The index model's frequencies are counted on its first 10,000 training images.
    classifiers : Classifiers
    seed : int
        The seed that encoder and decoder share.

    Returns
    -------
    metrics : Metrics
    output : ndarray of float32, shape (n, 28, 28) or (n, 32, 32, 3)
        The reconstructions.
    """
    count = len(task.test)
    indices, output = codec.transmit(task.features(task.test), seed=seed)
    features = task.features(task.train.first(MODEL_IMAGES))
    features = np.repeat(features, max(1, MODEL_IMAGES // len(features)), axis=0)
    # Numbers beyond the test set's: the frequencies are not fitted to the test dithers.
    numbers = np.arange(count, count + len(features))
    train_indices = codec.encode(features, numbers, seed=seed)
    dither = codec.quantiser(seed).dither
    rates = measure_rates(
        train_indices, dither(numbers, codec.dims), indices, dither(np.arange(count), codec.dims),
        levels=codec.levels,
    )
    scored = score_images(output, task, classifiers).as_dict()
    return Metrics(**{**scored, **asdict(rates)}), output


def clean_reference(task: Task, classifiers: Classifiers) -> dict[str, Any]:
    """Return what the metrics are for images that no codec touched: the scale to read by.

    Returns
    -------
    dict with "clean" and "degraded" (:class:`Metrics` of the test set's own clean and degraded
    images) and "floor" (sliced W2 and Frechet distance between clean *training* and clean
    test images: what two samples of one law measure).
    """
    picture, test = task.degradation.picture, task.test
    clean, other = (
        picture.images(picture.rows(a)) for a in (test.images, task.train.images[: len(test)])
    )
    features = [
        _features(classifiers.reporting, torch.from_numpy(picture.rows(a))) for a in (other, clean)
    ]
    return {
        "clean": score_images(clean, task, classifiers),
        "degraded": score_images(task.degraded(test).images, task, classifiers),
        "floor": {"sliced_w2": sliced_w2(other, clean), "frechet": frechet_distance(*features)},
    }
