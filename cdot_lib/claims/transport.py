"""Claim of the chapter ``optimal-transport``: transport and its prices."""

from __future__ import annotations

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.special import rel_entr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__ = ["draw_coupling", "draw_priced", "draw_problem", "nats"]

CHAPTER = "optimal-transport"
SOLVER = "cdot_lib.solvers.transport"

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


def nats(joint: Array) -> float:
    """I(X;Y) as a divergence; the library computes it from entropies."""
    return float(rel_entr(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum())


def draw_priced(rng: np.random.Generator) -> tuple[Array, Array, Array, float]:
    """Draw a problem and the price of a nat."""
    p_x, p_y, cost = draw_problem(rng, zeros=False)
    # Letters of almost no mass make Sinkhorn slow and test nothing else.
    p_x, p_y = (np.maximum(p, 0.02) / np.maximum(p, 0.02).sum() for p in (p_x, p_y))
    return p_x, p_y, cost, float(np.exp(rng.uniform(-2.0, 1.0)))


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
        errors.append(g[0])  # a constant is free, and fixed so
        errors.append(np.where(found.joint > 1e-7, slack, 0.0).max())
    return CheckResult.of(errors, tolerance=LINEAR, detail="HiGHS to 1e-9")


def _weak(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Any feasible prices are worth no more than any coupling costs; the accounts are right."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost = draw_problem(rng)
        joint = draw_coupling(p_x, p_y, rng)
        f = rng.normal(size=p_x.size)
        g = (cost - f[:, None]).min(axis=0) - rng.exponential(0.2, size=p_y.size)
        seen = subject.transport.certify(p_x, p_y, cost, joint, (f, g))
        errors.append(max(0.0, seen.bound - seen.cost))
        errors.append(seen.cost - seen.bound - seen.slack_in_use)
        least = min(
            cost[i, j] - f[i] - g[j] for i in range(f.size) for j in range(g.size)
        )
        errors += [seen.least_slack - least, seen.marginal_error]
        # Prices are to be right everywhere, also where a plan moves nothing.
        corner = ot.emd(p_x, p_y, cost)
        errors.append(
            subject.transport.certify(p_x, p_y, cost, corner, (f, g)).least_slack
            - least
        )
        # Mass below zero is no coupling, even if rows and columns add up.
        turn = np.zeros_like(joint)
        turn[:2, :2] = [[1.0, -1.0], [-1.0, 1.0]]
        fake = joint + 2.0 * turn
        short = np.maximum(-fake, 0.0).sum()
        wrong = subject.transport.certify(p_x, p_y, cost, fake, (f, g))
        errors.append(wrong.marginal_error - short)
        # A tenth of the first row is lost: so much is missing in the rows, and in the columns.
        lossy = joint.copy()
        lossy[0] *= 0.9
        wrong = subject.transport.certify(p_x, p_y, cost, lossy, (f, g))
        errors.append(wrong.marginal_error - 0.1 * p_x[0])
        # And where the rows are right, the columns need not be.
        errors.append(
            subject.transport.certify(
                p_x, p_y, cost, np.outer(p_x, p_y[::-1]), (f, g)
            ).marginal_error
            - 0.5 * np.abs(p_y - p_y[::-1]).sum()
        )
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
            r"\min_{P \in \Pi(p_X, p_Y)} E\,d(X,Y) = "
            r"\max\{E f(X) + E g(Y) : f(x) + g(y) \le d(x,y)\},"
            r"\quad P(x,y) > 0 \Rightarrow f(x) + g(y) = d(x,y)"
        ),
        subject={"transport": SOLVER},
        checks=(
            Check(
                "independent solver",
                "HiGHS against network simplex",
                _against_network_simplex,
                smoke=20,
                quick=60,
                full=2000,
            ),
            Check(
                "property",
                "prices are feasible, and tight in use",
                _strong,
                smoke=20,
                quick=60,
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
                quick=60,
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
                "columns not looked at",
                SOLVER,
                " + np.abs(plan.sum(0) - law_y).sum()",
                "",
            ),
            Mutant(
                "marginals not looked at",
                SOLVER,
                "0.5 * missed + negative",
                "negative",
            ),
            Mutant(
                "slack only where mass is",
                SOLVER,
                "float(slack.min())",
                "float(slack[plan > 0].min())",
            ),
            Mutant(
                "the free constant left free",
                SOLVER,
                "prices[:size_x] + prices[size_x], prices[size_x:] - prices[size_x]",
                "prices[:size_x], prices[size_x:]",
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
        mutant_instances=10,
    )
)
