"""Claims of the chapter ``optimal-transport``: duality, and transport on the line."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "optimal-transport"
SOLVER = "cdot_lib.solvers.transport"
THEORY = "cdot_lib.theory.transport"

#: Costs are of size one; HiGHS was asked for rows and prices to 1e-10, and is held to 1e-9.
LINEAR = 1e-8

Array = NDArray[np.float64]


def draw_problem(
    rng: np.random.Generator, *, zeros: bool = True
) -> tuple[Array, Array, Array]:
    """Draw two laws, some with zeros or equal masses, and costs, some of them whole numbers."""
    sizes = rng.integers(2, 7, size=2)
    laws = [rng.dirichlet(np.full(size, rng.choice([0.3, 3.0]))) for size in sizes]
    if rng.random() < 0.3:
        laws = [np.full(size, 1.0 / size) for size in sizes]
    if zeros and rng.random() < 0.3:
        laws[0][rng.integers(1, sizes[0])] = 0.0
        laws[0] = laws[0] / laws[0].sum()
    cost = (
        rng.random(sizes)
        if rng.random() < 0.5
        else rng.integers(0, 5, size=sizes) / 4.0
    )
    return laws[0], laws[1], cost


def draw_coupling(p_x: Array, p_y: Array, rng: np.random.Generator) -> Array:
    """Draw a coupling: a mixture of vertices (transport at random costs) and independence."""
    joint = np.outer(p_x, p_y)
    for weight in rng.random(3):
        joint = weight * joint + (1 - weight) * ot.emd(
            p_x, p_y, rng.random(joint.shape)
        )
    return joint


def _against_network_simplex(
    subject: Subject, n: int, rng: np.random.Generator
) -> CheckResult:
    errors = []
    for _ in range(n):
        p_x, p_y, cost = draw_problem(rng)
        found = subject.transport.solve(p_x, p_y, cost)
        errors.append(found.value - ot.emd2(p_x, p_y, cost))
        errors.append(np.abs(found.joint.sum(axis=1) - p_x).max())
        errors.append(np.abs(found.joint.sum(axis=0) - p_y).max())
    return CheckResult.of(
        errors, tolerance=LINEAR, detail="POT's network simplex; HiGHS to 1e-9"
    )


def _strong(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Potentials are feasible, worth the cost, and tight wherever mass is moved."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost = draw_problem(rng)
        found = subject.transport.solve(p_x, p_y, cost)
        f, g = found.potentials
        slack = np.array(
            [[cost[i, j] - f[i] - g[j] for j in range(g.size)] for i in range(f.size)]
        )
        worth = sum(p * v for p, v in zip([*p_x, *p_y], [*f, *g], strict=True))
        errors += [worth - (found.joint * cost).sum(), max(0.0, -slack.min())]
        errors.append(np.where(found.joint > 1e-7, slack, 0.0).max())
    return CheckResult.of(errors, tolerance=LINEAR, detail="HiGHS to 1e-9")


def _weak(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Any feasible prices are worth no more than any coupling costs; the accounts are right."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost = draw_problem(rng)
        joint = draw_coupling(p_x, p_y, rng)
        f = rng.normal(size=p_x.size)
        g = (cost - f[:, None]).min(axis=0) - rng.exponential(0.2)
        seen = subject.transport.certify(p_x, p_y, cost, joint, (f, g))
        errors.append(max(0.0, seen.bound - seen.cost))
        errors.append(seen.cost - seen.bound - seen.slack_in_use)
        least = min(
            cost[i, j] - f[i] - g[j] for i in range(f.size) for j in range(g.size)
        )
        errors += [seen.least_slack - least, seen.marginal_error]
        # Mass below zero is no coupling, even if rows and columns add up.
        turn = np.zeros_like(joint)
        turn[:2, :2] = [[1.0, -1.0], [-1.0, 1.0]]
        fake = joint + 2.0 * turn
        short = np.maximum(-fake, 0.0).sum()
        wrong = subject.transport.certify(p_x, p_y, cost, fake, (f, g))
        errors.append(wrong.marginal_error - short)
    return CheckResult.of(errors, tolerance=1e-12, detail="arithmetic")


def _monge(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Maps cost no less than couplings; for n equal masses each, they cost the same."""
    errors = []
    for _ in range(n):
        size_x, size_y = rng.integers(2, 6, size=2)
        weights = rng.integers(1, 4, size=size_x)
        p_x, cost = weights / weights.sum(), rng.random((size_x, size_y))
        target = rng.integers(size_y, size=size_x)
        p_y = np.bincount(target, weights=p_x, minlength=size_y)
        found = subject.transport.best_map(p_x, p_y, cost)
        own = (p_x * cost[np.arange(size_x), target]).sum()
        errors.append(max(0.0, found.value - own))
        errors.append(max(0.0, ot.emd2(p_x, p_y, cost) - found.value))
        made = np.bincount(found.outputs, weights=p_x, minlength=size_y)
        errors.append(np.abs(made - p_y).max())
        even, square = np.full(size_x, 1 / size_x), rng.random((size_x, size_x))
        rows, columns = linear_sum_assignment(square)
        best = subject.transport.best_map(even, even, square).value
        errors.append(best - square[rows, columns].mean())
        odd = np.full(size_x + 1, 1 / (size_x + 1))
        errors.append(
            float(
                subject.transport.best_map(
                    even, odd, rng.random((size_x, size_x + 1))
                ).feasible
            )
        )
    return CheckResult.of(
        errors, tolerance=1e-12, detail="listing, and an assignment solver"
    )


register(
    Claim(
        id="thm-kantorovich-duality",
        title="Transport and its prices",
        source="villani2009, Theorem 5.10; finite case",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\min_{P \in \Pi(p_X, p_Y)} E\,d(X,Y) = \max\{E f(X) + E g(Y) : f(x) + g(y) \le d(x,y)\},"
            r"\quad P(x,y) > 0 \Rightarrow f(x) + g(y) = d(x,y)"
        ),
        subject={"transport": SOLVER},
        checks=(
            Check(
                "independent solver",
                "HiGHS against network simplex",
                _against_network_simplex,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "prices are feasible, and tight in use",
                _strong,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "no prices are worth more than any coupling costs",
                _weak,
                smoke=50,
                quick=300,
            ),
            Check(
                "property",
                "maps cost no less; equal masses: the same",
                _monge,
                smoke=20,
                quick=100,
                full=2000,
            ),
        ),
        mutants=(
            Mutant(
                "price of Y with the other sign",
                SOLVER,
                "prices[size_x:] - prices[size_x]",
                "prices[size_x] - prices[size_x:]",
            ),
            Mutant(
                "the free constant taken twice",
                SOLVER,
                "prices[:size_x] + prices[size_x]",
                "prices[:size_x] - prices[size_x]",
            ),
            Mutant(
                "costs read by columns",
                SOLVER,
                "linear_program(table.ravel(),",
                'linear_program(table.ravel(order="F"),',
            ),
            Mutant(
                "law of Y read backwards",
                SOLVER,
                "np.concatenate([law_x, law_y]))",
                "np.concatenate([law_x, law_y[::-1]]))",
            ),
            Mutant(
                "slack with the wrong sign of g",
                SOLVER,
                "slack = table - f[:, None] - g",
                "slack = table - f[:, None] + g",
            ),
            Mutant(
                "worth without g",
                SOLVER,
                "bound=float(law_x @ f + law_y @ g)",
                "bound=float(law_x @ f)",
            ),
            Mutant(
                "negative mass passes",
                SOLVER,
                "0.5 * missed + negative",
                "0.5 * missed",
            ),
            Mutant(
                "any map will do",
                SOLVER,
                ".max(axis=1) > 1e-9] = math.inf",
                ".max(axis=1) > 2.0] = math.inf",
            ),
            Mutant(
                "letters of a map weighted alike",
                SOLVER,
                "(law_x * table[np.arange(size_x), maps])",
                "(table[np.arange(size_x), maps])",
            ),
        ),
        mutant_instances=20,
    )
)


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
        chapter=CHAPTER,
        statement=lambda: (
            r"h\ \text{convex}:\quad \min E\,h(X-Y) = \int_0^1 h\bigl(F^{-1}(u) - G^{-1}(u)\bigr)\,du,"
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
