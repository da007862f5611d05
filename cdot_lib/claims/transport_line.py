"""Claim of the chapter ``optimal-transport``: on the line, keep the order."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import ot
from numpy.typing import NDArray

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.transport import draw_problem

__all__: list[str] = []

THEORY = "cdot_lib.theory.transport"

Array = NDArray[np.float64]

#: Convex costs of x - y; the last three are not symmetric, or not strictly convex.
CONVEX = (
    np.abs,
    np.square,
    lambda t: np.abs(t) ** 3,
    lambda t: np.maximum(t, -2.0 * t),
    np.exp,
    lambda t: np.maximum(np.abs(t) - 0.3, 0.0),
)


def _draw_line(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Draw two laws on the line: unsorted places, some repeated, some masses zero."""
    law_x, law_y, _ = draw_problem(rng)
    x, y = rng.normal(size=law_x.size), rng.normal(1.0, 2.0, size=law_y.size)
    if rng.random() < 0.3:
        x, y = np.round(x), np.round(y)
    return x, law_x, y, law_y


def _line_program(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        x, p_x, y, p_y = _draw_line(rng)
        joint = subject.transport.monotone_coupling(x, p_x, y, p_y)
        cost = CONVEX[rng.integers(len(CONVEX))]((x[:, None] - y) / 2.0)
        errors.append(
            ((joint * cost).sum() - ot.emd2(p_x, p_y, cost)) / max(1.0, cost.max())
        )
        errors.append(np.abs(joint.sum(axis=1) - p_x).max())
        errors.append(np.abs(joint.sum(axis=0) - p_y).max())
    return CheckResult.of(
        errors, tolerance=1e-9, detail="six convex costs; POT's network simplex"
    )


def _line_quantiles(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The integral of h(F^-1 - G^-1) over (0, 1), piece by piece."""
    errors = []
    for _ in range(n):
        x, p_x, y, p_y = _draw_line(rng)
        joint = subject.transport.monotone_coupling(x, p_x, y, p_y)
        cuts, quantiles = [0.0, 1.0], []
        for places, law in ((x, p_x), (y, p_y)):
            order = np.argsort(places)
            cuts += list(np.cumsum(law[order]))
            quantiles.append((places[order], np.cumsum(law[order])))
        grid = np.clip(np.unique(cuts), 0.0, 1.0)
        middle, width = (grid[1:] + grid[:-1]) / 2, np.diff(grid)
        at = [
            v[np.minimum(np.searchsorted(c, middle), v.size - 1)] for v, c in quantiles
        ]
        h = CONVEX[rng.integers(len(CONVEX))]
        exact = (width * h((at[0] - at[1]) / 2.0)).sum()
        cost = h((x[:, None] - y) / 2.0)
        errors.append(((joint * cost).sum() - exact) / max(1.0, cost.max()))
    return CheckResult.of(errors, tolerance=1e-9, detail="integral over quantiles")


def _line_rationals(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """E |X - Y| is the area between the distribution functions: in fractions."""
    errors = []
    for _ in range(n):
        laws, places = [], []
        for size in rng.integers(2, 7, size=2):
            mass = [int(v) for v in rng.integers(1, 30, size=size)]
            laws.append([Fraction(v, sum(mass)) for v in mass])
            places.append(
                [Fraction(int(v), 7) for v in rng.integers(-30, 30, size=size)]
            )
        marks = sorted({*places[0], *places[1]})
        area = Fraction(0)
        for left, right in pairwise(marks):
            below = [
                sum(p for v, p in zip(at, law, strict=True) if v <= left)
                for at, law in zip(places, laws, strict=True)
            ]
            area += (right - left) * abs(below[0] - below[1])
        x, y = (np.array([float(v) for v in at]) for at in places)
        p_x, p_y = (np.array([float(v) for v in law]) for law in laws)
        joint = subject.transport.monotone_coupling(x, p_x, y, p_y)
        errors.append((joint * np.abs(x[:, None] - y)).sum() - float(area))
    return CheckResult.of(errors, tolerance=1e-12, detail="fractions against floats")


def _line_order(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No two pairs of the support cross."""
    crossings = []
    for _ in range(n):
        x, p_x, y, p_y = _draw_line(rng)
        joint = subject.transport.monotone_coupling(x, p_x, y, p_y)
        rows, columns = np.nonzero(joint > 1e-12)
        left, right = x[rows], y[columns]
        crossings.append(((left[:, None] < left) & (right[:, None] > right)).sum())
    return CheckResult.of(crossings, tolerance=0, detail="pairs that cross")


def _line_concave(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Where the cost is concave the theorem's converse shows: a fixed mass should stay."""
    x, y, half = np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.full(2, 0.5)
    cost = np.sqrt(np.abs(x[:, None] - y))
    joint = subject.transport.monotone_coupling(x, half, y, half)
    lead = (joint * cost).sum() - ot.emd2(half, half, cost)
    return CheckResult.of(
        [lead - (1 - np.sqrt(0.5))], tolerance=1e-12, detail="by hand: 1 - 0.71"
    )


register(
    Claim(
        id="thm-monotone-transport",
        title="On the line, keep the order",
        source="santambrogio2015, Theorem 2.9",
        status="proved in text",
        chapter="optimal-transport",
        statement=lambda: (
            r"h\ \text{convex}:\quad \min E\,h(X-Y) = "
            r"\int_0^1 h\bigl(F^{-1}(u) - G^{-1}(u)\bigr)\,du,"
            r"\qquad P(X \le x, Y \le y) = \min\{F(x), G(y)\}"
        ),
        subject={"transport": THEORY},
        checks=(
            Check(
                "independent solver", "linear program, six convex costs", _line_program
            ),
            Check("property", "integral over quantiles", _line_quantiles),
            Check("property", "no two pairs cross", _line_order),
            Check(
                "rational points",
                "area between distribution functions",
                _line_rationals,
                smoke=20,
                quick=100,
            ),
            Check("instance", "a concave cost, where it fails", _line_concave),
        ),
        mutants=(
            Mutant(
                "the order turned round",
                THEORY,
                "np.minimum(below[0][:, None], below[1][None, :])",
                "np.maximum(below[0][:, None] + below[1][None, :] - 1.0, 0.0)",
            ),
            Mutant(
                "independence",
                THEORY,
                "np.minimum(below[0][:, None], below[1][None, :])",
                "below[0][:, None] * below[1][None, :]",
            ),
            Mutant(
                "places not sorted",
                THEORY,
                "joint[np.ix_(*orders)] = np.maximum(",
                "joint[:] = np.maximum(",
            ),
            Mutant(
                "sorted by size and not by place",
                THEORY,
                "np.argsort(_places(name, places, law)",
                "np.argsort(np.abs(_places(name, places, law))",
            ),
            Mutant(
                "only X sorted",
                THEORY,
                "joint[np.ix_(*orders)] = np.maximum(",
                "joint[np.ix_(orders[0], np.arange(law_y.size))] = np.maximum(",
            ),
            Mutant(
                "masses summed in the given order",
                THEORY,
                "np.cumsum(law[order])",
                "np.cumsum(law)",
            ),
        ),
        mutant_instances=20,
    )
)
