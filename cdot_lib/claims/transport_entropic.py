"""Claims of the chapter ``optimal-transport``: transport at a rate, and the speed of Sinkhorn."""

from __future__ import annotations

import itertools
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
from cdot_lib.claims.transport import draw_coupling, draw_problem
from cdot_lib.symbolic import transport as symbolic
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "optimal-transport"
ENTROPIC = "cdot_lib.solvers.entropic"
SOLVER = "cdot_lib.solvers.transport"
THEORY = "cdot_lib.theory.sinkhorn"
SYMBOLIC = "cdot_lib.symbolic.transport"

#: Sinkhorn is stopped where the marginals are met to 1e-10.
PLAN = 1e-8

Array = NDArray[np.float64]


def _nats(joint: Array) -> float:
    """I(X;Y) as a divergence, which the library computes from entropies."""
    return float(rel_entr(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum())


def _draw(rng: np.random.Generator) -> tuple[Array, Array, Array, float]:
    p_x, p_y, cost = draw_problem(rng, zeros=False)
    # Letters of almost no mass make Sinkhorn slow and test nothing else.
    p_x, p_y = (np.maximum(p, 0.02) / np.maximum(p, 0.02).sum() for p in (p_x, p_y))
    return p_x, p_y, cost, float(np.exp(rng.uniform(-2.0, 1.0)))


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
        p_x, p_y, cost, price = _draw(rng)
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
            (plan.joint * cost).sum() + price * _nats(plan.joint) - plan.dual_value
        )
        errors.append(plan.rate_bits - _nats(plan.joint) / LN2)
    return CheckResult.of(errors, tolerance=PLAN, detail="marginals to 1e-10")


def _no_coupling_beats(
    subject: Subject, n: int, rng: np.random.Generator
) -> CheckResult:
    """No coupling of at most this rate costs less: neighbours, vertices and mixtures."""
    leads = []
    for _ in range(n):
        p_x, p_y, cost, price = _draw(rng)
        plan = subject.entropic.sinkhorn(p_x, p_y, cost, regulariser=price)
        for share in (1.0, 0.1, 0.01):
            other = (1 - share) * plan.joint + share * draw_coupling(p_x, p_y, rng)
            more = (other * cost).sum() - (plan.joint * cost).sum()
            # The Lagrangian's lead bounds the cost of whatever has no more rate.
            leads.append(more + price * (_nats(other) - _nats(plan.joint)))
    return CheckResult.of(
        np.maximum(-np.array(leads), 0.0), tolerance=PLAN, detail="three each"
    )


def _by_programming(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The constrained problem itself, by sequential quadratic programming."""
    errors: list[float] = []
    while len(errors) < n:
        p_x, p_y, cost, price = _draw(rng)
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
        p_x, p_y, cost, price = _draw(rng)
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


def _kernel_spread(cost: Array, price: float) -> float:
    """Birkhoff's factor of exp(-cost/price), from its largest cross ratio, with many digits."""
    with mpmath.workdps(40):
        kernel = [
            [mpmath.exp(-mpmath.mpf(float(v)) / price) for v in row] for row in cost
        ]
        theta = max(
            kernel[i][j] * kernel[k][m] / (kernel[i][m] * kernel[k][j])
            for i, k in itertools.product(range(len(kernel)), repeat=2)
            for j, m in itertools.product(range(len(kernel[0])), repeat=2)
        )
        root = mpmath.sqrt(theta)
        return float(((root - 1) / (root + 1)) ** 2)


def _contraction_formula(
    subject: Subject, n: int, rng: np.random.Generator
) -> CheckResult:
    errors = []
    for _ in range(n):
        cost = rng.random(rng.integers(2, 5, size=2))
        price = float(np.exp(rng.uniform(-2.0, 1.0)))
        found = subject.theory.contraction(cost, regulariser=price)
        errors.append(found - _kernel_spread(cost, price))
    return CheckResult.of(
        errors, tolerance=1e-12, detail="all cross ratios, forty digits"
    )


def _each_sweep(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """In Hilbert's metric every sweep contracts; bounds rise, and bound every coupling."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = _draw(rng)
        found = subject.transport.trace(p_x, p_y, cost, regulariser=price, sweeps=30)
        path = np.concatenate([np.zeros((1, p_y.size)), found.potentials])
        factor = subject.theory.contraction(cost, regulariser=price)
        steps = np.ptp(np.diff(path, axis=0), axis=1)
        errors.append(np.maximum(steps[1:] - factor * steps[:-1], 0.0).max())
        errors.append(np.maximum(-np.diff(found.dual_value), 0.0).max())
        other = draw_coupling(p_x, p_y, rng)
        least = (other * cost).sum() + price * _nats(other)
        errors.append(max(0.0, found.dual_value[-1] - least))
        if found.residual[-1] < 1e-12:
            errors.append(
                found.dual_value[-1] - found.cost - price * _nats(found.joint)
            )
    return CheckResult.of(errors, tolerance=1e-10, detail="thirty sweeps each")


def _as_pot(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """After any number of sweeps the plan is POT's, whose sweeps begin with the other side."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = _draw(rng)
        sweeps = int(rng.integers(1, 20))
        found = subject.transport.trace(
            p_x, p_y, cost, regulariser=price, sweeps=sweeps
        )
        start = np.log(p_y), np.zeros(p_x.size)
        same = ot.bregman.sinkhorn_log(
            p_y,
            p_x,
            cost.T,
            price,
            numItermax=sweeps,
            stopThr=0.0,
            warn=False,
            warmstart=start,
        ).T
        errors += [np.abs(found.joint - same).max(), found.cost - (same * cost).sum()]
        errors.append(found.residual[-1] - 0.5 * np.abs(same.sum(axis=1) - p_x).sum())
        errors.append(found.rate_bits - _nats(found.joint) / LN2)
    return CheckResult.of(
        errors, tolerance=1e-10, detail="up to twenty sweeps, to rounding"
    )


def _in_the_end(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The largest eigenvalue of a sweep's derivative at the solution, by finite differences."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = _draw(rng)
        price = max(price, 0.3)
        rest = subject.transport.trace(p_x, p_y, cost, regulariser=price, sweeps=150)
        if rest.residual[-1] > 1e-12:
            continue
        at, step, size = rest.potentials[-1], 1e-5 * price, p_y.size
        columns = []
        for unit in np.eye(size):
            # A sweep from g is a sweep from 0 with the costs reduced by g.
            ends = [
                (at + s * unit)
                + subject.transport.trace(
                    p_x, p_y, cost - (at + s * unit), regulariser=price, sweeps=1
                ).potentials[0]
                for s in (step, -step)
            ]
            ends = [g - p_y @ g for g in ends]
            columns.append((ends[0] - ends[1]) / (2 * step))
        largest = np.abs(np.linalg.eigvals(np.array(columns).T)).max()
        errors.append(largest - subject.theory.asymptotic_factor(rest.joint))
    return CheckResult.of(errors, tolerance=1e-6, detail="central differences")


def _correlations(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """One bit with thirty digits; Gaussians on a grid: the squared correlation."""
    sym, errors = subject.symbolic, []
    from_bit = thirty_digits(sym.bit_factor(), tuple(sym.cells().free_symbols))
    order = tuple(sym.cells().free_symbols)
    for _ in range(n):
        mass = rng.integers(1, 40, size=4)
        joint = (mass / mass.sum()).reshape(2, 2)
        p, q = joint[1].sum(), joint[:, 1].sum()
        tilt = (joint[1, 1] - p * q) / (p * (1 - p))
        numbers = {"p": p, "q": q, "e": tilt}
        exact = float(from_bit(*(mpmath.mpf(float(numbers[str(s)])) for s in order)))
        errors.append(subject.theory.asymptotic_factor(joint) - exact)
    grid = np.linspace(-5.0, 5.0, 61)
    for rho in (0.2, 0.5, 0.8):
        form = (grid[:, None] ** 2 - 2 * rho * np.outer(grid, grid) + grid**2) / (
            1 - rho**2
        )
        joint = np.exp(-form / 2)
        errors.append(subject.theory.asymptotic_factor(joint / joint.sum()) - rho**2)
    return CheckResult.of(
        errors, tolerance=1e-5, detail="the grid is cut at five deviations"
    )


register(
    Claim(
        id="prop-sinkhorn-rate",
        title="How fast Sinkhorn converges",
        source="franklin1989; knight2008",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\|g_{k+1} - g_k\| \le \tanh^2\!\Bigl(\frac{\max(d_{il}+d_{kj}-d_{ij}-d_{kl})}{4\varepsilon}"
            r"\Bigr) \|g_k - g_{k-1}\|,\quad \text{in the end the factor is } "
            r"\sigma_2^2\Bigl(\frac{P(x,y)}{\sqrt{P(x)P(y)}}\Bigr)"
        ),
        subject={"theory": THEORY, "transport": SOLVER, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver",
                "all cross ratios of the kernel",
                _contraction_formula,
                smoke=20,
                quick=60,
                full=1000,
            ),
            Check("rational points", "one bit, and Gaussians", _correlations),
            Check(
                "independent solver",
                "POT, sweep by sweep",
                _as_pot,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "each sweep contracts, bounds rise",
                _each_sweep,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "limit",
                "derivative of a sweep at the solution",
                _in_the_end,
                smoke=5,
                quick=30,
                full=500,
            ),
        ),
        mutants=(
            Mutant(
                "one half-sweep for two",
                THEORY,
                "np.tanh(spread / (4.0 * price)) ** 2",
                "np.tanh(spread / (4.0 * price))",
            ),
            Mutant(
                "spread of the costs alone",
                THEORY,
                "max(float(np.ptp(table - row, axis=1).max()) for row in table)",
                "float(np.ptp(table))",
            ),
            Mutant(
                "half of the exponent",
                THEORY,
                "spread / (4.0 * price)",
                "spread / (8.0 * price)",
            ),
            Mutant(
                "maximal correlation, not squared",
                THEORY,
                "min(values[1], 1.0) ** 2",
                "min(values[1], 1.0)",
            ),
            Mutant(
                "the trivial singular value",
                THEORY,
                "min(values[1], 1.0)",
                "min(values[0], 1.0)",
            ),
            Mutant(
                "columns not scaled",
                THEORY,
                "np.sqrt(inner.sum(axis=1)[:, None] * inner.sum(axis=0))",
                "np.sqrt(inner.sum(axis=1)[:, None])",
            ),
            Mutant(
                "sweep without the law of Y",
                SOLVER,
                "(g - table) / price + log_y, axis=1",
                "(g - table) / price, axis=1",
            ),
            Mutant(
                "columns rescaled by the old rows",
                SOLVER,
                "f = -price * _log_sum((g - table) / price + log_y, axis=1)",
                "f = -price * _log_sum(-table / price + log_y, axis=1)",
            ),
            Mutant(
                "bound without g",
                SOLVER,
                "law_x @ f + law_y @ g - price",
                "law_x @ f - price",
            ),
            Mutant(
                "residual twice",
                SOLVER,
                "residual[k] = 0.5 * np.abs",
                "residual[k] = np.abs",
            ),
            Mutant("rate in nats", SOLVER, "float(nats / LN2)", "float(nats)"),
            Mutant(
                "derivation: correlation not squared",
                SYMBOLIC,
                "joint.det() ** 2 / (rows",
                "joint.det() / (rows",
            ),
        ),
        mutant_instances=12,
    )
)
