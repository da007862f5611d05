"""Claim of the chapter ``optimal-transport``: transport at a rate."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import mpmath
import numpy as np
import ot
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import rel_entr

from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.transport import draw_coupling, draw_priced, nats
from cdot_lib.symbolic import transport as symbolic
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "optimal-transport"
ENTROPIC = "cdot_lib.solvers.entropic"
THEORY = "cdot_lib.theory.sinkhorn"
SYMBOLIC = "cdot_lib.symbolic.transport"

#: Sinkhorn is stopped where the marginals are met to 1e-10.
PLAN = 1e-8

Array = NDArray[np.float64]


def _identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The cell is Gibbs's; the Gaussian plan is stationary, and its price the slope of D(R)."""
    return CheckResult.of(
        _failures(subject.symbolic), tolerance=0, detail="three identities"
    )


@lru_cache(maxsize=8)
def _failures(sym: ModuleType) -> tuple[bool, ...]:
    """Return which identities fail; kept, since most mutants leave this module as it is."""
    gibbs = sym.A * sym.B * sp.exp((sym.F + sym.G - sym.COST) / sym.EPS)
    rho, stationary = sym.rho, sp.diff(sym.lagrangian(), sym.rho)
    found = sym.entropic_correlation()
    cost = sym.sx**2 + sym.sy**2 - 2 * rho * sym.sx * sym.sy
    bits = -sp.log(1 - rho**2, 2) / 2
    slope = sp.diff(cost, rho) / sp.diff(bits, rho)
    return (
        sp.simplify(sym.stationary_cell() / gibbs) != 1,
        sp.simplify(stationary.subs(rho, found)) != 0,
        sp.simplify(slope.subs(rho, found) + sym.EPS * sp.log(2)) != 0,
    )


def _gibbs(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The plan is a coupling, its cells are those of its potentials, and it attains its bound."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
        plan = subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=price)
        f, g = plan.potentials
        low = cost.min()
        exact = np.outer(p_x, p_y) * np.exp((f[:, None] + g - (cost - low)) / price)
        errors += [
            np.abs(plan.joint - exact).max(),
            np.abs(plan.joint.sum(axis=1) - p_x).max(),
        ]
        errors.append(np.abs(plan.joint.sum(axis=0) - p_y).max())
        errors.append(
            (plan.joint * cost).sum() + price * nats(plan.joint) - plan.dual_value
        )
        errors.append(plan.rate_bits - nats(plan.joint) / LN2)
    return CheckResult.of(errors, tolerance=PLAN, detail="marginals to 1e-10")


def _stopped_early(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Two sweeps are few: a coupling and a bound all the same, and it says what is missing."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
        plan = subject.entropic.sinkhorn(
            p_x, p_y, cost, regulariser=price, max_iterations=2
        )
        errors.append(np.abs(plan.joint.sum(axis=1) - p_x).max())
        errors.append(np.abs(plan.joint.sum(axis=0) - p_y).max())
        errors.append(max(0.0, -plan.joint.min()))
        f, g = plan.potentials
        low = cost.min()
        own = np.outer(p_x, p_y) * np.exp((f[:, None] + g - (cost - low)) / price)
        sides = own.sum(axis=1) - p_x, own.sum(axis=0) - p_y
        missed = 0.5 * sum(np.abs(side).sum() for side in sides)
        errors.append(plan.residual - missed)
        errors.append(float(plan.converged != (missed <= 1e-10)))
        other = draw_coupling(p_x, p_y, rng)
        least = (other * cost).sum() + price * nats(other)
        errors.append(max(0.0, plan.dual_value - least))
        # Whoever starts at the solution needs one sweep.
        end = subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=price)
        again = subject.entropic.sinkhorn(
            p_x,
            p_y,
            cost,
            regulariser=price,
            max_iterations=1,
            start=end.potentials,
        )
        errors.append(again.residual)
    return CheckResult.of(errors, tolerance=1e-9, detail="converged means 1e-10")


def _no_coupling_beats(
    subject: Subject, n: int, rng: np.random.Generator
) -> CheckResult:
    """No coupling of at most this rate costs less: neighbours, vertices and mixtures."""
    leads = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
        plan = subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=price)
        for share in (1.0, 0.1, 0.01):
            other = (1 - share) * plan.joint + share * draw_coupling(p_x, p_y, rng)
            more = (other * cost).sum() - (plan.joint * cost).sum()
            # The Lagrangian's lead bounds the cost of whatever has no more rate.
            leads.append(more + price * (nats(other) - nats(plan.joint)))
    return CheckResult.of(
        np.maximum(-np.array(leads), 0.0), tolerance=PLAN, detail="three each"
    )


def _by_programming(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The constrained problem itself, by sequential quadratic programming."""
    errors: list[float] = []
    while len(errors) < n:
        p_x, p_y, cost, price = draw_priced(rng)
        if cost.size > 12 or np.ptp(cost) < 0.1:  # more letters take SLSQP too long
            continue
        plan = subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=min(price, 0.3))
        if plan.rate_bits < 1e-2:  # where the constraint is almost independence itself
            continue
        shape, product = cost.shape, np.outer(p_x, p_y)
        rate = plan.rate_bits * LN2
        rows = np.array(
            [np.eye(shape[0])[i].repeat(shape[1]) for i in range(shape[0])]
            + [np.tile(np.eye(shape[1])[j], shape[0]) for j in range(shape[1] - 1)]
        )
        right = np.concatenate([p_x, p_y[:-1]])

        def spare(v: Array, product: Array = product, rate: float = rate) -> float:
            return rate - rel_entr(np.maximum(v, 1e-300), product.ravel()).sum()

        def slope(v: Array, product: Array = product) -> Array:
            return -np.log(np.maximum(v, 1e-300) / product.ravel()) - 1.0

        at = product.ravel()
        for _ in range(
            3
        ):  # SLSQP may stop early; started again where it stopped, it goes on
            found = minimize(
                lambda v, c=cost: (v * c.ravel()).sum(),
                at,
                jac=lambda v, c=cost: c.ravel(),
                method="SLSQP",
                bounds=[(1e-12, 1.0)] * cost.size,
                constraints=[
                    {
                        "type": "eq",
                        "fun": lambda v, m=rows, r=right: m @ v - r,
                        "jac": lambda v, m=rows: m,
                    },
                    {"type": "ineq", "fun": spare, "jac": slope},
                ],
                options={"maxiter": 200, "ftol": 1e-13},
            )
            at = found.x
        errors.append(found.fun - plan.cost)
    return CheckResult.of(errors, tolerance=1e-6, detail="SLSQP, asked for 1e-13")


def _slope(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Between two prices of a nat the cost per bit saved lies between ln 2 times the two."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
        cheap, dear = price, 1.2 * price
        plans = [
            subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=v)
            for v in (cheap, dear)
        ]
        bits = plans[0].rate_bits - plans[1].rate_bits
        saved = plans[1].cost - plans[0].cost
        errors.append(max(0.0, cheap * LN2 * bits - saved, saved - dear * LN2 * bits))
    return CheckResult.of(errors, tolerance=PLAN, detail="convexity of D(R)")


def _gaussian_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym, errors = subject.symbolic, []
    exact = thirty_digits(sym.entropic_correlation(), (sym.sx, sym.sy, sym.EPS))
    for _ in range(n):
        sx, sy = (sp.Rational(int(v), 37) for v in rng.integers(1, 200, size=2))
        price = sp.Rational(int(rng.integers(1, 500)), 101) ** int(rng.integers(1, 4))
        value = exact(sx, sy, price)
        found = subject.theory.entropic_correlation(float(sx), float(sy), float(price))
        errors.append(float(mpmath.mpf(float(found)) / value - 1))
    return CheckResult.of(errors, tolerance=1e-13, detail="relative, thirty digits")


@lru_cache(maxsize=500)
def _on_a_grid(std_x: float, std_y: float, price: float) -> float:
    """Correlation of the entropic plan of two discretised Gaussians, by POT."""
    grid = np.linspace(-5.0, 5.0, 61)
    law = np.exp(-(grid**2) / 2)
    law /= law.sum()
    x, y = std_x * grid, std_y * grid
    plan = ot.sinkhorn(
        law,
        law,
        (x[:, None] - y) ** 2,
        price,
        method="sinkhorn_log",
        stopThr=1e-11,
        numItermax=20_000,
    )
    return float((plan * np.outer(grid, grid)).sum() / (law @ grid**2))


def _gaussian_grid(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        std_x, std_y = np.exp(rng.uniform(-0.7, 0.7, size=2))
        price = float(std_x * std_y * np.exp(rng.uniform(-0.5, 2.0)))
        found = subject.theory.entropic_correlation(std_x, std_y, price)
        errors.append(found - _on_a_grid(float(std_x), float(std_y), price))
    return CheckResult.of(
        errors, tolerance=2e-5, detail="61 points, cut at five deviations"
    )


register(
    Claim(
        id="prop-entropic-rate",
        title="Entropic transport is transport at a rate",
        source="cuturi2013; peyre2019, chapter 4",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"P_\varepsilon(x,y) = p_X(x)\,p_Y(y)\,e^{(f(x)+g(y)-d(x,y))/\varepsilon},\quad "
            r"E_{P_\varepsilon} d = \min\{E\,d : I(X;Y) \le I(P_\varepsilon)\},\quad "
            r"D'(R) = -\varepsilon\ln 2;\quad \text{Gaussians: } \rho = "
            + sp.latex(symbolic.entropic_correlation())
        ),
        subject={"entropic": ENTROPIC, "theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "Gibbs cell, Gaussian plan, slope", _identities),
            Check(
                "rational points",
                "correlation of Gaussians, thirty digits",
                _gaussian_points,
            ),
            Check(
                "independent solver",
                "correlation of Gaussians, POT on a grid",
                _gaussian_grid,
                smoke=5,
                quick=15,
                full=200,
            ),
            Check(
                "property",
                "cells from potentials, bound attained",
                _gibbs,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "two sweeps: a coupling, a bound, an honest residual",
                _stopped_early,
                smoke=20,
                quick=50,
                full=2000,
            ),
            Check(
                "property",
                "the price of a bit is the slope",
                _slope,
                smoke=20,
                quick=50,
                full=1000,
            ),
            Check(
                "property",
                "no coupling of this rate costs less",
                _no_coupling_beats,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "independent solver",
                "the constrained program, by SLSQP",
                _by_programming,
                smoke=5,
                quick=12,
                full=300,
            ),
        ),
        mutants=(
            Mutant(
                "a price of a bit for one of a nat",
                ENTROPIC,
                "            price,\n            numItermax",
                "            price * LN2,\n            numItermax",
            ),
            Mutant(
                "marginals left out of the potentials",
                ENTROPIC,
                'f, g = (log["log_u"] - log_a) * price',
                'f, g = log["log_u"] * price',
            ),
            Mutant(
                "the bound forgets the shift of the costs",
                ENTROPIC,
                "- 1.0) + low",
                "- 1.0)",
            ),
            Mutant(
                "rate in nats",
                ENTROPIC,
                "mutual_information(joint / joint.sum())),\n        regulariser",
                "mutual_information(joint / joint.sum())) * LN2,\n        regulariser",
            ),
            Mutant(
                "plan not rounded to its marginals",
                ENTROPIC,
                "= _round(raw, a, b)",
                "= raw",
            ),
            Mutant(
                "rounding of rows alone",
                ENTROPIC,
                "plan = plan * np.minimum(1.0, b / plan.sum(0))",
                "pass",
            ),
            Mutant(
                "residual of rows alone",
                ENTROPIC,
                "0.5 * float(np.abs(raw.sum(0) - b).sum() + ",
                "0.5 * float(",
            ),
            Mutant(
                "always converged",
                ENTROPIC,
                "converged=residual <= tolerance,",
                "converged=True,",
            ),
            Mutant(
                "start without the marginal",
                ENTROPIC,
                "start[0] / price + log_a",
                "start[0] / price",
            ),
            Mutant("gain halved", THEORY, "gain = 4.0 *", "gain = 2.0 *"),
            Mutant(
                "deviation for a product",
                THEORY,
                "4.0 * first * second / price",
                "4.0 * first * first / price",
            ),
            Mutant(
                "a leg for the hypotenuse",
                THEORY,
                "(1.0 + np.hypot(1.0, gain))",
                "(1.0 + gain)",
            ),
            Mutant(
                "derivation: information twice",
                SYMBOLIC,
                "EPS * sp.log(1 - rho**2) / 2",
                "EPS * sp.log(1 - rho**2)",
            ),
            Mutant(
                "derivation: no marginals in the cell",
                SYMBOLIC,
                "sp.log(CELL / (A * B)) - CELL",
                "sp.log(CELL / A) - CELL",
            ),
        ),
        mutant_instances=12,
    )
)
