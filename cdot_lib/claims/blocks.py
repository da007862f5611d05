"""Claim of the chapter ``single-letter``: blocks of letters, from D_1 down to D_inf."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import entr

from cdot_lib.claims.instances import draw, scalars
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import BernoulliProblem, FiniteProblem
from cdot_lib.solvers.pricing import Multipliers
from cdot_lib.theory import single_letter
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "single-letter"
BLOCKS = "cdot_lib.solvers.blocks"
PRICING = "cdot_lib.solvers.block_pricing"

#: As in the one-shot claims: HiGHS meets its constraints to 1e-10, with multipliers of size 100.
LP_TOLERANCE = 1e-7

Array = NDArray[np.float64]


def _two_letters(problem: FiniteProblem, given: str) -> dict[str, Array]:
    """All 256 maps of two bits, counted letter by letter from the joint law of everything."""
    maps = np.array(list(itertools.product(range(4), repeat=4)))
    outputs = (maps[..., None] == np.arange(4)).reshape(256, 2, 2, 2, 2).astype(float)
    one = problem.p_x[:, None] * problem.p_s_given_x
    # maps k, inputs x and z, outputs y and v, labels s and t of the two letters
    every = np.einsum("kxzyv,xs,zt->kxzyvst", outputs, one, one)

    def bits(letters: str) -> Array:
        law = np.einsum(f"kxzyvst->k{letters}", every).reshape(256, -1)
        return entr(law).sum(axis=1) / LN2

    if given == "letter":
        loss = bits("ys") - bits("y") + bits("vt") - bits("v")
    else:
        loss = bits("yvs") + bits("yvt") - 2 * bits("yv")
    cost = np.einsum("kxzyvst,xy->k", every, problem.cost)
    cost += np.einsum("kxzyvst,zv->k", every, problem.cost)
    law = np.einsum("kxzyvst->kyv", every).reshape(256, 4)
    return {"distortion": cost / 2, "rate": bits("yv") / 2, "class": loss / 2, "law": law}


def _program(problem: FiniteProblem, table, objective: str, rate: float, loss: float) -> float:
    caps = [(table["rate"], rate), (table["class"], loss)]
    outcome = linprog(
        table[objective],
        A_eq=table["law"].T,
        b_eq=np.kron(problem.p_y, problem.p_y),
        A_ub=np.array([row for row, cap in caps if np.isfinite(cap)]),
        b_ub=[cap for _, cap in caps if np.isfinite(cap)],
        method="highs-ipm",
    )
    return outcome.fun if outcome.status == 0 else np.inf


def _bits(rng: np.random.Generator) -> FiniteProblem:
    return FiniteProblem(
        p_x=rng.dirichlet([1.0, 1.0]),
        p_y=rng.dirichlet([1.0, 1.0]),
        p_s_given_x=rng.dirichlet(np.full(rng.integers(2, 4), 0.5), size=2),
        cost=rng.random((2, 2)),
    )


def _list_of_maps(given: str):
    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        errors, feasible = [], 0
        for _ in range(n):
            problem, rate = _bits(rng), rng.uniform(0.05, 1.0)
            table = _two_letters(problem, given)
            least = _program(problem, table, "class", rate, np.inf)
            # One in six asks for less class loss than there is to be had.
            cap = max(least + rng.uniform(-0.02, 0.1), 0.0)
            found = subject.blocks.solve(problem, 2, rate_bits=rate, class_bits=cap, given=given)
            feasible += found.feasible
            doubt = 0.0 if found.converged and found.verify().ok(LP_TOLERANCE) else 1.0
            if abs(least - cap) > 1e-6 and found.feasible != (least < cap):
                errors.append(1.0)
            elif found.feasible:
                value = _program(problem, table, "distortion", rate, cap)
                over = max(found.class_bits - cap, found.rate_bits - rate, 0.0)
                errors.append(max(abs(found.value - value), over) + doubt)
            else:
                errors.append(abs(found.class_bits_min - least) + doubt)
        return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail=f"{feasible} feasible")

    return run


def _descends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D_2 <= D_1, 3 D_3 <= D_1 + 2 D_2, and no D_n is below the single-letter value."""
    problem, rates, _ = draw(rng, n)
    floor = single_letter.distortion(problem, rate_bits=rates, class_bits=np.inf).value
    errors = []
    for row, least in zip(scalars(problem, rates), floor):
        coins = BernoulliProblem(*row[:3]).finite()
        one, two, three = (
            subject.blocks.solve(coins, k, rate_bits=row[3]).value for k in (1, 2, 3)
        )
        rises = [two - one, three - (one + 2 * two) / 3, least - min(one, two, three)]
        errors.append(max(0.0, *rises))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE)


def _readings(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A classifier that sees the block needs no more distortion than one that sees a letter."""
    errors = []
    for _ in range(n):
        problem, rate = _bits(rng), rng.uniform(0.1, 1.0)
        size = int(rng.integers(1, 4))
        free = subject.blocks.solve(problem, size, rate_bits=rate)
        asked = subject.blocks.solve(problem, size, rate_bits=rate, class_bits=10.0)
        least = asked.class_bits_min
        cap = max(least + rng.uniform(0.1, 0.9) * (free.class_bits - least), least + 1e-6)
        letter, whole = (
            subject.blocks.solve(problem, size, rate_bits=rate, class_bits=cap, given=given)
            for given in ("letter", "block")
        )
        doubt = 0.0 if letter.converged and whole.converged else 1.0
        over = max(letter.class_bits - cap, whole.class_bits - cap)
        order = max(free.value - whole.value, whole.value - letter.value)
        errors.append(max(order, over, 0.0) + doubt)
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="blocks of 1 to 3 letters")


register(
    Claim(
        id="prop-blocks",
        title="Blocks of letters descend to the single-letter value",
        source="nguyen2026, Theorem 3; programmes of this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"(m+n)\, D_{m+n} \le m\, D_m + n\, D_n,\quad D_n \ge D_\infty;\qquad "
            r"\tfrac1n \sum_i H(S_i|Y^n,U) \le \tfrac1n \sum_i H(S_i|Y_i,U) "
            r"\le \tfrac1n \sum_i H(S_i|Y_i)"
        ),
        subject={"blocks": BLOCKS, "pricing": PRICING},
        checks=(
            Check(
                "independent solver", "two letters against all 256 maps, S sees its letter",
                _list_of_maps("letter"), smoke=5, quick=12, full=1000,
            ),
            Check(
                "independent solver", "two letters against all 256 maps, S sees the block",
                _list_of_maps("block"), smoke=5, quick=12, full=1000,
            ),
            Check(
                "property", "subadditive, and above the single-letter value", _descends,
                smoke=3, quick=6, full=500,
            ),
            Check(
                "property", "the readings are ordered", _readings, smoke=2, quick=3, full=300
            ),
        ),
        mutants=(
            Mutant(
                "rate counted for the block",
                BLOCKS,
                "caps = Caps(rate=n * rate,",
                "caps = Caps(rate=rate,",
            ),
            Mutant("the place of the label costs nothing", BLOCKS, "else math.log2(n)", "else 0.0"),
            Mutant(
                "a letter's label sees the block", BLOCKS,
                'return given == "letter" and n > 1 and math.isfinite(class_bits)', "return False",
            ),
            Mutant(
                "rate attained not shared among letters", BLOCKS,
                "rate_bits=found.rate_bits / n", "rate_bits=found.rate_bits",
            ),
        ),
        mutant_instances=6,
    )
)


def _pricing_is_exact(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Pricing of two letters against all 256 maps, each counted on its own."""
    errors = []
    for _ in range(n):
        problem = _bits(rng)
        table = _two_letters(problem, "letter")
        block = subject.pricing.block_problem(problem, 2)
        pricer = subject.pricing.LetterPricer(block, 2, memory_budget_bytes=2**30)
        lam, weights = rng.normal(scale=0.2, size=4), rng.exponential([1.0, 0.2, 0.5])
        maps, least = pricer.best(Multipliers(lam, *weights), 3)
        reduced = weights[0] * table["distortion"] + 2 * weights[1] * table["rate"]
        reduced += weights[2] * table["class"] - table["law"] @ lam
        where = maps @ 4 ** np.arange(4)[::-1]
        off = np.abs(pricer.functionals(maps)[-1] - table["class"][where]).max()
        errors.append(max(abs(least - reduced.min()), abs(reduced[where[0]] - least), off))
    return CheckResult.of(errors, tolerance=1e-11)


register(
    Claim(
        id="lem-block-pricing",
        title="Pricing of blocks when a label sees its own letter",
        source="this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\min_f \Big[ \textstyle\sum_y c_y(B_y) + \frac{\mu}{n} \sum_i H(S_i|f_i) \Big] \ge "
            r"\min_{A_1, \ldots, A_{n-1}} \Big[ \sum_{y'} \min_{B \subseteq P_{y'}} \{c_{y'1}(B) + "
            r"c_{y'0}(P_{y'} \setminus B)\} + \frac{\mu}{n} \sum_{i<n} H(S_i|f_i) "
            r"+ \frac{\mu}{n} H(S|X) \Big]"
        ),
        subject={"pricing": PRICING},
        checks=(
            Check(
                "independent solver", "branch and bound against the list of 256 maps",
                _pricing_is_exact, smoke=30, quick=100, full=5000,
            ),
        ),
        mutants=(
            Mutant(
                "branches closed too early",
                PRICING,
                "while start < len(order) and",
                "while start < 1 and",
            ),
            Mutant(
                "the least loss is too high", PRICING,
                "conditional_entropy(joint_xs[:, n - 1].T)) / n",
                "conditional_entropy(joint_xs[:, n - 1].T)) + 1",
            ),
            Mutant(
                "the last letter's loss is free",
                PRICING,
                "totals = head_loss[opened, None] + loss[-1][None, :]",
                "totals = head_loss[opened, None] + 0 * loss[-1][None, :]",
            ),
            Mutant(
                "zero and one exchanged",
                PRICING,
                "totals += cell[2 * index + 1][hit] + cell[2 * index]",
                "totals += cell[2 * index][hit] + cell[2 * index + 1]",
            ),
            Mutant(
                "labels of the other letter",
                PRICING,
                'np.einsum("xs,axy->asy", joint_xs[:, i], one_hot)',
                'np.einsum("xs,axy->asy", joint_xs[:, n - 1 - i], one_hot)',
            ),
            Mutant(
                "letters in reverse",
                PRICING,
                "1 << np.arange(self.n)[::-1]",
                "1 << np.arange(self.n)",
            ),
            Mutant("distortion of the first letter", PRICING, ".mean(axis=2)", "[..., 0]"),
        ),
        mutant_instances=120,
    )
)
