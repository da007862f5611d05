"""Claims of the chapter ``neural-codec``: W1 of Gaussians, and what a penalised critic reports."""

from __future__ import annotations

import numpy as np
import ot
import sympy as sp
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "neural-codec"
THEORY = "cdot_lib.theory.critic"
SYMBOLIC = "cdot_lib.symbolic.neural"


def _pairs(rng: np.random.Generator, n: int) -> list[tuple[float, ...]]:
    """Means and deviations of two laws; a tenth with equal deviations."""
    drawn = np.stack(
        [
            rng.normal(0, 2, n),
            rng.uniform(0.2, 3, n),
            rng.normal(0, 2, n),
            rng.uniform(0.2, 3, n),
        ]
    )
    drawn[3, ::10] = drawn[1, ::10]
    return [tuple(float(v) for v in column) for column in drawn.T]


def _program(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Optimal transport of quantiles, by POT's exact solver for the line."""
    ranks = ndtri((np.arange(20_000) + 0.5) / 20_000)
    errors = []
    for m_x, s_x, m_y, s_y in _pairs(rng, n):
        plan = ot.emd2_1d(m_x + s_x * ranks, m_y + s_y * ranks, metric="euclidean")
        errors.append(abs(float(subject.theory.w1_gaussians(m_x, s_x, m_y, s_y)) - plan))
    return CheckResult.of(errors, tolerance=1e-3, detail="20,000 quantiles; tails beyond them")


def _certificate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The distance to the fixed point of the monotone map is a critic that attains W1."""
    errors = []
    for m_x, s_x, m_y, s_y in _pairs(rng, n):
        found = float(subject.theory.w1_gaussians(m_x, s_x, m_y, s_y))
        if s_x == s_y:
            dual = abs(m_y - m_x)  # the critic is x itself
        else:
            c = (m_x * s_y - m_y * s_x) / (s_y - s_x)
            away = [_mean_distance(m, s, c) for m, s in ((m_x, s_x), (m_y, s_y))]
            dual = abs(away[1] - away[0])
        errors.append(abs(found - dual))
    return CheckResult.of(errors, tolerance=1e-9)


def _mean_distance(mean: float, std: float, centre: float) -> float:
    """E abs(X - centre) from its two sides."""
    t = (centre - mean) / std
    density = np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
    return float(std * (2 * density + t * (2 * ndtr(t) - 1)))


def _points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The folded mean as SymPy integrates it, with thirty digits."""
    sym, errors = subject.symbolic, []
    for _ in range(n):
        shift, spread = (sp.Rational(int(rng.integers(1, 300)), 101) for _ in range(2))
        exact = float(sym.folded_mean().subs({sym.m: shift, sym.s: spread}).evalf(30))
        found = subject.theory.w1_gaussians(0.5, 1.0, 0.5 + float(shift), 1.0 + float(spread))
        errors.append(abs(float(found) - exact))
    return CheckResult.of(errors, tolerance=1e-12)


register(
    Claim(
        id="prop-w1-gaussians",
        title="W1 of two Gaussians on the line",
        source="villani2009; this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"W_1 = E\,\lvert m + sZ\rvert = 2s\,\varphi(m/s) + m\bigl(1 - 2\Phi(-m/s)\bigr),\quad "
            r"m = \lvert m_Y - m_X\rvert,\ s = \lvert\sigma_Y - \sigma_X\rvert"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "transport of 20,000 quantiles (POT)", _program, smoke=5,
                quick=50, full=500,
            ),
            Check("property", "a critic that attains it", _certificate),
            Check(
                "rational points", "SymPy's integral, thirty digits", _points, smoke=5, quick=50,
                full=500,
            ),
        ),
        mutants=(
            Mutant("half the density", THEORY, "2.0 * spread * density", "spread * density"),
            Mutant("not folded", THEORY, "(1.0 - 2.0 * ndtr(-ratio))", "(1.0 - ndtr(-ratio))"),
            Mutant("deviations added", THEORY, "np.abs(s_y - s_x)", "np.abs(s_y + s_x)"),
            Mutant(
                "derivation: one side twice", SYMBOLIC, "sp.simplify(right - left)",
                "sp.simplify(2 * right)",
            ),
        ),
        mutant_instances=5,
    )
)  # fmt: skip


def _best_by_search(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The best slope at each place, searched; the law of the segments by quadrature."""
    slopes = np.linspace(-12.0, 12.0, 4801)
    errors = []
    for m_x, s_x, m_y, s_y in _pairs(rng, n):
        s_y = float(np.clip(s_y, s_x / 2, 2 * s_x))
        pair = subject.theory.GaussianPair(mean_x=m_x, std_x=s_x, mean_y=m_y, std_y=s_y)
        weight = float(rng.uniform(0.5, 20.0))
        middle, reach = (m_x + m_y) / 2, abs(m_y - m_x) / 2 + 1.5 * max(s_x, s_y)
        for x in middle + reach * rng.uniform(-1.0, 1.0, 3):
            gap = ndtr((x - m_x) / s_x) - ndtr((x - m_y) / s_y)
            there = _segment_density(float(x), (m_x, s_x, m_y, s_y))
            gain = slopes * gap - weight * there * (np.abs(slopes) - 1.0) ** 2
            found = float(pair.slope(x, weight))
            best = slopes[gain.argmax()]
            # Where hardly any segment passes, the best slope is beyond; where the laws agree, both
            # signs are as good.
            if abs(best) < slopes[-1] and abs(gap) > 1e-9:
                errors.append(abs(found - best))
    return CheckResult.of(errors, tolerance=3e-3, detail="grid of slopes with step 0.005")


def _segment_density(x: float, laws: tuple[float, ...]) -> float:
    """Density of (1 - t) X + t Y by adaptive quadrature over t."""
    m_x, s_x, m_y, s_y = laws

    def density(t: float) -> float:
        std = np.sqrt(((1 - t) * s_x) ** 2 + (t * s_y) ** 2)
        z = (x - (1 - t) * m_x - t * m_y) / std
        return float(np.exp(-z * z / 2) / (np.sqrt(2 * np.pi) * std))

    return quad(density, 0.0, 1.0, epsabs=1e-11)[0]


def _estimate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """E f(Y) - E f(X) of the best critic, its slopes summed up and averaged over quantiles."""
    ranks = ndtri((np.arange(40_000) + 0.5) / 40_000)
    errors = []
    for m_x, s_x, m_y, s_y in _pairs(rng, n):
        s_y = float(np.clip(s_y, s_x / 1.4, 1.4 * s_x))
        pair = subject.theory.GaussianPair(mean_x=m_x, std_x=s_x, mean_y=m_y, std_y=s_y)
        weight = float(rng.uniform(0.5, 20.0))
        ends = m_x + s_x * ranks, m_y + s_y * ranks
        x = np.linspace(min(e[0] for e in ends), max(e[-1] for e in ends), 20_001)
        b = pair.slope(x, weight)
        critic = np.concatenate([[0.0], np.cumsum((b[1:] + b[:-1]) / 2 * np.diff(x))])
        means = [np.interp(end, x, critic).mean() for end in ends]
        errors.append(abs(means[1] - means[0] - pair.estimate(weight)) / (1 + pair.w1))
    return CheckResult.of(errors, tolerance=1e-3, detail="quantiles lack the tails")


def _excess_terms(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Slope and integrand against SymPy; the excess falls like 1/weight, and is bounded."""
    sym, errors = subject.symbolic, []
    slope = sp.lambdify((sym.area, sym.between, sym.weight), sym.penalised_slope())
    part = sp.lambdify((sym.area, sym.between, sym.weight), sym.estimate_integrand())
    for m_x, s_x, m_y, s_y in _pairs(rng, n):
        pair = subject.theory.GaussianPair(mean_x=m_x, std_x=s_x, mean_y=m_y, std_y=s_y)
        weight, x = (
            float(rng.uniform(0.5, 20.0)),
            float(rng.uniform(m_x - s_x, m_x + s_x)),
        )
        gap, there = abs(float(pair.gap(x))), float(pair.between(x))
        found = abs(float(pair.slope(x, weight)))
        errors.append(abs(found / slope(gap, there, weight) - 1) if gap > 1e-9 else 0.0)
        errors.append(abs(found * gap - part(gap, there, weight)) / (1 + found * gap))
        lead = pair.estimate(weight) - pair.w1
        errors.append(abs((pair.estimate(2 * weight) - pair.w1) / lead - 0.5) if lead else 0.0)
        errors.append(max(0.0, -lead))
        apart = (m_x - m_y) ** 2 + s_x**2 + s_y**2  # E (X - Y)^2, the bound in the proof
        errors.append(max(0.0, 2 * weight * lead / apart - 1))
    return CheckResult.of(errors, tolerance=1e-9)


register(
    Claim(
        id="prop-penalised-critic",
        title="A critic with a gradient penalty overrates W1, by an amount like 1/weight",
        source="this book; gulrajani2017",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"E h^\star(Y) - E h^\star(X) = W_1 + \frac1{2w}\int \frac{(F_X - F_Y)^2}{r}\,dx"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "the best slope by search", _best_by_search, smoke=5,
                quick=60, full=1000,
            ),
            Check(
                "independent solver", "the critic itself, averaged over both laws", _estimate,
                smoke=5, quick=40, full=500,
            ),
            Check(
                "limit", "SymPy's terms; twice the weight, half the excess; its bound",
                _excess_terms, smoke=5, quick=50, full=500,
            ),
        ),
        mutants=(
            Mutant(
                "one for a half", THEORY, "np.abs(gap) / (2.0 * weight * self",
                "np.abs(gap) / (weight * self",
            ),
            Mutant(
                "value of the program, not the estimate", THEORY,
                "self.excess / (2.0 * weight)", "self.excess / (4.0 * weight)",
            ),
            Mutant(
                "no penalty but on X", THEORY, "t = (1.0 + _T) / 2.0", "t = (1.0 + _T) / 4.0"
            ),
            Mutant("law of the sum", THEORY, "t * self.std_y)", "self.std_y)"),
            Mutant("critic upside down", THEORY, "return np.sign(gap) *", "return -np.sign(gap) *"),
            Mutant("tails left out", THEORY, "density > 1e-30", "density > 1e-3"),
            Mutant("deviations added", THEORY,
                   "np.hypot((1.0 - t) * self.std_x, t * self.std_y)",
                   "((1.0 - t) * self.std_x + t * self.std_y)"),
            Mutant("excess not squared", THEORY, "self.gap(x) ** 2", "self.gap(x)"),
            Mutant(
                "derivation: a penalty on b", SYMBOLIC, "weight * between * (slope - 1) ** 2",
                "weight * between * slope ** 2",
            ),
        ),
        mutant_instances=8,
    )
)  # fmt: skip
