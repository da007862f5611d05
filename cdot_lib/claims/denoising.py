"""Claims of the chapter ``svhn-denoising``: what noise costs, three restorers, and when pairs are not needed."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.special import ndtr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.solvers.transport import solve

__all__: list[str] = []

CHAPTER = "svhn-denoising"
THEORY = "cdot_lib.theory.denoising"
SYMBOLIC = "cdot_lib.symbolic.denoising"
TRANSPORT = "cdot_lib.theory.transport"

Array = NDArray[np.float64]


def _quantised(values: Array, law: Array, std: float, edges: Array) -> tuple[float, float]:
    """Return the bits and the mean square of a quantiser of X = C + N, C on a few values.

    Cells lie between the edges, and the decoder returns means of cells: in closed form.
    """
    scaled = (np.concatenate([[-np.inf], edges, [np.inf]])[:, None] - values) / std
    density = np.exp(-np.minimum(scaled**2, 1e4) / 2) / np.sqrt(2 * np.pi)
    mass = np.diff(ndtr(scaled), axis=0) * law
    cell = mass.sum(axis=1)
    first = (mass * values - std * np.diff(density, axis=0) * law).sum(axis=1)
    used = cell > 1e-12
    square = (law * values**2).sum() + std**2 - (first[used] ** 2 / cell[used]).sum()
    return float(-(cell[used] * np.log2(cell[used])).sum()), float(square)


def _no_quantiser_below(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Random quantisers of random laws: two numbers side by side, bits added, squares averaged."""
    below = []
    for _ in range(n):
        std = rng.uniform(0.2, 1.5)
        bits, squares = [], []
        for _ in range(2):
            values, law = rng.normal(0, 2, 4), rng.dirichlet(np.ones(4))
            levels = rng.integers(1, 65)
            edges = np.sort(rng.normal(0, np.sqrt(law @ values**2 + std**2), levels - 1))
            if rng.random() < 0.5:  # even steps, which are good at many levels
                edges = np.linspace(-2.5, 2.5, levels + 1)[1:-1] * np.sqrt(4 + std**2)
            spent, square = _quantised(values, law, std, edges)
            bits.append(spent)
            squares.append(square)
        floor = subject.theory.noise_floor(std, sum(bits), 2)
        below.append(max(0.0, float(floor) / np.mean(squares) - 1.0))
    return CheckResult.of(below, tolerance=1e-9, detail="share by which a quantiser is below")


def _entropies(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The formula leaves exactly R bits between two entropies; the library's is the same."""
    sym = subject.symbolic
    least, rate = sym.floor(), sp.Symbol("R", positive=True)
    entropy = [sp.log(2 * sp.pi * sp.E * v, 2) / 2 for v in (sym.sigma**2, least)]
    gap = sp.simplify(sp.expand_log(entropy[0] - entropy[1] - rate, force=True))
    errors = [0.0 if gap == 0 else 1.0]
    number = sp.lambdify((sym.sigma, rate), least)
    for _ in range(20):
        std, bits, numbers = rng.uniform(0.1, 3), rng.uniform(0, 40), int(rng.integers(1, 9))
        exact = number(std, bits / numbers)
        errors.append(float(subject.theory.noise_floor(std, bits, numbers)) / exact - 1.0)
    return CheckResult.of(errors, tolerance=1e-12)


def _gains_by_sums(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Errors by Gauss and Hermite's sums over C and N; variances; the least of all gains."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    both = weights[:, None] * weights
    theory, errors = subject.theory, []
    for _ in range(n):
        s, std = rng.uniform(0.05, 3, 2)
        c, x = s * nodes[:, None], s * nodes[:, None] + std * nodes
        mean, moved = theory.posterior_gain(s, std), theory.transport_gain(s, std)
        for gain in (1.0, float(mean), float(moved)):
            found = (both * (c - gain * x) ** 2).sum()
            away = (both * (x - gain * x) ** 2).sum()
            errors.append((theory.gain_error(gain, s, std) - found) / std**2)
            errors.append((theory.gain_distance(gain, s, std) - away) / (s**2 + std**2))
        errors.append((both * (moved * x) ** 2).sum() / s**2 - 1.0)  # as wide as C
        errors.append((both * (c - mean * x) * x).sum() / s**2)  # orthogonal to X: the least
        least = (both * (c - mean * x) ** 2).sum()
        ratio = (both * (c - moved * x) ** 2).sum() / least
        errors.append(ratio - 2.0 / (1.0 + float(moved)))
    return CheckResult.of(errors, tolerance=1e-9)


def _gains_derived(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Tweedie against Bayes; the ratio; the leak; the density integrates to one."""
    sym = subject.symbolic
    a, g = sp.Symbol("a", positive=True), sp.Symbol("g", positive=True)
    failures = [
        sp.simplify(sym.tweedie() - sym.posterior_mean()) != 0,
        sp.simplify(sym.posterior_mean() / sym.x - sym.GAINS["posterior mean"]) != 0,
        sp.simplify(sym.GAINS["transport"] ** 2 - sym.GAINS["posterior mean"]) != 0,
        sp.simplify(sym.ratio() - 2 / (1 + a)) != 0,
        sp.simplify(sym.leak() - g * sym.sigma**2) != 0,
        sp.simplify(sym.errors()["identity"] - sym.sigma**2) != 0,
    ]
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail="six identities")


def _cheapest_for_both(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Linear programs, with the cost to X and with that to C, against the monotone coupling."""
    errors = []
    for _ in range(n):
        values, law = np.sort(rng.normal(0, 1, 3)), rng.dirichlet(np.ones(3))
        std = rng.uniform(0.2, 1.5)
        x = np.linspace(values[0] - 3 * std, values[-1] + 3 * std, 25)
        joint = law * np.exp(-((x[:, None] - values) ** 2) / (2 * std**2))
        joint /= joint.sum()
        p_x, p_c = joint.sum(axis=1), joint.sum(axis=0)
        coupling = subject.transport.monotone_coupling(x, p_x, values, p_c)
        to_x = (x[:, None] - values) ** 2
        to_c = (joint / p_x[:, None]) @ (values[:, None] - values) ** 2
        for cost in (to_x, to_c):
            errors.append(float((coupling * cost).sum()) - solve(p_x, p_c, cost).value)
    return CheckResult.of(errors, tolerance=1e-7, detail="the solver's tolerance")


def _mean_increases(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The slope of the posterior mean is the posterior's variance over that of the noise."""
    sym = subject.symbolic
    mean = sym.tweedie_coin()
    slope = sp.lambdify((sym.x, sym.sigma), sp.diff(mean, sym.x))
    x, std = rng.uniform(-3, 3, 200), rng.uniform(0.5, 2, 200)
    odds = np.exp(-((x[:, None] - [-1.0, 1.0]) ** 2) / (2 * std[:, None] ** 2))
    share = odds[:, 1] / odds.sum(axis=1)
    variance = 4 * share * (1 - share)
    return CheckResult.of(slope(x, std) - variance / std**2, tolerance=1e-9)


register(
    Claim(
        id="prop-noise-floor",
        title="Noise is dear: what no code of R bits can come below",
        source="cover2006, chapter 10 (Shannon's lower bound)",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"X = C + N,\ N \sim \mathcal N(0, \sigma^2 I_n)\ \text{independent of } (C, U),"
            r"\ H(Z|U) \le R\ \Rightarrow\ "
            r"\tfrac1n E\|X - Y\|^2 \ge \sigma^2\, 2^{-2R/n}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "property", "random quantisers of random laws stay above", _no_quantiser_below,
                smoke=200,
            ),
            Check("symbolic identity", "R bits between two entropies", _entropies),
        ),
        mutants=(
            Mutant("half the exponent", THEORY, "2.0 ** (-2.0 * rate_bits", "2.0 ** (-rate_bits"),
            Mutant(
                "deviation for variance", THEORY, "return noise_std**2 * 2.0", "return noise_std * 2.0"
            ),
            Mutant("bits of the signal", SYMBOLIC, "for v in (sigma**2, D)}", "for v in (s**2, D)}"),
        ),
    )
)

register(
    Claim(
        id="prop-noise-restorers",
        title="Posterior mean, cheapest transport and posterior sample of a Gaussian",
        source="freirich2021",
        status="checked symbolically",
        chapter=CHAPTER,
        statement=lambda: (
            r"m = s^2(1 - a^2),\quad a = \frac{s}{\sqrt{s^2 + \sigma^2}},\quad "
            r"E(C - aX)^2 = \frac{2}{1 + a}\, m,\quad E(C - Y_{\text{sample}})^2 = 2m"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "errors by sums over C and N", _gains_by_sums),
            Check("symbolic identity", "Tweedie, gains, their ratio", _gains_derived),
        ),
        mutants=(
            Mutant(
                "deviation for variance", THEORY, "return std**2 / (std**2 + noise_std**2)",
                "return std / (std + noise_std)",
            ),
            Mutant(
                "the posterior mean for the transport", THEORY,
                "return np.sqrt(posterior_gain(std, noise_std))",
                "return posterior_gain(std, noise_std)",
            ),
            Mutant(
                "noise without gain", THEORY, "std**2 + gain**2 * noise_std**2",
                "std**2 + gain * noise_std**2",
            ),
            Mutant("minus Tweedie", SYMBOLIC, "return sp.simplify(x + sigma**2 * sp.diff(sp.log",
                   "return sp.simplify(x - sigma**2 * sp.diff(sp.log"),
            Mutant("the other ratio", SYMBOLIC, "both[0] / both[1]", "both[1] / both[0]"),
        ),
    )
)

register(
    Claim(
        id="prop-noise-unpaired",
        title="On the line the cheapest transport is also the best restorer that looks clean",
        source="freirich2021, with Tweedie's formula (efron2011)",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"C, X = C + N \in \mathbb R:\quad \arg\min_{Y - X - C,\ p_Y = p_C} E(X - Y)^2 \subseteq "
            r"\arg\min_{Y - X - C,\ p_Y = p_C} E(C - Y)^2"
        ),
        subject={"transport": TRANSPORT, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "linear programs with both costs", _cheapest_for_both,
                smoke=10, quick=40, full=400,
            ),
            Check("symbolic identity", "the posterior mean increases", _mean_increases),
        ),
        mutants=(
            Mutant(
                "the independent coupling", TRANSPORT,
                "np.minimum(below[0][:, None], below[1][None, :])",
                "below[0][:, None] * below[1][None, :]",
            ),
            Mutant(
                "half of Tweedie", SYMBOLIC, "x + sigma**2 * sp.diff(law, x) / law",
                "x + sigma**2 * sp.diff(law, x) / (2 * law)",
            ),
        ),
    )
)
