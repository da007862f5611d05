"""Bits and nats.

Everything in this library is in bits, unless a name ends in ``_nats``.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["LN2", "bits_to_nats", "nats_to_bits"]

#: Nats in a bit.
LN2 = math.log(2.0)

Number = TypeVar("Number", float, NDArray[np.float64])


def nats_to_bits(nats: Number) -> Number:
    """Convert nats to bits (1 nat is log2 e, about 1.44, bits)."""
    return nats / LN2


def bits_to_nats(bits: Number) -> Number:
    """Convert bits to nats (1 bit is ln 2, about 0.69, nats)."""
    return bits * LN2
