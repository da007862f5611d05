"""Claims of the chapter ``neural-codec``: derivatives through a quantiser."""

from __future__ import annotations

import itertools

import numpy as np
import sympy as sp
from scipy.integrate import quad
from scipy.special import expit

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "neural-codec"
THEORY = "cdot_lib.theory.surrogates"
SYMBOLIC = "cdot_lib.symbolic.neural"


def _losses(rng: np.random.Generator, n: int) -> list:
    """Losses of a decoder with their derivatives: a wave, a kink and a parabola; and the kink."""
    return [
        (
            lambda t, c=c: c[0] * np.sin(2 * t + c[1]) + c[2] * np.abs(t - c[3]) + c[4] * t**2,
            lambda t, c=c: (
                2 * c[0] * np.cos(2 * t + c[1]) + c[2] * np.sign(t - c[3]) + 2 * c[4] * t
            ),
            c[3],
        )
        for c in rng.normal(size=(n, 5))
    ]


def _real_coding(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A difference quotient of the mean loss over many dithers, each latent really rounded."""
    errors, nudge, places = [], 0.25, (np.arange(4096) + 0.5) / 4096 - 0.5
    for loss, _, _ in _losses(rng, n):
        f, step = rng.normal(), rng.uniform(0.3, 3.0)

        def mean(latent: float, loss=loss, step=step) -> float:
            u = step * places
            return float(loss(step * np.rint((latent + u) / step) - u).mean())

        far = nudge * step
        quotient = (mean(f + far) - mean(f - far)) / (2 * far)
        # The same quotient from the derivative, integrated over the latents between.
        inside = f + far * np.polynomial.legendre.leggauss(64)[0]
        weights = np.polynomial.legendre.leggauss(64)[1] / 2
        found = subject.theory.dithered_gradient(loss, inside, step=step)
        errors.append(abs(quotient - weights @ found))
    return CheckResult.of(errors, tolerance=4e-3, detail="4096 dithers; the kink costs accuracy")


def _unbiased(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The mean of the derivative at noisy latents, by adaptive quadrature, against the edges."""
    errors = []
    for loss, slope, kink in _losses(rng, n):
        f, step = rng.normal(), rng.uniform(0.3, 3.0)
        low, high = f - step / 2, f + step / 2
        ends = [low, min(max(kink, low), high), high]
        mean = sum(quad(slope, *pair)[0] for pair in itertools.pairwise(ends)) / step
        errors.append(abs(mean - float(subject.theory.dithered_gradient(loss, f, step=step))))
    return CheckResult.of(errors, tolerance=1e-9)


def _powers(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Derivative of the mean, mean of the derivative and edges agree for powers and a wave."""
    sym, failures = subject.symbolic, []
    for loss in (sym.f**2, sym.f**3 - sym.f, sym.f**4, sp.cos(3 * sym.f)):
        ends = (
            loss.subs(sym.f, sym.f + sym.step / 2),
            loss.subs(sym.f, sym.f - sym.step / 2),
        )
        edges = (ends[0] - ends[1]) / sym.step
        for other in (sym.dithered_derivative(loss), sym.mean_of_derivative(loss)):
            failures.append(sp.simplify(sp.expand(sp.expand_trig(edges - other))) != 0)
    return CheckResult.of([bool(x) for x in failures], tolerance=0, detail="four losses, twice")


register(
    Claim(
        id="prop-dither-gradient",
        title="Noise in place of rounding gives an unbiased gradient of the dithered code",
        source="agustsson2020",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\frac{d}{df} E\,\ell(\Delta Q - U) = E\,\ell'(f + N) = "
            r"\frac{\ell(f + \Delta/2) - \ell(f - \Delta/2)}{\Delta}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "real rounding, averaged over dithers", _real_coding,
                smoke=10, quick=100, full=2000,
            ),
            Check(
                "independent solver", "mean of the derivative by quadrature", _unbiased,
                smoke=10, quick=100, full=2000,
            ),
            Check("symbolic identity", "powers and a wave", _powers),
        ),
        mutants=(
            Mutant(
                "only one edge", THEORY, "- loss(f - width / 2.0)) / width", "- loss(f)) / width"
            ),
            Mutant(
                "twice the cell", THEORY, "loss(f - width / 2.0)) / width",
                "loss(f - width / 2.0)) / (2 * width)",
            ),
            Mutant(
                "derivation: noise on one side", SYMBOLIC,
                "there = sp.diff(loss, f).subs(f, f + _n)",
                "there = sp.diff(loss, f).subs(f, f + _n / 2)",
            ),
        ),
        mutant_instances=10,
    )
)  # fmt: skip


def _by_cells(scale: float, gain: float, through: bool) -> float:
    """Mean loss of the plain code, or mean of the straight-through estimate, cell by cell."""

    def inside(x: float, k: int) -> float:
        density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        miss = gain * k - x
        return float(density * (2 * miss * gain * x if through else miss**2))

    reach = int(np.ceil(9 * scale)) + 1
    cells = [((k - 0.5) / scale, (k + 0.5) / scale, k) for k in range(-reach, reach + 1)]
    return sum(quad(inside, low, high, args=(k,), epsabs=1e-12)[0] for low, high, k in cells)


def _both_by_cells(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The true derivative by a difference quotient, the straight-through mean by quadrature."""
    errors, nudge = [], 1e-4
    for _ in range(n):
        a, g = rng.uniform(0.3, 3.0), rng.uniform(0.2, 3.0)
        ends = [_by_cells(a + sign * nudge, g, False) for sign in (1, -1)]
        true = (ends[0] - ends[1]) / (2 * nudge)
        errors.append(abs(float(subject.theory.hard_gradient(a, g)) - true))
        through = _by_cells(a, g, True)
        errors.append(abs(float(subject.theory.straight_through_gradient(a, g)) - through))
    return CheckResult.of(errors, tolerance=1e-5)


def _dithered_coding(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The dithered code, each latent really rounded: its loss differenced, its noise estimate."""
    x, weights = np.polynomial.hermite_e.hermegauss(60)
    weights, u = weights / weights.sum(), (np.arange(4096) + 0.5) / 4096 - 0.5
    errors, nudge = [], 0.25

    def received(scale: float) -> np.ndarray:
        return np.rint(scale * x[:, None] + u) - u

    for _ in range(n):
        a, g = rng.uniform(0.3, 3.0), rng.uniform(0.2, 3.0)
        claimed = float(subject.theory.noise_gradient(a, g))
        ends = [((g * received(a + d) - x[:, None]) ** 2).mean(axis=1) for d in (nudge, -nudge)]
        quotient = weights @ (ends[0] - ends[1]) / (2 * nudge)
        errors.append(abs(quotient - claimed) / (1 + g * g))
        estimate = 2 * (g * received(a) - x[:, None]) * g * x[:, None]
        errors.append(abs(weights @ estimate.mean(axis=1) - claimed) / (1 + g * g))
    return CheckResult.of(errors, tolerance=2e-3, detail="4096 dithers; a quadratic loss")


def _staircase(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The soft staircase from logistic functions; its slope and its gradient by differences."""
    x = np.linspace(-9.0, 9.0, 60_000)
    weights = np.exp(-(x**2) / 2)
    weights /= weights.sum()
    errors, h = [], 1e-5

    def stairs(y: np.ndarray, sharpness: float) -> np.ndarray:
        step = np.floor(y)
        low, high = expit(-sharpness), expit(sharpness)
        return step + (expit(2 * sharpness * (y - step - 0.5)) - low) / (high - low)

    for _ in range(n):
        a, g, alpha = rng.uniform(0.2, 1.5), rng.uniform(0.3, 2.0), rng.uniform(0.5, 60.0)
        y = a * x
        made = subject.theory.soft_round(y, sharpness=alpha)
        errors.append(np.abs(made - stairs(y, alpha)).max())
        rise = (stairs(y + h, alpha) - stairs(y - h, alpha)) / (2 * h)
        slope = subject.theory.soft_slope(y, sharpness=alpha)
        errors.append(np.abs(slope - rise).max() / rise.max())
        far = [(g * stairs((a + d) * x, alpha) - x) ** 2 for d in (h, -h)]
        sample = (far[0] - far[1]) / (2 * h)
        mean = weights @ sample
        std = np.sqrt(weights @ (sample - mean) ** 2)
        found = subject.theory.soft_gradient(a, g, sharpness=alpha)
        errors += [abs(found.mean - mean) / std, abs(found.std / std - 1)]
    return CheckResult.of(errors, tolerance=1e-3, detail="difference quotients of width 2e-5")


def _terms(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Sums of the symbolic terms of the edges, at rational points, against the theory."""
    sym, errors = subject.symbolic, []
    k = sp.Symbol("k", integer=True, nonnegative=True)
    arguments = (k, sym.scale, sym.gain)
    moved = sp.lambdify(arguments, sym.edge_term(), "mpmath")
    above = sp.lambdify(arguments, sym.straight_through_term(), "mpmath")
    for _ in range(n):
        a, g = (float(sp.Rational(int(rng.integers(30, 300)), 97)) for _ in range(2))
        terms = range(int(np.ceil(10 * a)) + 2)
        true = float(sum(moved(j, a, g) for j in terms))
        errors.append(abs(float(subject.theory.hard_gradient(a, g)) - true))
        mean = 2 * g * (g * float(sum(above(j, a, g) for j in terms)) - 1)
        errors.append(abs(float(subject.theory.straight_through_gradient(a, g)) - mean))
    return CheckResult.of(errors, tolerance=1e-10)


def _fine(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With many cells a deviation all three agree; soft rounding ends at the true derivative."""
    errors = []
    for a, g in zip(rng.uniform(2.0, 4.0, n), rng.uniform(0.1, 1.0, n), strict=True):
        noise = float(subject.theory.noise_gradient(a, g))
        errors.append(abs(float(subject.theory.hard_gradient(a, g)) - noise) / (1 + abs(noise)))
        errors.append(abs(float(subject.theory.straight_through_gradient(a, g)) - noise))
    for a in (0.3, 0.6, 1.0):
        # What is left falls like 1/sharpness.
        soft = subject.theory.soft_gradient(a, 1.3, sharpness=200.0)
        true = float(subject.theory.hard_gradient(a, 1.3))
        errors.append(abs(soft.mean - true) / (1 + abs(true)))
    return CheckResult.of(errors, tolerance=5e-3)


register(
    Claim(
        id="prop-surrogates",
        title="True derivative of a plain code, and the mean of the straight-through estimate",
        source="this book; bengio2013",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"J'(a) = 4g\Bigl(g - \frac1a\Bigr)\sum_{k\ge0} e_k^2\,\varphi(e_k),\qquad "
            r"\text{straight through: } 2g\Bigl(2g\sum_{k\ge0}\varphi(e_k) - 1\Bigr),\qquad "
            r"e_k = \frac{k + 1/2}{a}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "cell by cell, by adaptive quadrature", _both_by_cells,
                smoke=4, quick=25, full=500,
            ),
            Check(
                "rational points", "symbolic terms of the edges", _terms, smoke=10, quick=50,
                full=1000,
            ),
            Check(
                "independent solver", "the dithered code, really rounded", _dithered_coding,
                smoke=4, quick=40, full=500,
            ),
            Check(
                "independent solver", "the soft staircase, by differences", _staircase, smoke=4,
                quick=25, full=300,
            ),
            Check("limit", "fine cells; a sharp staircase", _fine, smoke=10, quick=100),
        ),
        mutants=(
            Mutant("one edge of two", THEORY, "return 4.0 * g * (g", "return 2.0 * g * (g"),
            Mutant("edges not squared", THEORY, "(edges**2 * _density", "(edges * _density"),
            Mutant(
                "straight through without its target", THEORY,
                "(2.0 * g * _density(edges).sum(axis=-1) - 1.0)",
                "(2.0 * g * _density(edges).sum(axis=-1))",
            ),
            Mutant("edges at whole numbers", THEORY, "+ 0.5\n    return a", "+ 1.0\n    return a"),
            Mutant("dither: the cell's variance moves too", THEORY,
                   "return 2.0 * g * (g * a - 1.0)", "return 2.0 * g * (g * a - 1.0 + g / 12.0)"),
            Mutant("staircase not scaled to its cell", THEORY,
                   "np.tanh(alpha * offset) / (2.0 * np.tanh(alpha / 2.0))",
                   "np.tanh(alpha * offset) / 2.0"),
            Mutant("scatter about zero", THEORY, "(sample - mean) ** 2", "sample**2"),
            Mutant("staircase too steep", THEORY, "alpha / (2.0 * np", "alpha / (1.0 * np"),
            Mutant(
                "derivation: the edge stands still", SYMBOLIC, "sp.diff(e, scale))", "e)"
            ),
        ),
        mutant_instances=4,
    )
)  # fmt: skip
