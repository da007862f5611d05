"""Claims about vector Gaussians: where rate, distortion and class do trade."""

from __future__ import annotations

import math
from functools import lru_cache
from types import ModuleType

import numpy as np
import sympy as sp
from scipy.optimize import minimize

from cdot_lib.claims import gaussian_vector_limits as limits
from cdot_lib.claims.gaussian_vector_limits import cost_of_rates, draw_bounds, draw_components
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import VectorGaussianProblem
from cdot_lib.symbolic.gaussian_formulas import GAUSSIAN_FORMULAS

__all__: list[str] = []

SOLVER = "cdot_lib.solvers.gaussian_vector"
TOGETHER = "cdot_lib.solvers.gaussian_together"
SYMBOLIC = "cdot_lib.symbolic.gaussian_vector"


def _identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both curvatures are negative, the cubic changes sign once, and it is the derivative."""
    return CheckResult.of(_failures(subject.symbolic), tolerance=0, detail="by algebra")


@lru_cache(maxsize=8)
def _failures(sym: ModuleType) -> tuple[bool, ...]:
    """Return which identities fail; kept, since most mutants leave this module as it is."""
    u = sp.Symbol("u", positive=True)
    v = sp.Symbol("v", positive=True)
    inside = 1 / (1 + v)
    bends = {k: sp.simplify(e.subs(u, inside)) for k, e in sym.curvatures().items()}
    slope = sp.diff(sym.reward(), sym.rho) * (1 - sym.rho**2)
    low, high = sym.cubic_ends()
    return (
        not all(bend.is_negative or (-bend).is_positive for bend in bends.values()),
        sp.simplify(sp.expand(sym.cubic().as_expr() + slope)) != 0,
        not low.is_negative,
        not high.is_positive,
        sym.cubic().degree() != 3,
        sp.simplify(sym.correlation_of_nats() ** 2 - 1 + sp.exp(-2 * sym.r)) != 0,
    )


def _roots(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The solver's correlations are the roots in (0, 1) of the cubic that SymPy prints."""
    sym, errors = subject.symbolic, []
    cubic = sp.lambdify((sym.rho, sym.k, sym.w, sym.lam, sym.mu), sym.cubic().as_expr())
    for _ in range(n):
        problem = draw_components(rng, int(rng.integers(2, 5)))
        rate, loss = draw_bounds(problem, rng)
        found = subject.vector.solve(problem, rate_bits=rate, class_bits=loss)
        if found.feasible and found.price_class < 1e6:
            k, w = problem.std_x * problem.std_y, problem.shares
            prices = (found.price_rate, found.price_class)
            scale = k + found.price_rate + found.price_class * w
            errors.append(np.abs(cubic(found.correlations, k, w, *prices) / scale).max())
    return CheckResult.of(errors, tolerance=1e-9, detail="relative to the cubic's coefficients")


def _never_beaten(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No random allocation of the rate does better; the bounds are met, with no gap."""
    errors = []
    for _ in range(n):
        problem = draw_components(rng, int(rng.integers(1, 5)))
        rate, loss = draw_bounds(problem, rng)
        found = subject.vector.solve(problem, rate_bits=rate, class_bits=loss)
        if not found.feasible:
            errors.append(1.0)
            continue
        cost, left = cost_of_rates(problem, found.component_bits)
        errors += [
            abs(cost - found.value),
            max(float(left) - loss, 0.0) * 1e-2,
            max(found.component_bits.sum() - rate, 0.0),
            found.gap,
            float(not found.converged),
        ]
        share = rng.dirichlet(np.full(problem.std_x.size, 0.7), 400)
        near = np.abs(found.component_bits + 0.02 * rng.normal(size=share.shape))
        for rates in (rate * share, rate * near / near.sum(-1, keepdims=True)):
            seen, losses = cost_of_rates(problem, rates)
            best = seen[losses <= loss].min(initial=np.inf)
            errors.append(max(found.value - best, 0.0))
    return CheckResult.of(errors, tolerance=1e-7, detail="800 allocations each")


@lru_cache(maxsize=2000)
def _by_slsqp(key: tuple[tuple[float, ...], ...], rate: float, loss: float) -> float:
    """Minimise over correlations, which is not convex, from several starts."""
    problem = VectorGaussianProblem(*(np.array(v) if len(v) > 1 else v[0] for v in key))
    size, rng = problem.std_x.size, np.random.default_rng(0)

    def nats(rho: np.ndarray) -> float:
        return rate * math.log(2) + 0.5 * float(np.log1p(-(rho**2)).sum())

    def label(rho: np.ndarray) -> float:
        told = float(((problem.cov_xs / problem.std_x) ** 2 * rho**2).sum())
        return told - (problem.std_s**2 - 2.0 ** (2 * loss) / (2 * np.pi * np.e))

    best = math.inf
    for _ in range(6):
        outcome = minimize(
            lambda rho: problem.d_ind - 2.0 * float((problem.std_x * problem.std_y * rho).sum()),
            rng.uniform(0.1, 0.9, size),
            method="SLSQP",
            bounds=[(0.0, 0.99999)] * size,
            constraints=[{"type": "ineq", "fun": nats}, {"type": "ineq", "fun": label}],
            options={"ftol": 1e-12, "maxiter": 300},
        )
        if min(nats(outcome.x), label(outcome.x)) > -1e-7:
            best = min(best, float(outcome.fun))
    return best


def _against_slsqp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The KKT point, and SLSQP on the correlations themselves from six starts."""
    errors, missed = [], 0
    for _ in range(max(1, n // 10)):
        problem = draw_components(rng, int(rng.integers(2, 4)))
        rate, loss = draw_bounds(problem, rng)
        key = tuple(tuple(np.atleast_1d(v).tolist()) for v in vars(problem).values())
        found = subject.vector.solve(problem, rate_bits=rate, class_bits=loss)
        other = _by_slsqp(key, rate, loss)
        # A start may fail, but none may end below, nor the best of them far above.
        missed += not math.isfinite(other)
        errors.append(abs(found.value - other) if math.isfinite(other) else 0.0)
    # Now and then all six may fail, but a check that compares nothing is none.
    errors.append(float(missed > len(errors) // 20))
    return CheckResult.of(errors, tolerance=1e-4, detail="not convex in these variables")


def _against_together(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A label on one component: coding together gains nothing; else it never loses."""
    errors = []
    for i in range(max(2, n // 10)):
        problem = draw_components(rng, 2, single=i % 2 == 0)
        rate, loss = draw_bounds(problem, rng)
        alone = subject.vector.solve(problem, rate_bits=rate, class_bits=loss)
        both = subject.together.solve(problem, rate_bits=rate, class_bits=loss)
        gap = alone.value - both.value
        errors.append(abs(gap) if i % 2 == 0 else max(-gap, 0.0))
        errors += [both.gap, max(both.rate_bits - rate, 0.0), max(both.class_bits - loss, 0.0)]
    return CheckResult.of(errors, tolerance=2e-4, detail="certified to 1e-5 of d_ind")


def _bends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A label on a weak component: D rises as C falls, and is convex in the explained share."""
    errors = []
    for _ in range(max(1, n // 10)):
        weak = float(rng.uniform(0.3, 0.6))
        spread = [2.0, weak]
        problem = VectorGaussianProblem(0.0, spread, 0.0, spread, 1.0, [0.0, 0.9 * weak])
        least = subject.vector.class_bits_min(problem, rate_bits=1.5)
        shares = np.linspace(0.0, 0.999, 9) * (1.0 - 2.0 ** (2 * (least - problem.h_s)))
        losses = problem.h_s + 0.5 * np.log2(1.0 - shares)
        values = np.array(
            [subject.vector.solve(problem, rate_bits=1.5, class_bits=c).value for c in losses]
        )
        below = subject.vector.solve(problem, rate_bits=1.5, class_bits=least - 1e-6)
        errors += [
            max(-float(np.diff(values).min()), 0.0),
            max(-float(np.diff(values, 2).min()), 0.0),
            float(values[-1] < 1.5 * values[0]),
            float(below.feasible),
        ]
    return CheckResult.of(errors, tolerance=1e-7, detail="R = 1.5 bits, nine bounds each")


register(
    Claim(
        id="prop-vector-gaussian",
        title="D(R,C) of independent Gaussian components",
        source="this book",
        status="proved in text",
        chapter="gaussian",
        statement=GAUSSIAN_FORMULAS["vector-cubic"],
        subject={"vector": SOLVER, "together": TOGETHER, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "convex in the rates; the cubic", _identities),
            Check(
                "property",
                "the solver's roots are the cubic's",
                _roots,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "no allocation of the rate does better",
                _never_beaten,
                smoke=20,
                quick=100,
                full=5000,
            ),
            Check(
                "property",
                "the wall: crumbs of rate on the label",
                limits.wall_one_by_one,
                smoke=20,
                quick=60,
                full=1000,
            ),
            Check(
                "property",
                "the wall together: one direction",
                limits.wall_together,
                smoke=20,
                quick=60,
                full=1000,
            ),
            Check(
                "property",
                "bound from below, by the prices",
                limits.certificate,
                smoke=20,
                quick=60,
                full=1000,
            ),
            Check(
                "property", "no rate, no knowledge", limits.no_rate, smoke=20, quick=60, full=200
            ),
            Check("property", "the trade-off bends", _bends, smoke=10, quick=50, full=300),
            Check(
                "independent solver",
                "SLSQP on the correlations, six starts",
                _against_slsqp,
                smoke=30,
                quick=150,
                full=3000,
            ),
            Check(
                "independent solver",
                "all jointly Gaussian couplings, certified",
                _against_together,
                smoke=20,
                quick=80,
                full=1000,
            ),
        ),
        mutants=(
            Mutant("label's pull halved", SOLVER, "pull = 2.0 * mu * w", "pull = mu * w"),
            Mutant(
                "label ignored",
                SOLVER,
                "parts.explained(rho) < needed:",
                "parts.explained(rho) < -1.0:",
            ),
            Mutant(
                "saving counted once",
                SOLVER,
                "saved = 2.0 * float((k * rho).sum())",
                "saved = float((k * rho).sum())",
            ),
            Mutant("rates in nats", SOLVER, "component_bits=rates / LN2", "component_bits=rates"),
            Mutant(
                "explains by rho, not its square",
                SOLVER,
                "return float((self.w * rho**2).sum())",
                "return float((self.w * rho).sum())",
            ),
            Mutant(
                "water over the wrong components",
                SOLVER,
                "order = np.argsort(-w)",
                "order = np.argsort(w)",
            ),
            Mutant(
                "water: the level even over all, however dry",
                SOLVER,
                "        if level <= logs[used - 1]:\n",
                "        if True:\n",
            ),
            Mutant(
                "wall together: the best component alone",
                SOLVER,
                "known = w.sum() * -math",
                "known = w.max() * -math",
            ),
            Mutant(
                "bound from below without the label",
                SOLVER,
                "+ mu * w * rho**2 - lam * rates",
                "- lam * rates",
            ),
            Mutant(
                "bound from below above",
                SOLVER,
                "lower_bound=problem.d_ind - upper",
                "lower_bound=problem.d_ind - saved / 2",
            ),
            Mutant(
                "no rate, and yet a bound",
                SOLVER,
                "if nats > 0.0 else 0.0",
                "if nats > 0.0 else 1.0",
            ),
            Mutant(
                "together: never refused",
                TOGETHER,
                "together=True) > loss + SLACK:",
                "together=True) > loss + 99.0:",
            ),
            Mutant(
                "together: rate of the square root",
                TOGETHER,
                "-np.expm1(-2.0 * point[:size]))",
                "-np.expm1(-point[:size]))",
            ),
            Mutant(
                "together: bound without its rate",
                TOGETHER,
                "- lam * slope_rate + mu * outer",
                "+ mu * outer",
            ),
            Mutant(
                "derivation: pull with the wrong sign",
                SYMBOLIC,
                "+ mu * w * rho**2",
                "- mu * w * rho**2",
            ),
            Mutant(
                "derivation: rate doubled",
                SYMBOLIC,
                "- lam * (-sp.log(1 - rho**2) / 2)",
                "- lam * (-sp.log(1 - rho**2))",
            ),
        ),
        mutant_instances=20,
    )
)
