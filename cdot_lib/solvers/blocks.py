r"""The one-shot programme for blocks of n i.i.d. letters: what waiting for more letters buys.

A block (X_1, ..., X_n) is one letter of a larger alphabet, so the mixture of deterministic maps,
its column generation and its certificate are those of :mod:`cdot_lib.solvers.one_shot`. The law
of the output block is prescribed as i.i.d., the distortion is the mean over letters, and rate and
class bits are counted for one letter. Which class loss is meant decides what kind of programme
this is:

* ``given="letter"``: (1/n) sum H(S_i | Y_i, U). Linear in the mixture. The classifier of letter i
  sees output letter i, and U.
* ``given="block"``: (1/n) sum H(S_i | Y_1, ..., Y_n, U). Linear too, and never larger than the
  first: the classifier sees the whole block.
* (1/n) sum H(S_i | Y_i), as the definition of [nguyen2026]_ has it, is concave in the mixture and
  no linear programme, and it is not solved here. It is never smaller than the first, so the
  values for ``"letter"`` and ``"block"`` are lower bounds on D under this reading, in this order.

Without a class constraint all three agree, and the value D_n is exact. A code of n letters used
twice is one of 2n, so n D_n is subadditive; D_n descends to the single-letter D of Theorem 3.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-Domain Lossy Compression via Rate- and
   Classification-Constrained Optimal Transport, ICLR 2026, Theorems 1 and 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from cdot_lib.errors import InvalidArgument, ProblemTooLarge
from cdot_lib.problems import FiniteProblem
from cdot_lib.solvers import maps as plain
from cdot_lib.solvers import one_shot
from cdot_lib.solvers.block_pricing import LetterPricer, block_problem, letter_loss
from cdot_lib.solvers.certificate import (
    ENUMERATION_LIMIT,
    Caps,
    Verification,
    lagrangian_bound,
    restrict,
    verify_mixture,
)
from cdot_lib.solvers.one_shot_solution import OneShotSolution
from cdot_lib.solvers.pricing import MEMORY_BUDGET_BYTES
from cdot_lib.validate import choice, non_negative, positive_int

__all__ = ["BlockSolution", "solve"]

Given = Literal["letter", "block"]


@dataclass(frozen=True, eq=False)
class BlockSolution:
    """A point of D_n(R, C), with bits counted for one letter.

    Attributes
    ----------
    n : int
        Letters a block.
    given : str
        The class loss meant, ``"letter"`` or ``"block"``.
    value : float
        Least mean distortion; ``inf`` if infeasible.
    feasible : bool
    rate_bits, class_bits : float
        What the mixture attains a letter: H(Y^n|U)/n and the class loss; ``inf`` if infeasible.
    class_bits_min : float
        Least class loss at this rate; NaN if no class constraint was set.
    dual_bound : float
        Lower bound on the value over all maps of blocks.
    gap : float
        ``value - dual_bound``, 0 if infeasible.
    iterations : int
        Linear programmes solved.
    converged : bool
        Whether the gap is within tolerance.
    block : OneShotSolution
        The mixture of maps of blocks and its multipliers. Its rate counts whole blocks, and its
        class bits are those of the label (J, S_J) of :mod:`~cdot_lib.solvers.block_pricing`,
        unless the programme was that of single letters.
    """

    n: int
    given: str
    value: float
    feasible: bool
    rate_bits: float
    class_bits: float
    class_bits_min: float
    dual_bound: float
    gap: float
    iterations: int
    converged: bool
    block: OneShotSolution

    def verify(self) -> Verification:
        """Recompute mixture and bound from joint laws; by listing all maps up to two letters."""
        found = self.block
        if not _by_letter(self.given, self.n, found.caps.class_bits):
            return found.verify()
        if not self.feasible:
            # The class loss was the objective, its multiplier is 1, and its cap is violated.
            bound, enumerated = self._bound(replace(found.caps, class_bits=math.inf))
            return Verification(0, 0, 0, max(0.0, found.caps.class_bits - bound), 0, enumerated)
        marginal, _, attained = verify_mixture(found.problem, found.maps, found.weights, Caps())
        loss = float(found.weights @ letter_loss(found.problem, self.n, found.maps))
        bound, enumerated = self._bound(found.caps)
        return Verification(
            marginal_error=marginal,
            excess=max(0.0, attained[1] - found.caps.rate, loss - found.caps.class_bits),
            value_error=abs(attained[0] - self.value),
            bound_error=abs(bound - self.dual_bound),
            gap=attained[0] - bound,
            enumerated=enumerated,
        )

    def _bound(self, caps: Caps) -> tuple[float, bool]:
        problem, prices = self.block.problem, self.block.dual
        size_x, size_y = problem.cost.shape
        if enumerated := size_y**size_x <= ENUMERATION_LIMIT:
            least = math.inf
            for maps in plain.all_maps(size_x, size_y):
                law_y, distortion, rate, _ = plain.functionals(problem, maps)
                reduced = prices.distortion * distortion + prices.rate * rate
                reduced += prices.class_bits * letter_loss(problem, self.n, maps)
                least = min(least, float((reduced - law_y @ prices.marginal).min()))
        else:
            pricer = LetterPricer(problem, self.n, memory_budget_bytes=MEMORY_BUDGET_BYTES)
            least = pricer.best(prices)[1]
        return lagrangian_bound(problem.p_y, prices, caps, least), enumerated


class _LetterMaster(one_shot._Master):
    """The master programme of one_shot, with the class loss of single letters."""

    def __init__(self, block: FiniteProblem, n: int, *, budget: int, limit: int) -> None:
        super().__init__(block, memory_budget_bytes=budget, limit=limit)
        self.pricer = LetterPricer(self.small, n, memory_budget_bytes=budget)
        self.table = self.pricer.functionals(self.maps)


def solve(
    problem: FiniteProblem,
    n: int,
    *,
    rate_bits: float = math.inf,
    class_bits: float = math.inf,
    given: Given = "letter",
    memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
    max_iterations: int = 500,
) -> BlockSolution:
    """Least mean distortion of codes that map n letters at once: D_n(R, C).

    Parameters
    ----------
    problem : FiniteProblem
        One letter: laws, labels and cost. Letters of probability zero are dropped.
    n : int
        Letters a block; 1, 2 or 3 for bits (the tables take about 40 bytes x 3^(|X|^n)).
    rate_bits, class_bits : float
        Bits a letter, zero or more; ``inf`` drops the constraint.
    given : {"letter", "block"}
        What the classifier of a letter sees; see the module.
    memory_budget_bytes, max_iterations : int
        As in :func:`cdot_lib.solvers.one_shot.solve`.

    Returns
    -------
    BlockSolution
        Infeasible is a result: value ``inf``, with its proof in ``block.dual``.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or ``given="letter"`` meets an output with more than two
        letters in blocks longer than one.
    ProblemTooLarge
        If blocks of this length exceed the budget; nothing is allocated before.
    SolverError
        As in :func:`cdot_lib.solvers.one_shot.solve`.
    """
    n, reading = positive_int("n", n), choice("given", given, ("letter", "block"))
    budget = positive_int("memory_budget_bytes", memory_budget_bytes)
    limit = positive_int("max_iterations", max_iterations)
    if not isinstance(problem, FiniteProblem):
        raise InvalidArgument.of(
            "problem", problem, "must be a FiniteProblem", "use BernoulliProblem.finite()"
        )
    rate, cap = _number("rate_bits", rate_bits), _number("class_bits", class_bits)
    small = restrict(problem)[0]
    blocks = small.p_x.size**n
    if blocks > 64 or 3**blocks > budget:
        raise ProblemTooLarge(
            f"{blocks} blocks of n = {n} letters: 3^{blocks} pairs of subsets exceed the budget "
            f"of {budget} bytes; use shorter blocks, or raise memory_budget_bytes"
        )
    block = block_problem(small, n)
    by_letter = _by_letter(reading, n, cap)
    offset = 0.0 if by_letter else math.log2(n)
    caps = Caps(rate=n * rate, class_bits=cap + offset)
    if by_letter:
        master: one_shot._Master = _LetterMaster(block, n, budget=budget, limit=limit)
    else:
        master = one_shot._Master(block, memory_budget_bytes=budget, limit=limit)
    stages = ("class_bits",) if math.isfinite(cap) else ()
    found = master.solve("distortion", caps, stages)
    loss = found.class_bits - offset
    if reading == "letter" and found.feasible:
        loss = float(found.weights @ letter_loss(block, n, found.maps))
    return BlockSolution(
        n=n,
        given=reading,
        value=found.value,
        feasible=found.feasible,
        rate_bits=found.rate_bits / n,
        class_bits=max(loss, 0.0),
        class_bits_min=found.class_bits_min - offset if stages else math.nan,
        dual_bound=found.dual_bound,
        gap=found.gap,
        iterations=found.iterations,
        converged=found.converged,
        block=found,
    )


def _by_letter(given: str, n: int, class_bits: float) -> bool:
    """Whether the readings differ at all; if not, the faster programme of "block" serves both."""
    return given == "letter" and n > 1 and math.isfinite(class_bits)


def _number(name: str, value: float) -> float:
    array = non_negative(name, value)
    if array.ndim:
        raise InvalidArgument.of(name, value, "must be one number", "loop over its entries")
    return float(array)
