"""Claim of the chapter ``optimal-transport``: the speed of Sinkhorn."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import ot
from numpy.typing import NDArray

from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.transport import draw_coupling, draw_priced, nats
from cdot_lib.units import LN2

__all__: list[str] = []

SOLVER = "cdot_lib.solvers.transport"
THEORY = "cdot_lib.theory.sinkhorn"
SYMBOLIC = "cdot_lib.symbolic.transport"

Array = NDArray[np.float64]


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
        p_x, p_y, cost, price = draw_priced(rng)
        found = subject.transport.trace(p_x, p_y, cost, regulariser=price, sweeps=30)
        path = np.concatenate([np.zeros((1, p_y.size)), found.potentials])
        factor = subject.theory.contraction(cost, regulariser=price)
        steps = np.ptp(np.diff(path, axis=0), axis=1)
        errors.append(np.maximum(steps[1:] - factor * steps[:-1], 0.0).max())
        errors.append(np.maximum(-np.diff(found.dual_value), 0.0).max())
        errors.append(np.abs(found.potentials @ p_y).max())
        other = draw_coupling(p_x, p_y, rng)
        least = (other * cost).sum() + price * nats(other)
        errors.append(max(0.0, found.dual_value[-1] - least))
        if found.residual[-1] < 1e-12:
            errors.append(found.dual_value[-1] - found.cost - price * nats(found.joint))
    return CheckResult.of(errors, tolerance=1e-10, detail="thirty sweeps each")


def _as_pot(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """After any number of sweeps the plan is POT's, whose sweeps begin with the other side."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
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
        errors.append(found.rate_bits - nats(found.joint) / LN2)
    return CheckResult.of(
        errors, tolerance=1e-10, detail="up to twenty sweeps, to rounding"
    )


def _in_the_end(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The largest eigenvalue of a sweep's derivative at the solution, by finite differences."""
    errors = []
    for _ in range(n):
        p_x, p_y, cost, price = draw_priced(rng)
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
        # A letter that never comes changes nothing.
        wider = np.pad(joint, ((0, 1), (1, 0)))
        errors.append(subject.theory.asymptotic_factor(wider) - exact)
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
        chapter="optimal-transport",
        statement=lambda: (
            r"\|g_{k+1} - g_k\| \le \tanh^2\!"
            r"\Bigl(\frac{\max(d_{il}+d_{kj}-d_{ij}-d_{kl})}{4\varepsilon}"
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
                "rate as if the rows were right",
                SOLVER,
                "xlogy(\n        made, made",
                "xlogy(\n        law_x, law_x",
            ),
            Mutant(
                "constant left in the potentials",
                SOLVER,
                "seen[k] = g - law_y @ g",
                "seen[k] = g",
            ),
            Mutant(
                "letters that never come divide by zero",
                THEORY,
                "table[np.ix_(p_x > 0, p_y > 0)]",
                "table",
            ),
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
