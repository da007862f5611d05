"""Claims of the chapter ``rate-distortion``: R(D, P), of a bit and of a Gaussian."""

from __future__ import annotations

import mpmath
import numpy as np
import sympy as sp
from scipy.special import rel_entr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.rate_instances import (
    CHAPTER,
    SYMBOLIC,
    bit_channels,
    gauss_channels,
    thirty_digits,
)
from cdot_lib.units import LN2

__all__: list[str] = []

THEORY = "cdot_lib.theory.rate_perception"


def _perception_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, _, seen = bit_channels(rng, 20 * n)
    found = subject.theory.bernoulli_perception(p, seen["distortion"], seen["perception"])
    return CheckResult.of(np.maximum(found - seen["rate"], 0.0), tolerance=1e-9)


def _perception_sweep(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Least information over a fine grid of output laws at distortion exactly D, or less."""
    p, near = rng.uniform(0.03, 0.97, n), rng.exponential(0.1, n)
    bound = rng.uniform(0.0, 0.6, n)
    q = np.clip(p[:, None] + near[:, None] * np.linspace(-1, 1, 4001), 0.0, 1.0)
    p_, inside = p[:, None], np.minimum(bound[:, None], p[:, None] + q - 2 * p[:, None] * q)
    both = (p_ + q - inside) / 2
    cells = np.stack([1 - p_ - q + both, q - both, p_ - both, both])
    product = np.stack([(1 - p_) * (1 - q), (1 - p_) * q, p_ * (1 - q), p_ * q])
    told = rel_entr(np.maximum(cells, 0.0), product).sum(axis=0) / LN2
    bits = np.where((cells >= -1e-15).all(axis=0), told, 9.0)
    found = subject.theory.bernoulli_perception(p, bound, near)
    return CheckResult.of(
        bits.min(axis=1) - found, tolerance=1e-3, detail="4,001 output laws each, steps up to 5e-4"
    )


def _perception_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both branches at rational points, and the branch as Blau and Michaeli print it."""
    sym, rows = subject.symbolic, []
    order = (sym.p, sym.D, sym.P)
    held = thirty_digits(order, sym.bit_held().subs(sym.q, sym.p - sym.P))
    printed = thirty_digits(order, sym.bit_published())
    shannon = thirty_digits(order, sym.bit_shannon())
    threshold = thirty_digits((sym.p, sym.P), sym.bit_threshold())
    for _ in range(n):
        with mpmath.workdps(30):
            p = mpmath.mpf(int(rng.integers(5, 50))) / 101
            near = p * int(rng.integers(1, 97)) / 97
            first, last = threshold(p, near), 2 * p * (1 - p) - (1 - 2 * p) * near
            share = mpmath.mpf(int(rng.integers(1, 97))) / 97
            d, low = first + (last - first) * share, first * share
            exact = held(p, d, near)
            gap = abs(exact - printed(p, d, near))
            rows.append([float(v) for v in (p, near, d, exact, low, shannon(p, low, near), gap)])
    p, near, d, exact, low, free, gap = np.array(rows).T
    found = subject.theory.bernoulli_perception
    errors = [found(p, d, near) - exact, found(1 - p, d, near) - exact, found(p, low, near) - free]
    return CheckResult.of([*errors, gap], tolerance=1e-12, detail="thirty digits")


def _perception_identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """R(D)'s output law is stationary and gives R(D); its distance gives the threshold."""
    sym = subject.symbolic
    free = sym.bit_held().subs(sym.q, sym.bit_output())
    slope = sp.diff(sym.bit_held(), sym.q).subs(sym.q, sym.bit_output())
    rationals = [(sp.Rational(a, 101), sp.Rational(b, 103)) for a, b in ((30, 11), (47, 40))]
    at = [{sym.p: a, sym.D: b} for a, b in rationals]
    off = free - sym.bit_shannon().rewrite(sp.log)
    numbers = [abs(off.subs(point).evalf(30)) for point in at]
    numbers += [abs(slope.subs(point).evalf(30)) for point in at]
    first = sym.P / (1 - 2 * (sym.p - sym.P))
    numbers.append(0.0 if sp.simplify(sym.bit_threshold() - first) == 0 else 1.0)
    std = sym.gauss_output()
    stationary = sp.diff(sym.gauss_held(), sym.sy).subs(sym.sy, std)
    numbers.append(0.0 if sp.simplify(stationary) == 0 else 1.0)
    above = sym.gauss_held().subs(sym.sy, std) - sym.gauss_shannon()
    numbers.append(0.0 if sp.simplify(sp.exp(2 * sp.log(2) * above)) == 1 else 1.0)
    away = ((sym.sx - std) ** 2 - sym.P).subs(sym.D, sym.gauss_threshold())
    numbers.append(0.0 if sp.simplify(away.subs({sym.sx: 3, sym.P: 4})) == 0 else 1.0)
    return CheckResult.of([float(v) for v in numbers], tolerance=1e-25)


register(
    Claim(
        id="thm-bernoulli-rdp",
        title="Blau and Michaeli's R(D, P) of a bit",
        source="blau2019",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"R(D,P) = H_b(p) - H_b(D)\ \text{for}\ D \le \frac{P}{1-2(p-P)},\quad "
            r"I(X;Y)|_{q = p-P}\ \text{up to}\ D = 2p(1-p) - (1-2p)P,\quad 0\ \text{beyond}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "both branches, and as printed", _perception_points),
            Check("property", "no random channel beats it", _perception_channels),
            Check(
                "independent solver", "sweep over output laws", _perception_sweep,
                smoke=50, quick=300, full=5000,
            ),
            Check("symbolic identity", "stationary output law, thresholds", _perception_identities),
        ),
        mutants=(
            Mutant(
                "pushed the other way", THEORY, "q = np.maximum(p - near, 0.0)",
                "q = np.minimum(p + near, 1.0)",
            ),
            Mutant(
                "a common one not exchanged", THEORY, "    p = np.minimum(p, 1.0 - p)\n", "",
            ),
            Mutant("threshold of the printed D", THEORY, "near * (1.0 - 2.0 * bound))", "near)"),
            Mutant(
                "independence never reached", THEORY, "inside = np.minimum(bound, free)",
                "inside = bound",
            ),
            Mutant(
                "perception forgotten", THEORY, "np.where(shannon, bernoulli(p, bound)",
                "np.where(shannon | True, bernoulli(p, bound)",
            ),
            Mutant(
                "derivation: forward channel", SYMBOLIC, "sp.Eq(q * (1 - D) + (1 - q) * D, p)",
                "sp.Eq(p * (1 - D) + (1 - p) * D, q)",
            ),
            Mutant("printed: one entropy", SYMBOLIC, "2 * Hb(p) + Hb(p - P)", "Hb(p) + Hb(p - P)"),
        ),
        mutant_instances=60,
    )
)


def _gauss_perception_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    seen = gauss_channels(rng, 20 * n)
    found = subject.theory.gaussian_perception(seen["std"], seen["distortion"], seen["perception"])
    return CheckResult.of(np.maximum(found - seen["rate"], 0.0), tolerance=1e-9)


def _gauss_perception_sweep(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Least rate over a fine grid of output deviations at distortion D, or less."""
    std = rng.uniform(0.2, 4.0, n)
    near, bound = (std * rng.exponential(0.3, n)) ** 2, std**2 * rng.uniform(0.02, 2.2, n)
    reach = np.sqrt(near)[:, None] * np.linspace(-1, 1, 4001)
    out = np.maximum(std[:, None] + reach, 1e-12)
    rho = (std[:, None] ** 2 + out**2 - bound[:, None]) / (2 * std[:, None] * out)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(rho < 1, -0.5 * np.log2(1 - np.maximum(rho, 0.0) ** 2), 99.0)
    found = subject.theory.gaussian_perception(std, bound, near)
    return CheckResult.of(bits.min(axis=1) - found, tolerance=1e-3, detail="4,001 deviations each")


def _gauss_perception_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym, rows = subject.symbolic, []
    held = thirty_digits((sym.sx, sym.sy, sym.D), sym.gauss_held())
    threshold = thirty_digits((sym.sx, sym.P), sym.gauss_threshold())
    for _ in range(n):
        with mpmath.workdps(30):
            std = mpmath.mpf(int(rng.integers(20, 300))) / 101
            out = std * int(rng.integers(1, 97)) / 97
            near, last = (std - out) ** 2, std**2 + out**2
            first = threshold(std, near)
            d = first + (last - first) * int(rng.integers(1, 97)) / 97
            rows.append([float(v) for v in (std, d, near, held(std, out, d), first)])
    std, d, near, exact, first = np.array(rows).T
    found = subject.theory.gaussian_perception
    low = first * rng.uniform(0.01, 0.99, n)
    shannon = 0.5 * np.log2(std**2 / low)
    errors = [
        found(std, d, near) - exact,
        # Up to the threshold perception is free, and from P = std^2 on at any distortion.
        found(std, low, near) - shannon,
        found(std, low, 9.0 * std**2) - shannon,
        found(std, std**2 + d, 9.0 * std**2),
    ]
    return CheckResult.of(errors, tolerance=1e-10, detail="thirty digits where it is held")


register(
    Claim(
        id="thm-gaussian-rdp",
        title="R(D, P) of a Gaussian under squared Wasserstein distance",
        source="zhang2021",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"R(D,P) = \tfrac12\log_2(\sigma^2/D)\ \text{if}\ "
            r"\sqrt{\sigma^2-D} \ge \sigma-\sqrt P,\quad \text{else}\ -\tfrac12\log_2(1-\rho^2),\ "
            r"\rho = \frac{\sigma^2 + (\sigma-\sqrt P)^2 - D}{2\sigma(\sigma-\sqrt P)}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "both branches", _gauss_perception_points),
            Check("property", "no random Gaussian channel beats it", _gauss_perception_channels),
            Check(
                "independent solver", "sweep over output deviations", _gauss_perception_sweep,
                smoke=50, quick=300, full=5000,
            ),
        ),
        mutants=(
            Mutant(
                "more room than there is", THEORY, "np.maximum(std - np.sqrt(near), 0.0)",
                "np.abs(std - np.sqrt(near))",
            ),
            Mutant("P for its root", THEORY, "std - np.sqrt(near)", "std - near"),
            Mutant(
                "always held", THEORY, "shannon | (least == 0), gaussian(std, bound), held)",
                "least == 0, gaussian(std, bound), held)",
            ),
            Mutant(
                "never held", THEORY, "shannon | (least == 0), gaussian(std, bound), held)",
                "True, gaussian(std, bound), held)",
            ),
            Mutant(
                "derivation: a square too many", SYMBOLIC,
                "correlation = (sx**2 + sy**2 - D) / (2 * sx * sy)\n    return -sp",
                "correlation = (sx**2 + sy**2 - D) / (2 * sx * sy) ** 2\n    return -sp",
            ),
        ),
        mutant_instances=60,
    )
)
