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


def _quantised(values: Array, law: Array, std: float, edges: Array) -> tuple[float, float, float]:
    """Return bits, square to X, square to C of a quantiser of X = C + N, C on a few values.

    Cells lie between the edges, and the decoder returns means of cells: in closed form.
    """
    scaled = (np.concatenate([[-np.inf], edges, [np.inf]])[:, None] - values) / std
    density = np.exp(-np.minimum(scaled**2, 1e4) / 2) / np.sqrt(2 * np.pi)
    mass = np.diff(ndtr(scaled), axis=0) * law
    cell = mass.sum(axis=1)
    used = cell > 1e-12
    cell, clean = cell[used], (mass * values).sum(axis=1)[used]
    noise = -std * (np.diff(density, axis=0) * law).sum(axis=1)[used]
    sent = (clean + noise) / cell
    power = (law * values**2).sum() + (cell * sent**2).sum()
    to_x = power + std**2 - 2 * (sent * (clean + noise)).sum()
    to_c = power - 2 * (sent * clean).sum()
    return float(-(cell * np.log2(cell)).sum()), float(to_x), float(to_c)


def _two_numbers(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return the noise's deviation, bits and two mean squares of two quantisers side by side."""
    std = rng.uniform(0.2, 1.5)
    found = []
    for _ in range(2):
        values, law = rng.choice([0.0, 0.3, 2.0]) * rng.normal(0, 1, 4), rng.dirichlet(np.ones(4))
        spread = np.sqrt(law @ values**2 + std**2)
        levels = rng.integers(1, 65)
        edges = np.sort(rng.normal(0, spread, levels - 1))
        if rng.random() < 0.5:  # even steps, which are good at many levels
            edges = np.linspace(-2.5, 2.5, levels + 1)[1:-1] * spread
        found.append(_quantised(values, law, std, edges))
    bits, to_x, to_c = np.sum(found, axis=0)
    return std, bits, to_x / 2, to_c / 2


def _no_quantiser_below(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Random quantisers of random laws: two numbers side by side, bits added, squares averaged."""
    below = []
    for _ in range(n):
        std, bits, to_x, _ = _two_numbers(rng)
        below.append(max(0.0, float(subject.theory.noise_floor(std, bits, 2)) / to_x - 1.0))
    return CheckResult.of(below, tolerance=1e-9, detail="share by which a quantiser is below")


def _no_quantiser_leaks_more(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The same quantisers: the leak, from three mean squares, keeps to its bound."""
    beyond = []
    for _ in range(n):
        std, bits, to_x, to_c = _two_numbers(rng)
        most = float(subject.theory.leak_bound(std, bits, 2, max(to_c, 0.0)))
        beyond.append(max(0.0, (abs(to_c + std**2 - to_x) - most) / std**2))
    return CheckResult.of(beyond, tolerance=1e-9, detail="leak beyond its bound, in noise variances")


def _leak_is_used_up(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Where C is constant, a Gaussian code attains the bound of the leak: it sends noise alone."""
    errors = []
    for _ in range(n):
        std, bits, numbers = rng.uniform(0.1, 3), rng.uniform(0, 40), int(rng.integers(1, 9))
        left = std**2 / 4 ** (bits / numbers)  # E|X - Y|^2; Y is orthogonal to X - Y
        to_c = std**2 - left
        most = float(subject.theory.leak_bound(std, bits, numbers, to_c))
        errors.append((most - (to_c + std**2 - left)) / std**2)
    return CheckResult.of(errors, tolerance=1e-9)


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
        # A sample of the posterior: dice of the variance that the posterior mean leaves.
        dice = np.sqrt(theory.gain_error(mean, s, std)) * nodes
        sample = (mean * x)[..., None] + dice
        three = both[..., None] * weights
        errors.append((three * sample**2).sum() / s**2 - 1.0)
        errors.append((three * (c[..., None] - sample) ** 2).sum() / least - 2.0)
    return CheckResult.of(errors, tolerance=1e-9)


def _gains_derived(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Density of X; Tweedie against Bayes; the ratio; the leak against three mean squares."""
    sym = subject.symbolic
    a, g = sp.Symbol("a", positive=True), sp.Symbol("g", positive=True)
    power = sym.s**2 + sym.sigma**2
    density = sp.exp(-(sym.x**2) / (2 * power)) / sp.sqrt(2 * sp.pi * power)
    failures = [
        sp.simplify(sym.evidence() / density) != 1,
        sp.simplify(sym.tweedie() - sym.posterior_mean()) != 0,
        sp.simplify(sym.posterior_mean() / sym.x - sym.GAINS["posterior mean"]) != 0,
        sp.simplify(sym.GAINS["transport"] ** 2 - sym.GAINS["posterior mean"]) != 0,
        sp.simplify(sym.ratio() - 2 / (1 + a)) != 0,
        sp.simplify(sym.errors()["identity"] - sym.sigma**2) != 0,
    ]
    for name, gain in sym.GAINS.items():
        leak = sym.errors()[name] + sym.sigma**2 - sym.distances()[name]
        failures.append(sp.simplify(leak - sym.leak().subs(g, gain)) != 0)
    detail = f"{len(failures)} identities"
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail=detail)


def _cheapest_for_both(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Linear programs, with the cost to X and with that to C, against the monotone coupling."""
    errors = []
    for _ in range(n):
        values, law = rng.normal(0, 1, 3), rng.dirichlet(np.ones(3))
        std = rng.uniform(0.2, 1.5)
        x = np.linspace(values.min() - 3 * std, values.max() + 3 * std, 25)
        x = rng.permutation(x)
        joint = law * np.exp(-((x[:, None] - values) ** 2) / (2 * std**2))
        joint /= joint.sum()
        p_x, p_c = joint.sum(axis=1), joint.sum(axis=0)
        coupling = subject.transport.monotone_coupling(x, p_x, values, p_c)
        to_x = (x[:, None] - values) ** 2
        to_c = (joint / p_x[:, None]) @ (values[:, None] - values) ** 2
        for cost in (to_x, to_c):
            errors.append(float((coupling * cost).sum()) - solve(p_x, p_c, cost).value)
        mean = joint @ values / p_x
        least = (joint * (values - mean[:, None]) ** 2).sum()
        errors.append(max(0.0, float((coupling * to_c).sum()) / (2 * least) - 1.0))
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
            r"\tfrac1n E\|X - Y\|^2 \ge \sigma^2\, 2^{-2R/n},\quad "
            r"\tfrac4{n^2} (E\langle N, Y - C\rangle)^2 \le "
            r"4 \sigma^2 (1 - 2^{-2R/n})\, \tfrac1n E\|C - Y\|^2"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "property", "random quantisers of random laws stay above", _no_quantiser_below,
                smoke=200,
            ),
            Check("symbolic identity", "R bits between two entropies", _entropies),
            Check(
                "property", "random quantisers leak no more than they may",
                _no_quantiser_leaks_more, smoke=200,
            ),
            Check("limit", "noise alone, by a Gaussian code: the leak is used up", _leak_is_used_up),
        ),
        mutants=(
            Mutant("half the exponent", THEORY, "2.0 ** (-2.0 * rate_bits", "2.0 ** (-rate_bits"),
            Mutant(
                "deviation for variance", THEORY, "return noise_std**2 * 2.0", "return noise_std * 2.0"
            ),
            Mutant(
                "the difference turned round", SYMBOLIC, "entropy[sigma**2] - entropy[D]",
                "entropy[D] - entropy[sigma**2]",
            ),
            Mutant("nats for bits", THEORY, "2.0 ** (-2.0 * rate_bits", "np.exp(1.0) ** (-2.0 * rate_bits"),
            Mutant(
                "all bits for each number", THEORY, ' / positive_int("numbers", numbers))',
                ' * min(1, positive_int("numbers", numbers)))',
            ),
            Mutant("half of the leak", THEORY, "2.0 * np.sqrt(told", "np.sqrt(told"),
            Mutant("the leak without its root", THEORY, "np.sqrt(told * clean_square)", "told * clean_square"),
            Mutant(
                "all of the noise may leak", THEORY,
                "noise_floor(noise_std, 0.0, numbers) - noise_floor(noise_std, rate_bits, numbers)",
                "noise_floor(noise_std, 0.0, numbers)",
            ),
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
            r"\varepsilon = s^2(1 - a^2),\quad a = \frac{s}{\sqrt{s^2 + \sigma^2}},\quad "
            r"E(C - aX)^2 = \frac{2}{1 + a}\, \varepsilon,\quad E(C - Y_{\text{sample}})^2 = 2\varepsilon"
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
            Mutant(
                "noise left out of the distance", THEORY,
                'real("gain", gain)) ** 2 * (std**2 + noise_std**2)', 'real("gain", gain)) ** 2 * std**2',
            ),
            Mutant(
                "noise taken from the distance", SYMBOLIC, "(1 - g) ** 2 * (s**2 + sigma**2)",
                "(1 - g) ** 2 * (s**2 - sigma**2)",
            ),
            Mutant("no law", SYMBOLIC, "sp.sqrt(2 * sp.pi / square)", "sp.sqrt(sp.pi / square)"),
            Mutant("half of the leak", SYMBOLIC, "product = 2 * n *", "product = n *"),
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
            r"X = C + N,\ C \in \mathbb R,\ N \sim \mathcal N(0, \sigma^2)\ "
            r"\text{independent of } C:\quad \arg\min_{Y - X - C,\ p_Y = p_C} E(X - Y)^2 \subseteq "
            r"\arg\min_{Y - X - C,\ p_Y = p_C} E(C - Y)^2"
        ),
        subject={"transport": TRANSPORT, "symbolic": SYMBOLIC},
        mutant_instances=5,
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
            Mutant(
                "the antitone coupling", TRANSPORT,
                "np.minimum(below[0][:, None], below[1][None, :])",
                "np.maximum(below[0][:, None] + below[1][None, :] - 1.0, 0.0)",
            ),
            Mutant(
                "the order of Y forgotten", TRANSPORT, "joint[np.ix_(*orders)]",
                "joint[np.ix_(orders[0], np.arange(law_y.size))]",
            ),
            Mutant("the square forgotten", SYMBOLIC, "x + sigma**2 * sp.diff(law", "x + sigma * sp.diff(law"),
        ),
    )
)
