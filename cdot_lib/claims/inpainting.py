"""Claims of the chapter ``svhn-inpainting`` about toy crops: a free hole, and the worth of pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

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
        moved = max(moved, abs(((other - plain) * toy.wrong).sum()))
    errors.append(0.0 if moved > 1e-3 else 1.0)
    return CheckResult.of(errors, tolerance=1e-12, detail=f"wrong holes moved by up to {moved:.3f}")


def _one_bit(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The instance of the chapter: optimal both, and different in the hole."""
    toy = subject.theory.ToyCrop([0.1, 0.9, 0.9, 0.1])
    best, worst = (
        one_shot.solve(toy.problem(wrong=g), rate_bits=1.0).joint for g in (GRAIN, -GRAIN)
    )
    apart = ((worst - best) * toy.wrong).sum()
    errors = [((worst - best) * toy.visible).sum(), 0.0 if apart > 0.05 else 1.0]
    return CheckResult.of(errors, tolerance=PROGRAM, detail=f"wrong holes differ by {apart:.4f}")


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
                "independent solver",
                "unlimited rate: one optimum",
                _unique,
                smoke=10,
                quick=20,
                full=300,
            ),
            Check("property", "random kernels: same law, same cost", _kernels, quick=60, full=2000),
            Check(
                "instance", "one bit: two optima that differ", _one_bit, smoke=1, quick=1, full=1
            ),
        ),
        mutants=(
            Mutant(
                "shades in the wrong order",
                THEORY,
                "np.repeat(steps, 2, axis=1)",
                "np.tile(steps, (1, 2))",
            ),
            Mutant("holes in the wrong order", THEORY, "holes.ravel() / n", "holes.T.ravel() / n"),
            Mutant(
                "the hole enters the cost",
                THEORY,
                "visible * self.visible + wrong",
                "visible * self.visible + self.wrong + wrong",
            ),
            Mutant("the grain is lost", THEORY, "+ wrong * self.wrong", "+ 0.0 * self.wrong"),
        ),
        mutant_instances=10,
    )
)


def _bounds(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Under one bound on the rate: outside better without pairs, inside better with them."""
    errors = []
    for toy in _toys(subject, n, rng):
        rate, weight = rng.uniform(0, 2), rng.uniform(0.2, 3.0)
        with_pairs, without = (
            one_shot.solve(toy.problem(wrong=w), rate_bits=rate).joint for w in (weight, 0.0)
        )
        outside = ((with_pairs - without) * toy.visible).sum()
        inside = ((without - with_pairs) * toy.wrong).sum()
        errors += [min(0.0, outside), min(0.0, inside), min(0.0, weight * inside - outside)]
    return CheckResult.of(errors, tolerance=PROGRAM)


def _prices(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With a price on anything else, any linear function of the joint law."""
    errors = []
    for toy in _toys(subject, n, rng, 5):
        share, price = rng.uniform(0.05, 0.95), rng.normal(size=toy.visible.shape)
        costs = (toy.problem(visible=1 - share, wrong=share).cost, toy.problem().cost)
        paired, unpaired = (transport.solve(toy.p_x, toy.p_y, cost + price).joint for cost in costs)
        gains = [((unpaired - paired) * table).sum() for table in (toy.wrong, toy.visible)]
        errors.append(min(0.0, gains[0] - gains[1]))
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
                "toy crops under a bound on the rate",
                _bounds,
                smoke=2,
                quick=6,
                full=200,
            ),
            Check(
                "independent solver",
                "toy crops at random prices",
                _prices,
                smoke=10,
                quick=30,
                full=1000,
            ),
        ),
        mutants=(
            Mutant(
                "the wrong hole is rewarded", THEORY, "+ wrong * self.wrong", "- wrong * self.wrong"
            ),
            Mutant(
                "weight of the visible part lost",
                THEORY,
                "cost = visible * self.visible",
                "cost = self.visible",
            ),
        ),
        mutant_instances=10,
    )
)
