"""Claims of the chapter ``universal-quantization``: the error of dither, its rate and its loss."""

from __future__ import annotations

import mpmath
import numpy as np
import sympy as sp
from scipy.integrate import quad

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "universal-quantization"
THEORY = "cdot_lib.theory.universal"
SYMBOLIC = "cdot_lib.symbolic.universal"


def _error_symbolic(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The characteristic function is that of the uniform law, whatever the offset in the cell."""
    sym = subject.symbolic
    uniform = sp.integrate(
        sp.exp(sp.I * sp.Symbol("t", real=True, nonzero=True) * sym.u) / sym.step,
        (sym.u, -sym.step / 2, sym.step / 2),
    ).subs(sp.Symbol("t", real=True, nonzero=True), sym.t)
    failures = [
        sp.simplify((sym.characteristic() - sym.uniform_characteristic()).rewrite(sp.exp)) != 0,
        sp.simplify((uniform - sym.uniform_characteristic()).rewrite(sp.exp)) != 0,
        sym.characteristic().has(sym.rho),
        sym.moment(1) != 0,
        sp.simplify(sym.moment(2) - sym.step**2 / 12) != 0,
        sp.simplify(sym.moment(4) - sym.step**4 / 80) != 0,
    ]
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail="six identities")


def _error_pieces(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The two pieces of the error against rounding, at random offsets and dithers."""
    sym = subject.symbolic
    step = rng.uniform(0.1, 5.0, n)
    rho, dither = step * rng.uniform(0.0, 0.5, n), step * rng.uniform(-0.5, 0.5, n)
    x = rng.integers(-9, 10, n) * step + rho
    true = np.rint((x + dither) / step) * step - dither - x
    found = np.full(n, np.nan)
    for error, low, high in sym.error_pieces():
        numbers = sp.lambdify((sym.step, sym.rho, sym.u), [error, low, high])
        value, start, stop = numbers(step, rho, dither)
        found = np.where((dither >= start) & (dither < stop), value, found)
    # On the edge of a cell rounding may send either way.
    errors = np.where(np.abs(np.abs(found) - step / 2) < 1e-9, 0.0, found - true)
    return CheckResult.of(errors, tolerance=1e-12)


register(
    Claim(
        id="thm-dither-error",
        title="The error of subtractive dither is uniform and independent of the input",
        source="schuchman1964, ziv1985",
        status="checked symbolically",
        chapter=CHAPTER,
        statement=lambda: (
            r"E\bigl[e^{it(\hat X - X)} \mid X = x\bigr] = \frac{\sin(t\Delta/2)}{t\Delta/2}"
            r"\ \text{for every } x,\qquad "
            r"E\bigl[(\hat X - X)^2 \mid X = x\bigr] = \frac{\Delta^2}{12}"
        ),
        subject={"symbolic": SYMBOLIC},
        checks=(
            Check("property", "pieces of the error against rounding", _error_pieces),
            Check("symbolic identity", "characteristic function and moments", _error_symbolic),
        ),
        mutants=(
            Mutant(
                "dither added, not subtracted", SYMBOLIC, "((-rho - u, -step",
                "((-rho + u, -step",
            ),
            Mutant(
                "the turn elsewhere", SYMBOLIC, "turn = step / 2 - rho",
                "turn = step / 2 - rho / 2",
            ),
            Mutant(
                "uniform on twice the cell", SYMBOLIC, "sp.sin(t * step / 2) / (t * step / 2)",
                "sp.sin(t * step) / (t * step)",
            ),
        ),
        mutant_instances=50,
    )
)


def _rate_by_dither(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(Q|U) as the mean over dithers of the entropy of the index, counted cell by cell."""
    std = rng.uniform(0.1, 5.0, n)
    step = std * np.exp(rng.uniform(np.log(0.05), np.log(30.0), n))
    errors = []
    for d, s in zip(step, std):
        # A periodic smooth function: equidistant points are exact as soon as they are many.
        points = 256 if d > 8 * s else 64
        offsets = d * np.arange(points) / points
        mean = np.mean([subject.theory.plain(d, offset=o, std=s).rate_bits for o in offsets])
        errors.append(subject.theory.dithered_bits(d, s) - mean)
    return CheckResult.of(errors, tolerance=1e-9, detail="64 or 256 dithers each")


def _plain_by_quadrature(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Entropy and errors of the plain quantiser by adaptive quadrature, cell by cell."""

    def density(x: float) -> float:
        return float(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))

    errors = []
    for _ in range(n):
        d, shift, std = rng.uniform(0.6, 6.0), rng.uniform(-3.0, 3.0), rng.uniform(0.2, 4.0)
        rate = midpoint = centroid = 0.0
        for k in range(-30, 31):
            low, high = shift + (k - 0.5) * d, shift + (k + 0.5) * d
            if low > 10 or high < -10:
                continue
            mass = quad(density, low, high)[0]
            mean = quad(lambda x: x * density(x), low, high)[0] / mass
            rate -= mass * np.log2(mass)
            midpoint += quad(lambda x: (x - shift - k * d) ** 2 * density(x), low, high)[0]
            centroid += quad(lambda x: (x - mean) ** 2 * density(x), low, high)[0]
        found = subject.theory.plain(d * std, offset=shift * std, std=std)
        errors.append(abs(found.rate_bits - rate))
        errors.append(abs(found.midpoint_mse / std**2 - midpoint))
        errors.append(abs(found.centroid_mse / std**2 - centroid))
    return CheckResult.of(errors, tolerance=1e-7)


def _loss_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Wiener's error and the limit of the loss with thirty digits; the figures of the book."""
    sym, errors = subject.symbolic, []
    exact = sp.lambdify((sym.step, sym.sigma), sym.wiener_mse(), "mpmath")
    for _ in range(n):
        with mpmath.workdps(30):
            d, s = (mpmath.mpf(int(rng.integers(1, 400))) / 101 for _ in range(2))
            value = float(exact(d, s))
        errors.append(abs(subject.theory.wiener_mse(float(d), float(s)) - value))
        needed = 0.5 * np.log2(float(s) ** 2 / value)
        bits = subject.theory.dithered_bits(float(d), float(s))
        errors.append(abs(subject.theory.rate_loss(float(d), float(s)) - (bits - needed)))
    limit = float(sym.rate_loss_limit().evalf(30))
    errors.append(abs(subject.theory.INTERVAL_LOSS - limit))
    errors.append(abs(subject.theory.rate_loss(0.01) - limit))
    return CheckResult.of(errors, tolerance=1e-9)


def _loss_bounded(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The loss is never negative, never above that of an interval, and falls as steps grow."""
    steps = np.sort(np.exp(rng.uniform(np.log(0.02), np.log(100.0), n)))
    loss = subject.theory.rate_loss(steps)
    above = np.maximum(loss - subject.theory.INTERVAL_LOSS, 0.0)
    rises = np.maximum(np.diff(loss, prepend=loss[:1]), 0.0)
    return CheckResult.of([above, rises, np.maximum(-loss, 0.0)], tolerance=1e-10)


register(
    Claim(
        id="thm-universal-rate",
        title="Rate of the dithered quantiser of a Gaussian, and its loss against R(D)",
        source="ziv1985, zamir1992",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"H(Q|U) = h(X+N) - \log_2\Delta,\qquad 0 \le H(Q|U) - R(D) \le "
            r"\tfrac12\log_2\frac{\pi e}{6} = 0.2546\ \text{bit}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "quadrature of h(X+N) against entropies of indices",
                _rate_by_dither, smoke=20, quick=200, full=5000,
            ),
            Check("property", "the loss lies between 0 and an interval's", _loss_bounded),
            Check(
                "independent solver", "the plain quantiser by adaptive quadrature",
                _plain_by_quadrature, smoke=4, quick=20, full=300,
            ),
            Check("rational points", "Wiener's error, the limit of the loss", _loss_points),
        ),
        mutants=(
            Mutant(
                "one flank counted once", THEORY, "2.0 * (flank + middle) / LN2",
                "(2.0 * flank + middle) / LN2",
            ),
            Mutant(
                "density not divided by the step", THEORY,
                "(ndtr(half - y) - ndtr(-half - y)) / d[..., None]",
                "ndtr(half - y) - ndtr(-half - y)",
            ),
            Mutant("Wiener's factor forgotten", THEORY, "noise / (1.0 + noise)", "noise"),
            Mutant("six for twelve", THEORY, "np.log2(1.0 + 12.0 /", "np.log2(1.0 + 6.0 /"),
            Mutant(
                "a sphere for an interval", THEORY, "math.log2(math.pi * math.e / 6.0)",
                "math.log2(math.pi * math.e / 8.0)",
            ),
            Mutant(
                "centroid with the wrong sign", THEORY, "(1.0 - float(mean @ first))",
                "(1.0 + float(mean @ first))",
            ),
            Mutant("deviation for variance", THEORY, "std**2 * midpoint", "std * midpoint"),
            Mutant("wide cells without their middle", THEORY, "(flank + middle)", "flank"),
            Mutant(
                "R(D) in nats", THEORY, "- 0.5 * np.log2(1.0 + 12.0", "- 0.5 * np.log(1.0 + 12.0"
            ),
            Mutant(
                "derivation: noise of a sixth", SYMBOLIC,
                "(1 - a) ** 2 * sigma**2 + a**2 * moment(2)))",
                "(1 - a) ** 2 * sigma**2 + 2 * a**2 * moment(2)))",
            ),
        ),
        mutant_instances=15,
    )
)
