"""What is measured on the test set: two distortions, accuracy, two perceptions, the rates."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import linalg

from cdot_lib import validate
from cdot_lib.coding import measure_rates
from cdot_lib.data import ImageSet, low_resolution, upsample
from cdot_lib.errors import InvalidArgument, MissingDependency
from cdot_lib.models import Codec, ReportingClassifier
from cdot_lib.training.classifiers import Classifiers, logits
from cdot_lib.units import nats_to_bits

__all__ = [
    "Metrics", "clean_reference", "evaluate", "frechet_distance", "score_images",
    "sliced_w2",
]

#: Images from each set, and random directions, in the sliced W2 distance.
SLICED_IMAGES, SLICED_DIRECTIONS = 2000, 100

#: The index model is fitted to this many training images.
MODEL_IMAGES = 10000


@dataclass(frozen=True)
class Metrics:
    """Measurements of one codec on a test set.

    Attributes
    ----------
    distortion_degraded, distortion_clean : float
        Mean square a pixel between the reconstruction and the degraded input (E|X-Y|^2, what
        the theory constrains) and the clean original (what a restorer wants).
    accuracy, accuracy_loss_classifier : float
        Share of labels that the reporting classifier, and the one in the loss, gets right.
    cross_entropy_bits : float
        Of the reporting classifier, in bits: an upper bound on H(S|Y).
    sliced_w2, frechet : float
        Distance of the reconstructions to clean test images: sliced W2 in pixel space, and
        the Frechet distance in the reporting classifier's features.
    cap_bits, model_bits, conditional_bits, stream_bits : float
        The rates, see :class:`cdot_lib.coding.Rates`; NaN for images that no codec made.
    """

    distortion_degraded: float
    distortion_clean: float
    accuracy: float
    accuracy_loss_classifier: float
    cross_entropy_bits: float
    sliced_w2: float
    frechet: float
    cap_bits: float = math.nan
    model_bits: float = math.nan
    conditional_bits: float = math.nan
    stream_bits: float = math.nan

    def as_dict(self) -> dict[str, float]:
        """Return the fields as a plain dictionary, for JSON."""
        return asdict(self)


def sliced_w2(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the sliced W2 distance of two image sets (POT, 100 fixed directions).

    The first 2,000 images of each are compared, in R^784.

    Raises
    ------
    MissingDependency
        If POT is not installed.
    """
    try:
        import ot
    except ImportError as exc:
        raise MissingDependency("the sliced W2 distance needs POT: pip install POT") from exc
    rows = [np.asarray(a[:SLICED_IMAGES], dtype=np.float64).reshape(-1, 784) for a in (first, second)]
    return float(ot.sliced_wasserstein_distance(*rows, n_projections=SLICED_DIRECTIONS, seed=0))


def frechet_distance(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) of two feature sets (n, d)."""
    mean1, mean2 = first.mean(axis=0), second.mean(axis=0)
    cov1, cov2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = linalg.eigh(cov1)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    cross = np.sqrt(np.clip(linalg.eigvalsh(root @ cov2 @ root), 0.0, None)).sum()
    squared = ((mean1 - mean2) ** 2).sum() + np.trace(cov1) + np.trace(cov2) - 2.0 * cross
    return max(0.0, float(squared))  # equal sets come out at minus a rounding error


@torch.inference_mode()
def _features(classifier: ReportingClassifier, rows: torch.Tensor) -> NDArray[np.float64]:
    device = next(classifier.parameters()).device
    parts = [classifier.features(part.to(device)).cpu() for part in rows.split(2000)]
    return torch.cat(parts).double().numpy()


def score_images(output: NDArray[Any], test: ImageSet, classifiers: Classifiers) -> Metrics:
    """Measure images against the test set that they reconstruct, all but the rates.

    Parameters
    ----------
    output : ndarray, shape (n, 28, 28)
        Row i reconstructs image i of `test`.

    Raises
    ------
    InvalidArgument
        If `output` has another shape than the test images, or holds a NaN.
    """
    output = validate.real("output", output).astype(np.float32)
    if output.shape != test.images.shape:
        raise InvalidArgument.of(
            "output", output.shape, f"must have shape {test.images.shape}, that of the test set",
            "reconstruct the whole test set",
        )
    clean = test.images.astype(np.float32) / 255
    degraded = upsample(low_resolution(test.images))
    rows = torch.from_numpy(np.ascontiguousarray(output, dtype=np.float32)).flatten(1)
    labels = torch.from_numpy(test.labels.astype("int64"))
    reported = logits(classifiers.reporting, rows)
    nats = float(torch.nn.functional.cross_entropy(reported, labels))
    features = [
        _features(classifiers.reporting, r) for r in (rows, torch.from_numpy(clean).flatten(1))
    ]
    return Metrics(
        distortion_degraded=float(np.square(output - degraded).mean(dtype=np.float64)),
        distortion_clean=float(np.square(output - clean).mean(dtype=np.float64)),
        accuracy=float((reported.argmax(1) == labels).float().mean()),
        accuracy_loss_classifier=float(
            (logits(classifiers.loss, rows).argmax(1) == labels).float().mean()
        ),
        cross_entropy_bits=float(nats_to_bits(nats)),
        sliced_w2=sliced_w2(output, clean),
        frechet=frechet_distance(*features),
    )


def evaluate(
    codec: Codec, train: ImageSet, test: ImageSet, classifiers: Classifiers, *, seed: int = 0
) -> tuple[Metrics, NDArray[np.float32]]:
    """Code the test set with real indices, and measure what comes out.

    Parameters
    ----------
    codec : Codec
    train : ImageSet
        The index model's frequencies are counted on its first 10,000 images.
    test : ImageSet
    seed : int
        The seed that encoder and decoder share.

    Returns
    -------
    metrics : Metrics
    output : ndarray of float32, shape (n, 28, 28)
        The reconstructions.
    """
    indices, output = codec.transmit(low_resolution(test.images), seed=seed)
    fitted_to = low_resolution(train.images[:MODEL_IMAGES])
    # Numbers beyond the test set's: the frequencies are not fitted to the test dithers.
    numbers = np.arange(len(test), len(test) + len(fitted_to))
    train_indices = codec.encode(fitted_to, numbers, seed=seed)
    dither = codec.quantiser(seed).dither
    rates = measure_rates(
        train_indices, dither(numbers, codec.dims),
        indices, dither(np.arange(len(test)), codec.dims), levels=codec.levels,
    )
    scored = score_images(output, test, classifiers).as_dict()
    return Metrics(**{**scored, **asdict(rates)}), output


def clean_reference(train: ImageSet, test: ImageSet, classifiers: Classifiers) -> dict[str, Any]:
    """Return what the metrics are for images that no codec touched: the scale to read by.

    Returns
    -------
    dict with "clean" and "degraded" (:class:`Metrics` of the test set's own clean and degraded
    images) and "floor" (sliced W2 and Frechet distance between clean *training* and clean
    test images: what two samples of one law measure).
    """
    clean = test.images.astype(np.float32) / 255
    other = train.images[: len(test)].astype(np.float32) / 255
    rows = [torch.from_numpy(a).flatten(1) for a in (other, clean)]
    return {
        "clean": score_images(clean, test, classifiers),
        "degraded": score_images(upsample(low_resolution(test.images)), test, classifiers),
        "floor": {
            "sliced_w2": sliced_w2(other, clean),
            "frechet": frechet_distance(*(_features(classifiers.reporting, r) for r in rows)),
        },
    }
