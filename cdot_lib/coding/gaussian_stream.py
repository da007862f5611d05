r"""A real bitstream of dithered Gaussian samples, decodable by another process from seed and step.

The encoder adds the shared dither, rounds, and range-codes each index under its law given the
dither, a Gaussian with mean u/step and deviation std/step, integrated over cells: the entropy of
that law, averaged, is H(Q|U) of :mod:`cdot_lib.theory.universal`. The decoder makes the same dither
from the same seed (:mod:`cdot_lib.coding.dither`), hence the same laws.

The range coder is that of the package ``constriction``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cdot_lib import validate
from cdot_lib.coding.dither import shared_dither
from cdot_lib.errors import DataError, InvalidArgument, MissingDependency

__all__ = ["GaussianCode", "GaussianStream"]

Array = NDArray[np.float64]

#: Indices reach this many deviations beyond the mean; an i.i.d. sample passes once in 1e15.
_REACH = 8.0


@dataclass(frozen=True)
class GaussianStream:
    """A coded sequence.

    Attributes
    ----------
    payload : bytes
        What is sent; number of samples, code and seed are known to the decoder.
    samples : int
    ideal_bits : float
        Mean of -log2 P(index | dither): what an ideal coder would spend a sample.
    """

    payload: bytes
    samples: int
    ideal_bits: float

    @property
    def bits(self) -> float:
        """Length of the payload in bits a sample."""
        return 8.0 * len(self.payload) / self.samples


@dataclass(frozen=True, kw_only=True)
class GaussianCode:
    """A dithered uniform quantiser for N(0, std^2), and its entropy coder.

    Parameters
    ----------
    step : float
        Width of a cell, positive.
    std : float
        Deviation of the source, positive; step / std between 0.001 and 1000.
    seed : int
        The seed that encoder and decoder share.

    Raises
    ------
    InvalidArgument
        If a parameter is out of range.
    """

    step: float
    std: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("step", "std"):
            given = getattr(self, name)
            value = validate.in_range(name, given, 0.0, np.inf, open_lo=True, open_hi=True)
            if value.ndim:
                raise InvalidArgument.of(name, value, "must be one number", "make one code a step")
        if not 1e-3 <= self.step / self.std <= 1e3:
            raise InvalidArgument.of(
                "step", self.step, f"must be within a factor 1000 of std = {self.std:g}",
                "scale the samples",
            )
        validate.seed("seed", self.seed)

    @property
    def reach(self) -> int:
        """Indices run from -reach to reach."""
        return math.ceil(_REACH * self.std / self.step + 0.5)

    def dither(self, samples: int) -> Array:
        """Return U for each sample, uniform on (-step/2, step/2)."""
        return self.step * shared_dither(self.seed, np.arange(1), dims=samples, step=1.0)[0]

    def encode(self, values: Any) -> GaussianStream:
        """Quantise and code a sequence.

        Raises
        ------
        InvalidArgument
            If `values` is no vector, is empty, or leaves the range of the code.
        MissingDependency
            If constriction is not installed.
        """
        x = validate.real("values", values)
        if x.ndim != 1 or x.size == 0:
            raise InvalidArgument.of("values", x.shape, "must be a vector", "flatten it first")
        u = self.dither(x.size)
        indices = np.rint((x + u) / self.step)
        if not np.abs(indices).max() <= self.reach:
            raise InvalidArgument.of(
                "values", float(np.abs(x).max()),
                f"must stay within {_REACH:g} deviations of std = {self.std:g}", "is std right?",
            )
        stream, model = self._model()
        encoder = stream.queue.RangeEncoder()
        encoder.encode(indices.astype(np.int32), model, *self._laws(u))
        payload = encoder.get_compressed().astype("<u4").tobytes()
        # The mass of each index's cell; by symmetry on the side of the smaller tail.
        far = np.abs(indices * self.step - u) / self.std
        half = self.step / (2.0 * self.std)
        mass = ndtr(half - far) - ndtr(-half - far)
        return GaussianStream(payload, x.size, float(-np.log2(mass).mean()))

    def decode(self, payload: bytes, samples: int) -> Array:
        """Return the values that the payload stands for: input plus a uniform error.

        Parameters
        ----------
        payload : bytes
        samples : int
            How many were coded.

        Raises
        ------
        DataError
            If the payload cannot have come from this code. Not every wrong payload is noticed: most
            decode to a sequence that has nothing to do with the one that was coded.
        """
        u = self.dither(validate.positive_int("samples", samples))
        stream, model = self._model()
        words = np.frombuffer(payload, dtype="<u4").astype(np.uint32)
        try:
            indices = stream.queue.RangeDecoder(words).decode(model, *self._laws(u))
        except AssertionError as exc:  # what constriction raises
            raise DataError(
                f"payload does not fit step = {self.step:g}, std = {self.std:g}, seed = {self.seed} "
                "and the number of samples: use those with which it was encoded"
            ) from exc
        return indices * self.step - u

    def _laws(self, u: Array) -> tuple[Array, Array]:
        return u / self.step, np.full(u.size, self.std / self.step)

    def _model(self) -> tuple[Any, Any]:
        try:
            from constriction import stream  # compiled: its parts cannot be imported by name
        except ImportError as exc:
            raise MissingDependency("streams need constriction: pip install constriction") from exc
        return stream, stream.model.QuantizedGaussian(-self.reach, self.reach)
