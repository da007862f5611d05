"""Claims of the chapter ``svhn-inpainting`` about toy crops: a free hole, and the worth of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.solvers import one_shot, transport

__all__: list[str] = []

CHAPTER = "svhn-inpainting"
THEORY = "cdot_lib.theory.inpainting"
SUBJECT = {"theory": THEORY}

#: Two optima of a linear program, each met to 1e-9 in its rows.
PROGRAM = 1e-7

#: Class term that breaks ties and changes nothing else.
GRAIN = 1e-4


def _toys(subject: Subject, n: int, rng: np.random.Generator, most: int = 4) -> Iterator[Any]:
    """Yield toy crops of random holes and up to `most` shades."""
    for _ in range(n):
        yield subject.theory.ToyCrop(rng.uniform(0, 1, int(rng.integers(2, most + 1))))


def _count(eight: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Count a toy crop case by case: the law of Y, the visible squares, P(wrong hole | x)."""
    count = len(eight)
    law, squares, wrong = np.zeros(2 * count), *np.zeros((2, count, 2 * count))
    for shade, hole in product(range(count), range(2)):
        chance = eight[shade] if hole else 1 - eight[shade]
        law[2 * shade + hole] = chance / count
        for shown, filled in product(range(count), range(2)):
            squares[shade, 2 * shown + filled] = (shade - shown) ** 2
            wrong[shade, 2 * shown + filled] += chance * (hole != filled)
    return law, squares, wrong


def _lexicographic(eight: NDArray[np.float64], rate: float) -> tuple[float, float, float]:
    """Solve over a list of all maps: the least visible cost, and wrong holes among its optima."""
    law, squares, wrong = _count(eight)
    count = len(eight)
    maps = np.array(list(product(range(2 * count), repeat=count)))
    shares = (maps[:, :, None] == np.arange(2 * count)).mean(axis=1)
    bits = -(shares * np.log2(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    visible, holes = (table[range(count), maps].mean(axis=1) for table in (squares, wrong))
    equal = {"A_eq": shares.T, "b_eq": law}
    least = linprog(visible, A_ub=bits[None], b_ub=[rate], **equal).fun
    bounds = {"A_ub": np.stack([bits, visible]), "b_ub": [rate, least + 1e-9]}
    best, worst = (sign * linprog(sign * holes, **bounds, **equal).fun for sign in (1, -1))
    return least, best, worst


def _unique(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At unlimited rate the optima that are best and worst in the hole are both the sample."""
    errors = []
    for toy in _toys(subject, n, rng, 6):
        count = toy.eight.size
        sample = np.zeros((count, count, 2))
        sample[range(count), range(count)] = np.stack([1 - toy.eight, toy.eight], 1) / count
        for grain in (GRAIN, -GRAIN):
            plan = transport.solve(toy.p_x, toy.p_y, toy.problem(wrong=grain).cost)
            errors.append(np.abs(plan.joint - sample.reshape(count, -1)).max())
    return CheckResult.of(errors, tolerance=PROGRAM)


def _kernels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Random fillings with the right mixture: the same law and the same cost, another hole."""
    errors, moved = [], 0.0
    for toy in _toys(subject, n, rng):
        count = toy.eight.size
        gamma = np.eye(count)  # a random coupling of shades with shades, by mixing permutations
        for _ in range(6):
            gamma = 0.5 * (gamma + gamma[rng.permutation(count)])
        gamma /= count
        holes = np.stack([1 - toy.eight, toy.eight], axis=1)
        plain = (gamma[:, :, None] * holes).reshape(count, -1)
        # Tilts whose mean over v vanishes for every shade that is shown.
        tilt = rng.uniform(-1, 1, (count, count))
        tilt -= (gamma * tilt).sum(axis=0) / gamma.sum(axis=0)
        tilt *= 0.5 * np.minimum(toy.eight, 1 - toy.eight)
        other = (gamma[:, :, None] * (holes + tilt[:, :, None] * [-1, 1])).reshape(count, -1)
        errors.append(np.abs(other.sum(axis=0) - toy.p_y).max())
        errors.append(((other - plain) * toy.visible).sum())
        errors.append(min(0.0, other.min()))
        tables = zip(_count(toy.eight), (toy.p_y, toy.visible, toy.wrong), strict=True)
        errors += [np.abs(counted - made).max() for counted, made in tables]
        moved = max(moved, abs(((other - plain) * toy.wrong).sum()))
    errors.append(0.0 if moved > 1e-3 else 1.0)
    return CheckResult.of(errors, tolerance=1e-12, detail=f"wrong holes moved by up to {moved:.3f}")


def _one_bit(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The instance of the chapter: optimal both, and as different in the hole as can be."""
    eight = np.array([0.1, 0.9, 0.9, 0.1])
    toy, (law, squares, wrong) = subject.theory.ToyCrop(eight), _count(eight)
    least, *ends = _lexicographic(eight, 1.0)
    errors = [0.0 if ends[1] - ends[0] > 0.05 else 1.0]
    for grain, end in zip((GRAIN, -GRAIN), ends, strict=True):
        joint = one_shot.solve(toy.problem(wrong=grain), rate_bits=1.0).joint
        errors += [(joint * squares).sum() - least, (joint * wrong).sum() - end]
        errors.append(np.abs(joint.sum(axis=0) - law).max())
    detail = f"wrong holes differ by {ends[1] - ends[0]:.4f}"
    return CheckResult.of(errors, tolerance=PROGRAM, detail=detail)


def _grain(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A grain of class term: no better in cost, no worse in the hole, than the best optimum."""
    errors = []
    for toy in _toys(subject, n, rng, 3):
        rate, (_, squares, wrong) = rng.uniform(0.1, 1.4), _count(toy.eight)
        least, best, worst = _lexicographic(toy.eight, rate)
        for grain, end in ((GRAIN, best), (-GRAIN, worst)):
            joint = one_shot.solve(toy.problem(wrong=grain), rate_bits=rate).joint
            over, beyond = (joint * squares).sum() - least, (joint * wrong).sum() - end
            # Optimal for the sum: what it gains in the hole pays for what it loses outside.
            errors += [min(0.0, over), max(0.0, over + grain * beyond) / GRAIN]
    return CheckResult.of(errors, tolerance=1e-4, detail="against a list of all maps")


def _range(gamma: NDArray[np.float64], law: NDArray[np.float64], taste: Any) -> float:
    """By how much a linear functional of the fillings of one y_V can vary: two programs."""
    seen, holes = taste.shape
    rows = [np.kron(np.eye(seen), np.ones(holes)), np.kron(gamma, np.eye(holes))]
    equal = {"A_eq": np.vstack(rows), "b_eq": np.concatenate([np.ones(seen), law])}
    cost = (gamma[:, None] * taste).ravel()
    return -linprog(-cost, **equal).fun - linprog(cost, **equal).fun


def _only_then(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Fillings of one y_V: one alone if a law is a point mass, and otherwise more."""
    errors = []
    for number in range(n):
        seen, holes = rng.integers(2, 5, 2)
        gamma, law = (0.9 * rng.dirichlet(np.ones(k)) + 0.1 / k for k in (seen, holes))
        point = number % 4
        gamma = np.eye(seen)[0] if point & 1 else gamma
        law = np.eye(holes)[0] if point & 2 else law
        varies = _range(gamma, law, rng.normal(size=(seen, holes)))
        errors.append(varies if point else float(varies < 1e-4))
    return CheckResult.of(errors, tolerance=PROGRAM, detail="both ways of (a)")


register(
    Claim(
        id="prop-inp-free",
        title="A cost on visible pixels leaves the hole free",
        source="this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\int K(\cdot|v,y_V)\,\gamma(dv|y_V) = p_{H|V}(\cdot|y_V)\ \Rightarrow\ "
            r"E\,d\ \text{does not depend on}\ K"
        ),
        subject=SUBJECT,
        checks=(
            Check(
                "property",
                "random kernels: same law, same cost",
                _kernels,
                quick=60,
                full=2000,
            ),
            Check(
                "independent solver",
                "unlimited rate: one optimum",
                _unique,
                smoke=10,
                quick=20,
                full=300,
            ),
            Check(
                "instance",
                "one bit: two optima that differ",
                _one_bit,
                smoke=1,
                quick=1,
                full=1,
            ),
            Check(
                "independent solver",
                "a grain of class term",
                _grain,
                smoke=2,
                quick=6,
                full=100,
            ),
            Check(
                "independent solver",
                "fillings of one y_V: when there is one alone",
                _only_then,
                smoke=24,
                quick=60,
                full=2000,
            ),
        ),
        mutants=(
            Mutant(
                "shades in the wrong order",
                THEORY,
                "np.repeat(steps, 2, axis=1)",
                "np.tile(steps, (1, 2))",
            ),
            Mutant(
                "holes in the wrong order",
                THEORY,
                "holes.ravel() / n",
                "holes.T.ravel() / n",
            ),
            Mutant(
                "the hole enters the cost",
                THEORY,
                "visible * self.visible + wrong",
                "visible * self.visible + self.wrong + wrong",
            ),
            Mutant(
                "the grain is lost",
                THEORY,
                "+ wrong * self.wrong",
                "+ 0.0 * self.wrong",
            ),
            Mutant("p for 1 - p in the hole", THEORY, "np.tile(1 - holes", "np.tile(holes"),
            Mutant("steps are not squared", THEORY, "np.square(np.subt", "np.abs(np.subt"),
            Mutant(
                "law of Y not a law",
                THEORY,
                "holes.ravel() / n",
                "holes.ravel() / (n - 1)",
            ),
        ),
        mutant_instances=10,
    )
)


def _bounds(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Under one bound on the rate: outside better without pairs, inside better with them."""
    errors = []
    for toy in _toys(subject, n, rng):
        rate, weight = rng.uniform(0, 2), rng.uniform(0.2, 3.0)
        _, squares, wrong = _count(toy.eight)
        with_pairs, without = (
            one_shot.solve(toy.problem(wrong=w), rate_bits=rate).joint for w in (weight, 0.0)
        )
        outside = ((with_pairs - without) * squares).sum()
        inside = ((without - with_pairs) * wrong).sum()
        errors += [
            min(0.0, outside),
            min(0.0, inside),
            min(0.0, weight * inside - outside),
        ]
    return CheckResult.of(errors, tolerance=PROGRAM)


def _prices(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With a price on anything else, any linear function of the joint law."""
    errors = []
    for toy in _toys(subject, n, rng, 5):
        share, price = rng.uniform(0.05, 0.95), rng.normal(size=toy.visible.shape)
        costs = (toy.problem(visible=1 - share, wrong=share).cost, toy.problem().cost)
        paired, unpaired = (transport.solve(toy.p_x, toy.p_y, cost + price).joint for cost in costs)
        _, squares, wrong = _count(toy.eight)
        inside, outside = (((unpaired - paired) * table).sum() for table in (wrong, squares))
        errors.append(min(0.0, inside - outside))
        errors.append(np.abs((1 - share) * squares + share * wrong - costs[0]).max())
    return CheckResult.of(errors, tolerance=PROGRAM)


register(
    Claim(
        id="prop-inp-order",
        title="With pairs the hole is at least as good",
        source="this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"O_u \le O_p,\quad I_p \le I_u,\quad h(I_u - I_p) \ge (1-h)(O_p - O_u)",
        subject=SUBJECT,
        checks=(
            Check(
                "independent solver",
                "toy crops at random prices",
                _prices,
                smoke=10,
                quick=30,
                full=1000,
            ),
            Check(
                "independent solver",
                "toy crops under a bound on the rate",
                _bounds,
                smoke=2,
                quick=6,
                full=200,
            ),
        ),
        mutants=(
            Mutant(
                "the wrong hole is rewarded",
                THEORY,
                "+ wrong * self.wrong",
                "- wrong * self.wrong",
            ),
            Mutant(
                "weight of the visible part lost",
                THEORY,
                "cost = visible * self.visible",
                "cost = self.visible",
            ),
            Mutant("p for 1 - p in the hole", THEORY, "np.tile(1 - holes", "np.tile(holes"),
            Mutant(
                "holes turned over",
                THEORY,
                "[1 - eight, eight], axis=1)\n        steps",
                "[eight, 1 - eight], axis=1)\n        steps",
            ),
        ),
        mutant_instances=10,
    )
)
