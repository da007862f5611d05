"""The law of one index, given what the decoder knows when it comes to that index.

Two things can tell the decoder something about index k before it is decoded:

- its own dither U: where L levels meet a latent that is not uniform, the cells that f + U can
  reach depend on U, and H(Z|U) is less than H(Z);
- the value that was received in an earlier dimension, cell midpoint minus dither: a network
  has no reason to make its dimensions independent.

Both are cut into equal bins, by whole numbers alone, and each pair of bins has its own integer
table of frequencies. How many bins, and which earlier dimension, is chosen on images that were
held out: conditioning costs tables, and where it does not pay it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cdot_lib import validate
from cdot_lib.coding.dither import DITHER_BITS
from cdot_lib.errors import InvalidArgument

__all__ = ["BINS", "PRECISION_BITS", "IndexLaw", "choose_law", "dither_ticks", "integer_table"]

Whole = NDArray[np.int64]

#: Frequencies of each context sum to 2^16.
PRECISION_BITS = 16

#: Numbers of dither bins that are tried.
BINS = (1, 2, 4, 8, 16)

#: The received value of an earlier dimension is cut into this many bins a level.
_PARENT_BINS_A_LEVEL = (1, 2, 4, 8)

#: A context's table leans on the table of all contexts with the weight of this many images.
_PRIOR_IMAGES = 4

#: Conditioning pays if what it saves on the held-out images is this many standard errors.
_CLEAR = 3.0


def dither_ticks(dither: Any, levels: int) -> Whole:
    """Return the dither as whole numbers in [0, 2^24), as the generator drew it.

    Parameters
    ----------
    dither : array_like
        U in (-1/levels, 1/levels), from :meth:`UniversalQuantiser.dither
        <cdot_lib.coding.quantiser.UniversalQuantiser.dither>`; 0 without common randomness.
    levels : int

    Raises
    ------
    InvalidArgument
        If a value is outside that interval.
    """
    u = validate.real("dither", dither)
    if np.abs(u).max(initial=0.0) > 1.0 / levels:
        raise InvalidArgument.of(
            "dither", float(np.abs(u).max()), f"must lie within +-1/levels = {1.0 / levels:g}",
            "pass quantiser.dither(images, dims)",
        )
    ticks = np.rint((u * levels / 2.0 + 0.5) * 2.0**DITHER_BITS - 0.5).astype(np.int64)
    return ticks.clip(0, 2**DITHER_BITS - 1)


def integer_table(weights: Whole) -> Whole:
    """Return positive whole frequencies, in proportion to `weights`, whose rows sum to 2^16.

    Parameters
    ----------
    weights : ndarray of int64, shape (contexts, levels)
        Not negative, each row with a positive sum below 2^46; at most 2^15 levels.
    """
    # One unit for each index first, the rest in proportion, what rounding leaves over to the
    # largest: whole numbers only, so that two machines agree.
    spare = 2**PRECISION_BITS - weights.shape[1]
    table = 1 + weights * spare // weights.sum(axis=1, keepdims=True)
    rows = np.arange(len(table))
    table[rows, table.argmax(axis=1)] += 2**PRECISION_BITS - table.sum(axis=1)
    return table


@dataclass(frozen=True, eq=False)
class IndexLaw:
    """The law of one dimension's index in each of its contexts.

    Attributes
    ----------
    frequencies : ndarray of int64, shape (dither_bins * parent_bins, levels)
        Each at least 1; each row sums to 2^16.
    dither_bins : int
        Bins of the dimension's own dither; 1 where it tells nothing.
    parent : int
        The earlier dimension whose received value counts, or -1 for none.
    parent_bins : int
        Bins of that value; 1 without a parent.

    Raises
    ------
    InvalidArgument
        If the table does not fit the rest, or is not a table of frequencies.
    """

    frequencies: Whole
    dither_bins: int = 1
    parent: int = -1
    parent_bins: int = 1

    def __post_init__(self) -> None:
        table = np.asarray(self.frequencies)
        contexts = self.dither_bins * self.parent_bins
        ok = table.ndim == 2 and table.dtype.kind in "iu" and len(table) > 0
        ok = ok and table.shape[1] > 1 and table.min() >= 1
        if not ok or len(table) != contexts or (table.sum(axis=1) != 2**PRECISION_BITS).any():
            raise InvalidArgument.of(
                "frequencies", table,
                f"must be {contexts} rows of positive integers with sum {2**PRECISION_BITS}",
                "fit the model with ConditionalModel.fit",
            )

    @property
    def levels(self) -> int:
        """Number of index values."""
        return self.frequencies.shape[1]

    def contexts(self, k: int, indices: NDArray[Any], ticks: Whole) -> Whole:
        """Return the row of the table that holds for dimension `k` of each image, shape (n,).

        Parameters
        ----------
        k : int
        indices : ndarray, shape (n, dims)
            Of which only the column ``parent`` is read.
        ticks : ndarray of int64, shape (n, dims)
            From :func:`dither_ticks`.
        """
        own = ticks[:, k] * self.dither_bins >> DITHER_BITS
        if self.parent < 0:
            return own
        # In steps above -1 the received value is index + 1 - (tick + 1/2) / 2^24, so that
        # this is 2^24 times it, less one half: a whole number below levels * 2^24.
        received = (indices[:, self.parent].astype(np.int64) + 1 << DITHER_BITS) - 1
        received -= ticks[:, self.parent]
        bins = received * self.parent_bins // (self.levels << DITHER_BITS)
        return own * self.parent_bins + bins

    def costs_bits(self, k: int, indices: NDArray[Any], ticks: Whole) -> NDArray[np.float64]:
        """Return the ideal code length of dimension `k` of each image, in bits, shape (n,)."""
        chosen = self.frequencies[self.contexts(k, indices, ticks), indices[:, k]]
        return PRECISION_BITS - np.log2(chosen)

    def counted(self, k: int, indices: NDArray[Any], ticks: Whole) -> IndexLaw:
        """Return the law with these contexts whose tables are counted on a set of images."""
        levels, contexts = self.levels, self.dither_bins * self.parent_bins
        cells = self.contexts(k, indices, ticks) * levels + indices[:, k]
        counts = np.bincount(cells, minlength=contexts * levels).reshape(contexts, levels)
        # Every index counts once more than it came, so that one never seen can be coded.
        overall = counts.sum(axis=0) + 1
        weights = overall[None] if contexts == 1 else (
            counts * overall.sum() + _PRIOR_IMAGES * overall
        )
        return replace(self, frequencies=integer_table(weights))


def choose_law(
    k: int, indices: NDArray[Any], ticks: Whole, *, levels: int, bins: Sequence[int],
    parents: bool,
) -> IndexLaw:
    """Return the law of dimension `k` with the contexts that pay, counted on all images.

    Contexts are compared by counting on the first four fifths of the images and coding the
    last fifth. They are kept if they save bits there by three standard errors.

    Parameters
    ----------
    k : int
        The dimension.
    indices : ndarray of int, shape (n, dims)
        Rows of one image, if it is there with several dithers, must stand together.
    ticks : ndarray of int64, shape (n, dims)
    levels : int
    bins : sequence of int
        Numbers of dither bins to try; 1 is always tried.
    parents : bool
        Whether to look for an earlier dimension that tells something.
    """
    held = len(indices) - len(indices) // 5
    fit, check = slice(0, held), slice(held, None)
    uniform = np.full((1, levels), 2**PRECISION_BITS // levels)
    uniform[0, 0] += 2**PRECISION_BITS - uniform.sum()
    plain = IndexLaw(uniform)

    def law(dither_bins: int, parent: int = -1, parent_bins: int = 1) -> IndexLaw:
        rows = np.repeat(uniform, dither_bins * parent_bins, axis=0)
        return IndexLaw(rows, dither_bins, parent, parent_bins)

    def costs(candidate: IndexLaw) -> NDArray[np.float64]:
        counted = candidate.counted(k, indices[fit], ticks[fit])
        return counted.costs_bits(k, indices[check], ticks[check])

    def better(candidates: list[IndexLaw], known: IndexLaw) -> IndexLaw:
        fits = [c for c in candidates if c.frequencies.size <= held]
        if not fits or held == len(indices):
            return known
        scored = [(costs(c), c) for c in fits]
        lowest, best = min(scored, key=lambda pair: pair[0].mean())
        saved = costs(known) - lowest
        clear = saved.mean() > _CLEAR * saved.std() / np.sqrt(len(saved))
        return best if clear and saved.mean() > 0.0 else known

    chosen = better([law(b) for b in bins], plain)
    if parents and k > 0:
        cut = [levels * a for a in _PARENT_BINS_A_LEVEL]
        screen = [law(chosen.dither_bins, parent, cut[1]) for parent in range(k)]
        parent = better(screen, chosen).parent
        if parent >= 0:
            chosen = better([law(b, parent, c) for b in sorted({1, *bins}) for c in cut], chosen)
    return chosen.counted(k, indices, ticks)
