"""Claims of the chapter ``bits``: Gaussian entropies, and the bias of counting."""

from __future__ import annotations

import itertools
import math

import numpy as np
import sympy as sp
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from cdot_lib.claims.bits import CHAPTER, SYMBOLIC, THEORY
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.units import LN2

__all__: list[str] = []


def _entropy_by_quadrature(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for std in np.exp(rng.uniform(-4.0, 4.0, size=n)):

        def surprise(x: float, scale: float = std) -> float:
            log_density = norm.logpdf(x, scale=scale)
            return -math.exp(log_density) * log_density / LN2

        value, _ = quad(surprise, -12 * std, 12 * std, epsabs=1e-11, limit=200)
        errors.append(value - subject.bits.gaussian_entropy(std))
    return CheckResult.of(errors, tolerance=1e-9, detail="quadrature over 12 deviations, to 1e-9")


def _largest_entropy(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Mixtures of Gaussians, scaled to one variance, have less entropy than one Gaussian."""
    lead = []
    for _ in range(n):
        size = int(rng.integers(2, 4))
        weights, means = rng.dirichlet(np.ones(size)), rng.normal(size=size)
        stds = np.exp(rng.uniform(-1.0, 0.5, size=size))
        mean = weights @ means
        std = math.sqrt(weights @ (stds**2 + (means - mean) ** 2))

        def surprise(x: float, w=weights, m=means, s=stds) -> float:
            density = float(w @ norm.pdf(x, m, s))
            return -density * math.log2(density) if density > 0 else 0.0

        ends = means.min() - 12 * stds.max(), means.max() + 12 * stds.max()
        value, _ = quad(surprise, *ends, epsabs=1e-10, limit=400, points=sorted(means))
        lead.append(value - subject.bits.gaussian_entropy(std))
    none_below = float(min(lead) > -1e-3)
    return CheckResult.of(
        np.append(np.maximum(lead, 0.0), none_below), tolerance=1e-8, detail="lead of a mixture"
    )


def _cross_entropy(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """E[-log2 g(X)] for laws that are no Gaussians and have any mean, by quadrature."""
    sym, errors = subject.symbolic, []
    formula = sp.lambdify((sym.mu, sym.tau, sym.sigma), sym.cross_entropy_of_gaussian(), "math")
    for _ in range(n):
        low, width, scale = rng.uniform(-3, 3), rng.uniform(0.1, 4), rng.uniform(0.3, 3)

        def surprise(x: float, start=low, size=width, std=scale) -> float:
            # X has a density that rises from 0 at one end: skewed, so that no symmetry helps.
            return -2 * (x - start) / size**2 * norm.logpdf(x, scale=std) / LN2

        value, _ = quad(surprise, low, low + width, epsabs=1e-12)
        found = formula(low + 2 * width / 3, width / math.sqrt(18), scale)
        errors.append(found - value)
    return CheckResult.of(errors, tolerance=1e-9, detail="triangular laws, to 1e-9")


def _entropy_by_algebra(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The polynomial step against an integral that SymPy does by itself; then the NumPy twin."""
    sym = subject.symbolic
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / (2 * sym.sigma**2)) / (sym.sigma * sp.sqrt(2 * sp.pi))
    whole = sp.integrate(density * sp.expand_log(-sp.log(density), force=True), (x, -sp.oo, sp.oo))
    left = sp.expand_log(sp.simplify(whole / sp.log(2) - sym.entropy_of_gaussian()), force=True)
    number = sp.lambdify(sym.sigma, sym.entropy_of_gaussian(), "numpy")
    std = np.exp(rng.uniform(-3, 3, size=n))
    apart = np.abs(number(std) - subject.bits.gaussian_entropy(std))
    relation = sp.lambdify(sym.rho, sym.information_of_gaussians(), "numpy")
    correlation = rng.uniform(-0.99, 0.99, size=n)
    apart_too = np.abs(relation(correlation) - subject.bits.gaussian_information(correlation))
    return CheckResult.of(
        [float(sp.simplify(left) != 0), *apart, *apart_too], tolerance=1e-12, detail="and its twin"
    )


def _information_by_quadrature(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """E log p(x,y)/(p(x)p(y)) by Gauss and Hermite, exact for the quadratic that it averages."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    grid = np.array(list(itertools.product(nodes, nodes)))
    mass = np.outer(weights, weights).ravel() / (2.0 * np.pi)
    errors = []
    for rho in rng.uniform(-0.99, 0.99, size=n):
        covariance = np.array([[1.0, rho], [rho, 1.0]])
        points = grid @ np.linalg.cholesky(covariance).T
        gain = multivariate_normal(cov=covariance).logpdf(points) - norm.logpdf(points).sum(axis=1)
        errors.append(mass @ gain / LN2 - subject.bits.gaussian_information(rho))
    return CheckResult.of(errors, tolerance=1e-10, detail="five nodes a direction")


register(
    Claim(
        id="prop-gaussian-entropy",
        title="Gaussian entropy, the largest at its variance, and Gaussian information",
        source="cover2006, Theorems 8.4.1 and 8.6.5",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"h(X) \le \tfrac12\log_2(2\pi e\,\sigma^2),\qquad I(X;Y) = -\tfrac12\log_2(1-\rho^2)"
        ),
        subject={"bits": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("independent solver", "entropy by quadrature", _entropy_by_quadrature,
                  smoke=10, quick=100, full=1000),
            Check("property", "mixtures of the same variance", _largest_entropy,
                  smoke=10, quick=50, full=300),
            Check("symbolic identity", "SymPy's own integral, and the twins", _entropy_by_algebra,
                  full=5000),
            Check("independent solver", "cross entropy of skewed laws", _cross_entropy,
                  smoke=10, quick=100, full=1000),
            Check("independent solver", "information by quadrature", _information_by_quadrature,
                  smoke=10, quick=100, full=5000),
        ),
        mutants=(
            Mutant("a factor e lost", THEORY, "np.log2(2.0 * np.pi * np.e)", "np.log2(2.0 * np.pi)"),
            Mutant("variance for deviation", THEORY, "+ np.log2(sigma)", "+ 2.0 * np.log2(sigma)"),
            Mutant("half forgotten", THEORY, "return 0.0 - 0.5 * (np.log1p", "return 0.0 - (np.log1p"),
            Mutant("wrong moment in the twin", SYMBOLIC, "[mu**2 + tau**2, mu, sp.S.One]",
                   "[tau, mu, sp.S.One]"),
            Mutant("mean forgotten in the twin", SYMBOLIC, "[mu**2 + tau**2, mu, sp.S.One]",
                   "[tau**2, mu, sp.S.One]"),
            Mutant("information in nats", THEORY, "np.log1p(rho)) / LN2", "np.log1p(rho))"),
            Mutant("determinant with a plus", SYMBOLIC, "sp.Matrix([[1, rho], [rho, 1]])",
                   "sp.Matrix([[1, rho], [-rho, 1]])"),
        ),
        mutant_instances=10,
    )
)  # fmt: skip


def _bias_by_enumeration(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Every outcome of a few draws from a few letters, with its multinomial probability."""
    errors = []
    for _ in range(n):
        letters, samples = int(rng.integers(2, 5)), int(rng.integers(1, 8))
        law = rng.dirichlet(np.ones(letters))
        mean = 0.0
        for counts in itertools.product(range(samples + 1), repeat=letters):
            if sum(counts) != samples:
                continue
            ways = math.factorial(samples) / math.prod(map(math.factorial, counts))
            chance = ways * math.prod(p**c for p, c in zip(law, counts, strict=True))
            mean -= chance * sum(c / samples * math.log2(c / samples) for c in counts if c)
        true = -sum(p * math.log2(p) for p in law if p > 0)
        errors.append(mean - true - subject.bits.plugin_bias(law, samples=samples))
    return CheckResult.of(errors, tolerance=1e-11, detail="all outcomes, one by one")


def _bias_leading(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """n times the bias tends to the Taylor term; the next term, in nats, is (1 - sum 1/p)/(12 n)."""
    errors = []
    samples = 4000
    for _ in range(n):
        letters = int(rng.integers(2, 6))
        law = 0.5 * rng.dirichlet(np.ones(letters)) + 0.5 / letters
        leading = float(subject.symbolic.plugin_bias_leading(letters))
        second = (1.0 - (1.0 / law).sum()) / (12.0 * samples) / LN2
        bias = subject.bits.plugin_bias(law, samples=samples)
        errors.append(samples * bias - leading - second)
    # The third term is of the order (sum 1/p^2) / n^2: below 1e-4 for laws as even as these.
    return CheckResult.of(errors, tolerance=1e-4, detail="two terms of the expansion, n = 4000")


def _bias_sign(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    above = [
        max(0.0, subject.bits.plugin_bias(rng.dirichlet(np.full(6, 0.3)), samples=samples))
        for samples in rng.integers(1, 200, size=n)
    ]
    return CheckResult.of(above, tolerance=1e-12, detail="bias above zero")


def _corrected(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The correction, counted by hand; and it takes nine tenths of the bias of common letters."""
    apart = []
    for _ in range(n):
        few = rng.integers(0, 4, size=5)
        few[rng.integers(5)] += 1
        shares = [int(c) / int(few.sum()) for c in few if c]
        by_hand = -sum(p * math.log2(p) for p in shares)
        by_hand += (len(shares) - 1) / (2 * int(few.sum()) * math.log(2))
        apart.append(subject.bits.miller_madow(few) - by_hand)
    law, samples, draws = np.full(8, 0.125), 100, 40 * n
    counts = rng.multinomial(samples, law, size=draws)
    corrected = subject.bits.miller_madow(counts)
    bias = subject.bits.plugin_bias(law, samples=samples)
    left = abs(corrected.mean() - 3.0)
    spread = 5.0 * corrected.std() / math.sqrt(draws)
    return CheckResult.of(
        [*apart, max(0.0, left - spread - 0.1 * abs(bias))],
        tolerance=1e-12,
        detail="to rounding; beyond five standard errors",
    )


register(
    Claim(
        id="prop-counting-bias",
        title="Entropies of counted frequencies are too small, by about (K-1)/(2n ln 2)",
        source="miller1955",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"E\,\hat H - H \le 0,\qquad n\,(E\,\hat H - H) \to -\frac{K-1}{2\ln 2}"
        ),
        subject={"bits": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("independent solver", "exact bias against all outcomes", _bias_by_enumeration,
                  smoke=10, quick=50, full=500),
            Check("limit", "the two leading terms", _bias_leading, smoke=10, quick=50, full=500),
            Check("property", "the bias is never positive", _bias_sign),
            Check("property", "Miller's correction", _corrected),
        ),
        mutants=(
            Mutant("divided by n + 1", THEORY, "entr(counts / n)", "entr(counts / (n + 1))"),
            Mutant("entropy added", THEORY, "/ LN2 - entropy(law))", "/ LN2 + entropy(law))"),
            Mutant("correction with the wrong sign", THEORY, "return whole + size", "return whole - size"),
            Mutant("correction in nats", THEORY, "(2.0 * total[..., 0] * LN2)", "(2.0 * total[..., 0])"),
            Mutant("unseen letters corrected too", THEORY, "np.count_nonzero(seen, axis=-1) - 1.0",
                   "seen.shape[-1] - 1.0"),
            Mutant("K for K - 1 in the correction", THEORY, "np.count_nonzero(seen, axis=-1) - 1.0",
                   "np.count_nonzero(seen, axis=-1)"),
            Mutant("Taylor term without its half", SYMBOLIC, "x * (1 - x) / 2 for", "x * (1 - x) for"),
        ),
        mutant_instances=20,
    )
)  # fmt: skip
