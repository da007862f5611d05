"""Claims of the chapter ``single-letter``: long blocks without common randomness (erratum E8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from cdot_lib.claims.chain_codes import mean_divergence, random_codes
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.theory import single_letter
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "single-letter"
THEORY = "cdot_lib.theory.output_constrained"
SOLVER = "cdot_lib.solvers.output_constrained"

Array = NDArray[np.float64]


def _random_codes(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    half = np.full(n, 0.5)
    weights, a, b = random_codes(rng, n, half, half)
    # The best codes let X and Y follow W alike; half of the draws do.
    b = np.where((rng.random(n) < 0.5)[:, None], a, b)
    rate = np.maximum(mean_divergence(weights, a, half), mean_divergence(weights, b, half))
    cost = (weights * (a + b - 2 * a * b)).sum(axis=1)
    lead = subject.theory.fair_bit_private(rate) - cost
    return CheckResult.of(np.maximum(lead, 0.0), tolerance=1e-7, detail="lead of a code")


def _channel_twice(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The symmetric channel used twice, counted from P(X, W, Y)."""
    a = rng.uniform(0.0, 0.5, n)
    channel = np.moveaxis(np.array([[1 - a, a], [a, 1 - a]]), -1, 0)
    joint = np.einsum("nwx,nwy->nxy", 0.5 * channel, channel)
    half = np.full((n, 2), 0.5)
    rate = mean_divergence(half, channel[:, :, 1], half[:, 0])
    errors = [
        joint[:, 0, 1] + joint[:, 1, 0] - subject.theory.fair_bit_private(rate),
        a - subject.theory.fair_bit_common(rate),
    ]
    return CheckResult.of(errors, tolerance=1e-7, detail="flat where h_b is, at rate 0")


def _convex(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """1 - h_b((1-t)/2) is a series in t^2 with positive coefficients, hence convex in t^2."""
    t = rng.uniform(0.0, 0.9, n)
    k = np.arange(1, 400)
    series = (t[:, None] ** (2 * k) / (2 * k * (2 * k - 1))).sum(axis=1) / LN2
    told = 1.0 - subject.theory.fair_bit_private(series) * 2.0
    # D_0 = (1 - t^2)/2: what the rate of the series says about t^2.
    return CheckResult.of(told - t**2, tolerance=1e-9)


def _program_fair(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    coins, errors = BernoulliProblem(0.5, 0.5, 0.5), []
    for rate in rng.uniform(0.02, 0.98, n):
        found = subject.solver.solve(coins.finite(), rate_bits=rate)
        errors.append(abs(found.value - subject.theory.fair_bit_private(rate)))
        errors.append(abs(found.gap))
        common = single_letter.distortion(coins, rate_bits=rate, class_bits=np.inf)
        errors.append(abs(common.value - subject.theory.fair_bit_common(rate)))
    return CheckResult.of(errors, tolerance=1e-7)


register(
    Claim(
        id="prop-output-constrained-bit",
        title="The fair bit in long blocks, with and without common randomness",
        source="saldi2015 (region); closed form of this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"D_0(R) = 2a(1-a),\quad D_\infty(R) = a,\quad H_b(a) = 1 - R",
        subject={"theory": THEORY, "solver": SOLVER},
        checks=(
            Check(
                "property", "random codes without common randomness never do better",
                _random_codes, smoke=300, quick=3000, full=30000,
            ),
            Check(
                "property", "the symmetric channel twice, counted", _channel_twice,
                smoke=30, quick=300, full=5000,
            ),
            Check("property", "the rate as a power series in 1 - 2D", _convex),
            Check(
                "independent solver", "the programme over laws of W", _program_fair,
                smoke=2, quick=3, full=200,
            ),
        ),
        mutants=(
            Mutant("the channel once", THEORY, "return 2.0 * a * (1.0 - a)", "return a"),
            Mutant(
                "without the return trip", THEORY, "return 2.0 * a * (1.0 - a)", "return 2.0 * a"
            ),
            Mutant("rate for 1 - rate", THEORY, "h_b(a) - (1.0 - r)", "h_b(a) - r"),
        ),
        mutant_instances=3,
    )
)


def _bound_on_codes(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No random code beats the bound; the code that is returned is one, and meets the bound."""
    errors = []
    for _ in range(n):
        p, q = rng.uniform(0.05, 0.95, 2)
        rate = rng.uniform(0.05, 0.7) * float(min(h_b(p), h_b(q)))
        common = float(rng.choice([0.0, rng.uniform(0.0, 0.4)]))
        bits = {"rate_bits": rate, "common_bits": common}
        coins = BernoulliProblem(p, q, 0.5)
        found = subject.solver.solve(coins.finite(), **bits)
        means = np.array([p]), np.array([q])
        code = found.weights[None, :], found.a[None, :], found.b[None, :]
        used = [float(mean_divergence(code[0], side, m)[0]) for side, m in zip(code[1:], means)]
        cost = float((found.weights * (found.a + found.b - 2 * found.a * found.b)).sum())
        errors += [abs(cost - found.value), abs(found.gap)]
        errors += [max(0.0, used[0] - rate), max(0.0, used[1] - rate - common)]
        errors += [abs(found.weights @ found.a - p), abs(found.weights @ found.b - q)]
        weights, a, b = random_codes(rng, 400, np.full(400, p), np.full(400, q))
        spent = np.maximum(
            mean_divergence(weights, a, np.full(400, p)),
            mean_divergence(weights, b, np.full(400, q)) - common,
        )
        costs = (weights * (a + b - 2 * a * b)).sum(axis=1)
        errors.append(np.maximum(found.dual_bound - costs[spent <= rate], 0.0).max(initial=0.0))
        with_u = single_letter.distortion(coins, rate_bits=rate, class_bits=np.inf).value
        errors.append(max(float(with_u) - found.value, 0.0))
        # H(Y) bits of common randomness are as good as any amount.
        plenty = subject.solver.solve(coins.finite(), rate_bits=rate, common_bits=float(h_b(q)))
        errors.append(abs(plenty.value - float(with_u)))
    return CheckResult.of(errors, tolerance=1e-8, detail="400 random codes each")


def _square(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The bound on the reduced cost against a random set of points of the square, and corners."""
    a, b = rng.random((2, 4000))
    a[:4], b[:4] = [0, 0, 1, 1], [0, 1, 0, 1]
    errors = []
    for _ in range(n):
        cost = rng.normal(size=(2, 2))
        prices = subject.solver.Prices(*rng.normal(size=2), *rng.exponential([0.3, 0.3]))

        def reduced(a: Array, b: Array) -> Array:
            mean = (1 - a) * ((1 - b) * cost[0, 0] + b * cost[0, 1])
            mean = mean + a * ((1 - b) * cost[1, 0] + b * cost[1, 1])
            mean = mean - prices.mean_a * a - prices.mean_b * b
            return mean - prices.entropy_a * h_b(a) - prices.entropy_b * h_b(b)

        best_a, best_b, bound = subject.solver.least_reduced_cost(cost, prices)
        errors.append(max(0.0, bound - reduced(a, b).min()))
        errors.append(abs(reduced(best_a, best_b).min() - bound))
    return CheckResult.of(errors, tolerance=1e-10, detail="4,000 points each")


register(
    Claim(
        id="prop-output-constrained-program",
        title="Limited common randomness, as a linear programme with a certificate",
        source="saldi2015 (region); programme of this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D(R,R_c) = \min_{X - W - Y,\ Y \sim p_Y} E\,d(X,Y)\quad\text{s.t.}\quad "
            r"I(X;W) \le R,\ I(Y;W) \le R + R_c"
        ),
        subject={"solver": SOLVER},
        checks=(
            Check(
                "independent solver", "least reduced cost against points of the square", _square,
                smoke=20, quick=60, full=3000,
            ),
            Check(
                "property", "the code, the bound and random codes", _bound_on_codes,
                smoke=2, quick=4, full=300,
            ),
        ),
        mutants=(
            Mutant(
                "shared dice do nothing", SOLVER, "cover = rate + float(common_bits)", "cover = rate"
            ),
            Mutant("chord above", SOLVER, "bound = np.minimum(*ends)", "bound = np.maximum(*ends)"),
            Mutant("tangent upside down", SOLVER, "in ((-1, left), (1,", "in ((1, left), (-1,"),
            Mutant(
                "entropy of Y free", SOLVER, "- prices.mean_b * b - weight * h_b(b)",
                "- prices.mean_b * b",
            ),
            Mutant(
                "the rate of Y unbounded", SOLVER,
                "np.stack([_divergence(a, p), _divergence(b, q)])",
                "np.stack([_divergence(a, p), 0 * b])",
            ),
            Mutant(
                "bound without the rate", SOLVER,
                "lower += paid_a * (float(h_b(p)) - rate)", "lower += paid_a * float(h_b(p))",
            ),
            Mutant(
                "softplus of the other sign", SOLVER, "np.logaddexp(0.0, -slope(b)",
                "np.logaddexp(0.0, slope(b)",
            ),
        ),
        mutant_instances=4,
    )
)


def _gauss_random(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Random Gaussian W, and random codes that send the cell of a quantile grid."""
    mean_x, mean_y = rng.normal(size=(2, n))
    std_x, std_y = rng.uniform(0.1, 3.0, (2, n))
    given = dict(mean_x=mean_x, std_x=std_x, mean_y=mean_y, std_y=std_y)
    transport = (mean_x - mean_y) ** 2 + (std_x - std_y) ** 2
    rho = rng.uniform(0.0, 1.0, (2, n))
    rate = -0.5 * np.log2(1.0 - rho.max(axis=0) ** 2)
    cost = transport + 2 * std_x * std_y * (1 - rho[0] * rho[1])
    errors = [subject.theory.gaussian_private(**given, rate_bits=rate) - cost]
    cells = rng.dirichlet(np.full(5, 0.8), n)
    edges = ndtri(np.clip(np.cumsum(cells, axis=1), 0.0, 1.0))
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    lower = np.concatenate([np.zeros((n, 1)), density[:, :-1]], axis=1)
    upper = np.concatenate([density[:, :-1], np.zeros((n, 1))], axis=1)
    # E[X|W] E[Y|W] for two Gaussians cut at the same quantiles and drawn within the cell.
    mass = np.diff(np.concatenate([np.zeros((n, 1)), ndtr(edges)], axis=1), axis=1)
    shared = np.divide((lower - upper) ** 2, mass, out=np.zeros_like(mass), where=mass > 0)
    spent = -(cells * np.log2(np.maximum(cells, 1e-300))).sum(axis=1)
    cost = transport + 2 * std_x * std_y * (1 - shared.sum(axis=1))
    errors.append(subject.theory.gaussian_private(**given, rate_bits=spent) - cost)
    return CheckResult.of(np.maximum(errors, 0.0), tolerance=1e-9, detail="lead of a code")


def _gauss_attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The Gaussian chain X - W - Y and the Gaussian coupling, from their covariances."""
    errors = []
    for _ in range(n):
        rate, (mean_x, mean_y) = rng.uniform(0, 4), rng.normal(size=2)
        std_x, std_y = rng.uniform(0.1, 3, 2)
        rho = np.sqrt(1 - 2 ** (-2 * rate))
        mixing = np.array([[rho, np.sqrt(1 - rho**2), 0], [rho, 0, np.sqrt(1 - rho**2)]])
        covariance = np.diag([std_x, std_y]) @ mixing @ mixing.T @ np.diag([std_x, std_y])
        given = dict(mean_x=mean_x, std_x=std_x, mean_y=mean_y, std_y=std_y, rate_bits=rate)
        gap = np.array([1, -1])
        private = gap @ covariance @ gap + (mean_x - mean_y) ** 2
        errors.append(abs(private - subject.theory.gaussian_private(**given)))
        common = private + 2 * std_x * std_y * (rho**2 - rho)
        errors.append(abs(common - subject.theory.gaussian_common(**given)))
    return CheckResult.of(errors, tolerance=1e-11)


register(
    Claim(
        id="prop-output-constrained-gaussian",
        title="Gaussians in long blocks, with and without common randomness",
        source="saldi2015; this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D_0(R) = W_2^2 + 2\sigma_X\sigma_Y 2^{-2R},\quad "
            r"D_\infty(R) = W_2^2 + 2\sigma_X\sigma_Y\bigl(1 - \sqrt{1-2^{-2R}}\bigr)"
        ),
        subject={"theory": THEORY},
        checks=(
            Check("property", "the Gaussian chain attains it", _gauss_attained),
            Check(
                "property", "random Gaussian and quantile codes never do better", _gauss_random,
                smoke=300, quick=3000, full=30000,
            ),
        ),
        mutants=(
            Mutant("rate of the pair", THEORY, "np.exp2(-2.0 * rate)", "np.exp2(-rate)"),
            Mutant(
                "half the spread", THEORY, "base + 2.0 * spread * lost\n", "base + spread * lost\n"
            ),
            Mutant(
                "standard deviations added", THEORY, "(std_x - std_y) ** 2", "(std_x + std_y) ** 2"
            ),
            Mutant("the root forgotten", THEORY, "(1.0 + np.sqrt(1.0 - lost))", "(2.0 - lost)"),
        ),
        mutant_instances=30,
    )
)
