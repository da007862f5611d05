r"""Blocks as letters of a larger alphabet, and pricing when each label sees its own letter only.

With class loss (1/n) sum H(S_i | f_i(X^n)) the loss of a map f is no longer a sum over its cells:
f_i has two cells of its own, each a union of cells of f. So the dynamic programme over subsets
(:mod:`cdot_lib.solvers.pricing`) does not apply. For binary outputs, f is a tuple of subsets
(A_1, ..., A_n), A_i = {x : f_i(x) = 1}, and pricing branches on A_1, ..., A_{n-1}: what A_n adds
is bounded from below by its best cells, chosen freely, plus the least class loss H(S|X) that data
processing allows. Branches whose bound exceeds the best map found are never opened.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from cdot_lib.errors import InvalidArgument, ProblemTooLarge
from cdot_lib.information import conditional_entropy
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers.pricing import Multipliers, Pricer

__all__ = ["LetterPricer", "block_problem", "letter_loss"]

#: Most tuples (A_1, ..., A_{n-1}) that are bounded at once: 2^16 for three binary letters.
BRANCH_LIMIT = 2**18

#: Branches opened first; then twice as many, and so on.
_BATCH = 1


def block_problem(problem: FiniteProblem, n: int) -> FiniteProblem:
    """Return n i.i.d. letters as one: laws are products, the cost is the mean over letters.

    The label is (J, S_J), J uniform on the n places: its conditional entropy is log2 n plus
    the mean of H(S_i | ...), as J tells nothing about the block. Blocks are in the order of
    ``itertools.product``.
    """
    p_x, p_y = problem.p_x, problem.p_y
    labels = problem.p_s_given_x.shape[1]
    in_x = np.array(list(itertools.product(range(p_x.size), repeat=n)))
    in_y = np.array(list(itertools.product(range(p_y.size), repeat=n)))
    return FiniteProblem(
        p_x=p_x[in_x].prod(axis=1),
        p_y=p_y[in_y].prod(axis=1),
        p_s_given_x=(problem.p_s_given_x[in_x] / n).reshape(len(in_x), n * labels),
        cost=problem.cost[in_x[:, None, :], in_y[None, :, :]].mean(axis=2),
    )


def letter_loss(block: FiniteProblem, n: int, maps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (1/n) sum H(S_i | f_i(X^n)) of maps of blocks, from the joint laws of (S_i, Y_i).

    Parameters
    ----------
    block : FiniteProblem
        As :func:`block_problem` makes it.
    n : int
        Letters a block.
    maps : ndarray of int, shape (k, |X|^n)
    """
    size_y = round(block.p_y.size ** (1 / n))
    letters = np.array(list(itertools.product(range(size_y), repeat=n)))[maps]
    # P(X^n = x, S_i = s): the law of (J, S_J) holds the factor 1/n of a uniform J.
    joint_xs = n * block.p_x[:, None, None] * block.p_s_given_x.reshape(len(block.p_x), n, -1)
    total = np.zeros(len(maps))
    for i in range(n):
        one_hot = (letters[:, :, i, None] == np.arange(size_y)).astype(np.float64)
        total += conditional_entropy(np.einsum("xs,kxy->ksy", joint_xs[:, i], one_hot))
    return total / n


class LetterPricer(Pricer):
    """Exact pricing of maps of blocks to binary blocks, with the class loss of single letters.

    Parameters
    ----------
    block : FiniteProblem
        As :func:`block_problem` makes it, with 2^n output blocks.
    n : int
        Letters a block.
    memory_budget_bytes : int
        As for :class:`~cdot_lib.solvers.pricing.Pricer`.

    Raises
    ------
    InvalidArgument
        If the outputs are not binary.
    ProblemTooLarge
        If there are more than :data:`BRANCH_LIMIT` branches.
    """

    def __init__(self, block: FiniteProblem, n: int, *, memory_budget_bytes: int) -> None:
        if block.p_y.size != 2**n:
            raise InvalidArgument.of(
                "given", "letter", "must be 'block' unless Y is binary", "pass given='block'"
            )
        size_x = block.p_x.size
        if size_x * (n - 1) > np.log2(BRANCH_LIMIT):
            raise ProblemTooLarge(
                f"{size_x} blocks x of {n} letters make 2^{size_x * (n - 1)} branches, the limit "
                f"is {BRANCH_LIMIT}; use shorter blocks, or given='block'"
            )
        super().__init__(
            block.p_x, block.p_s_given_x, block.cost, memory_budget_bytes=memory_budget_bytes
        )
        self.block, self.n = block, n
        self.subsets = np.arange(2**size_x)
        inside = (self.subsets[:, None] >> np.arange(size_x)) & 1
        # Maps whose letters all equal the indicator of a subset give all single-letter losses.
        joint_xs = n * block.p_x[:, None, None] * block.p_s_given_x.reshape(size_x, n, -1)
        one_hot = np.stack([1.0 - inside, inside], axis=-1)
        self.loss = np.array(
            [
                conditional_entropy(np.einsum("xs,axy->asy", joint_xs[:, i], one_hot)) / n
                for i in range(n)
            ]
        )
        # H(S_n | f_n) >= H(S_n | X^n), whatever f_n is.
        self.least_loss = float(conditional_entropy(joint_xs[:, n - 1].T)) / n
        self.heads = np.array(list(itertools.product(self.subsets, repeat=n - 1)))
        self.parts = self._parts(self.heads)

    def functionals(self, maps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Evaluate maps, as the parent does, with the class loss of single letters."""
        table = super().functionals(maps)
        table[-1] = letter_loss(self.block, self.n, maps)
        return table

    def best(self, multipliers: Multipliers, count: int = 1) -> tuple[NDArray[np.int64], float]:
        """Find maps of least reduced cost; parameters and result as in the parent."""
        shared = multipliers.rate * self.rate
        cell = multipliers.distortion * self.distortion + shared
        cell -= multipliers.marginal[:, None] * self.mass
        loss = multipliers.class_bits * self.loss
        head_loss = sum(loss[i][self.heads[:, i]] for i in range(self.n - 1))
        bound = head_loss + multipliers.class_bits * self.least_loss
        for index, part in enumerate(self.parts.T):
            zero, one = cell[2 * index], cell[2 * index + 1]
            freely = np.minimum.reduceat(zero[self._rest] + one[self._subset], self._starts)
            bound = bound + freely[part]
        order, values, tails = np.argsort(bound), [], []
        start, least = 0, np.inf
        while start < len(order) and bound[order[start]] <= least:
            # As many as have been opened before, at most 512 at once for the sake of memory.
            opened = order[start : start + min(max(start, _BATCH), 512)]
            start += len(opened)
            totals = head_loss[opened, None] + loss[-1][None, :]
            for index, part in enumerate(self.parts[opened].T):
                hit = part[:, None] & self.subsets
                totals += cell[2 * index + 1][hit] + cell[2 * index][part[:, None] ^ hit]
            tails.append(totals.argmin(axis=1))
            values.append(totals.min(axis=1))
            least = min(least, float(values[-1].min()))
        found, last = np.concatenate(values), np.concatenate(tails)
        chosen = np.argsort(found, kind="stable")[:count]
        maps = self._maps(self.heads[order[chosen]], last[chosen])
        return maps, float(found[chosen[0]])

    def _parts(self, heads: NDArray[np.int64]) -> NDArray[np.int64]:
        """Cut the blocks by their first n - 1 letters: one subset for each value of these."""
        full = self.subsets[-1]
        values = itertools.product((0, 1), repeat=self.n - 1)
        cut = []
        for letters in values:
            part = np.full(len(heads), full)
            for i, letter in enumerate(letters):
                part &= heads[:, i] if letter else full ^ heads[:, i]
            cut.append(part)
        return np.stack(cut, axis=1)

    def _maps(self, heads: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
        sets = np.column_stack([heads, last])
        letters = (sets[:, :, None] >> np.arange(self.size_x)) & 1
        return np.tensordot(letters, 1 << np.arange(self.n)[::-1], axes=(1, 0))
