"""Claim of the chapter ``rate-distortion``: R(D, P, C) of a bit."""

from __future__ import annotations

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.special import rel_entr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.rate_instances import CHAPTER, bit_channels, thirty_digits
from cdot_lib.information import h_b
from cdot_lib.theory.rate_perception import bernoulli_perception
from cdot_lib.units import LN2

__all__: list[str] = []

THEORY = "cdot_lib.theory.rate_all"
SYMBOLIC = "cdot_lib.symbolic.rate_all"

Array = NDArray[np.float64]


def _all_channels(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, s, seen = bit_channels(rng, 20 * n)
    bounds = {name: seen[name] for name in ("distortion", "perception")}
    found = subject.theory.bernoulli_all(p, s, class_bits=seen["class"], **bounds)
    # H(S|Y) is flat where S is near noise: there its rounding decides, and nothing is compared.
    clear = np.abs(1.0 - 2.0 * s) > 0.05
    return CheckResult.of(
        np.where(clear, np.maximum(found.value - seen["rate"], 0.0), 0.0), tolerance=1e-6
    )


def _least_rate(
    p: Array, s: Array, distortion: Array, near: Array, cap: Array, laws: int = 801
) -> Array:
    """Search all couplings: output laws on a grid, both signs of the tilt, its size by halving."""
    p, s, distortion, near, cap = (v[:, None] for v in (p, s, distortion, near, cap))
    q = np.clip(p + near * np.linspace(-1.0, 1.0, laws), 1e-9, 1.0 - 1e-9)
    best = np.full(p.shape, np.inf)
    for sign in (1.0, -1.0):
        other = p if sign < 0 else 1.0 - p
        end = np.minimum(q / (1.0 - other), (1.0 - q) / other)

        def loss(e: Array, sign: float = sign) -> Array:
            shift = sign * p * (1.0 - p) * e
            given = [np.clip(v, 0.0, 1.0) for v in (p - shift / (1.0 - q), p + shift / q)]
            dull, sharp = (h_b(v + s - 2.0 * v * s) for v in given)
            return (1.0 - q) * dull + q * sharp

        low, high = np.zeros_like(q), end
        for _ in range(40):
            middle = 0.5 * (low + high)
            meets = loss(middle) <= cap
            low, high = np.where(meets, low, middle), np.where(meets, middle, high)
        size = np.where(loss(np.zeros_like(q)) <= cap, 0.0, high)
        needed = (p + q - 2.0 * p * q - distortion) / (2.0 * p * (1.0 - p))
        possible = loss(end) <= cap + 1e-12
        if sign > 0:
            size = np.maximum(size, needed)
            possible &= size <= end + 1e-12
        else:
            possible &= -size >= needed - 1e-12
        shift = sign * p * (1.0 - p) * np.minimum(size, end)
        product = [(1 - p) * (1 - q), (1 - p) * q, p * (1 - q), p * q]
        cells = [m + d for m, d in zip(product, (shift, -shift, -shift, shift))]
        bits = sum(rel_entr(np.maximum(c, 0.0), m) for c, m in zip(cells, product)) / LN2
        found = np.where(possible, bits, np.inf).min(axis=1, keepdims=True)
        best = np.minimum(best, found)
    return best[:, 0]


def _all_sweep(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    p, s = rng.uniform(0.03, 0.97, n), rng.uniform(0.0, 1.0, n)
    s = np.where(np.abs(1.0 - 2.0 * s) > 0.05, s, 0.2)
    distortion, near = rng.uniform(0.0, 0.7, n), rng.exponential(0.1, n)
    # Most C are possible; one in sixteen is below what the noise of the label leaves.
    cap = np.maximum(h_b(s) + (1.0 - h_b(s)) * (rng.random(n) * 1.07 - 0.07), 0.0)
    errors = []
    for rows in np.array_split(np.arange(n), max(1, n // 100)):
        known = (p[rows], s[rows], distortion[rows], near[rows], cap[rows])
        bounds = dict(zip(("distortion", "perception", "class_bits"), known[2:], strict=True))
        found, searched = subject.theory.bernoulli_all(*known[:2], **bounds), _least_rate(*known)
        same = np.isfinite(searched) == found.feasible
        gap = np.where(found.feasible, searched, 0.0) - np.where(found.feasible, found.value, 0.0)
        errors.append(np.where(same, gap, 9.0))
    return CheckResult.of(
        np.concatenate(errors), tolerance=1e-3, detail="801 output laws each, both signs"
    )


def _all_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Rational posteriors, thirty digits: held where they sum to less than one, else free."""
    sym, rows = subject.symbolic, []
    order = (sym.p, sym.q, sym.s, sym.e)
    told, loss = thirty_digits(order, sym.information()), thirty_digits(order, sym.class_loss())
    both = thirty_digits(order, sum(sym.posteriors()))
    for _ in range(n):
        with mpmath.workdps(30):
            p = mpmath.mpf(int(rng.integers(5, 50))) / 101
            law = p * int(rng.integers(1, 97)) / 97
            noise = mpmath.mpf(int(rng.integers(0, 40)) + 0.5) / 101
            tilt = law / p * int(rng.integers(5, 97)) / 97
            at = (p, law, noise, tilt)
            rows.append([float(v) for v in (p, law, noise, told(*at), loss(*at), both(*at))])
    p, law, noise, told, loss, both = np.array(rows).T
    call, errors = subject.theory.bernoulli_all, []
    held = both < 1.0
    for coin, sign in ((p, 1), (1.0 - p, -1)):
        found = call(coin, noise, distortion=np.inf, perception=p - law, class_bits=loss)
        errors.append(np.where(held, found.value - told, np.maximum(found.value - told, 0.0)))
        errors.append(np.where(held, np.abs(found.q_y - coin) - (p - law), 0.0))
        errors.append((found.held != held) * 1.0 * (np.abs(both - 1.0) > 1e-6))
        errors.append(np.maximum(sign * (found.q_y - coin), 0.0))
        # The free one has the output law of the backward channel: E X is p.
        wide = call(coin, noise, distortion=0.5 * p, perception=1.0, class_bits=1.0)
        errors.append(np.abs(wide.q_y - coin) - (p - 0.5 * p / (1.0 - p)))
    return CheckResult.of(errors, tolerance=1e-8, detail="thirty digits")


def _all_larger(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The larger of R(D, P) and R(P, C), neither of which knows the other's bound."""
    p, s = rng.uniform(0.03, 0.97, n), rng.uniform(0.0, 0.45, n)
    distortion, near = rng.uniform(0.0, 0.7, n), rng.exponential(0.1, n)
    cap = h_b(s) + (1.0 - h_b(s)) * rng.random(n)
    # A fair bit of which nothing is asked stands on an edge that random numbers miss.
    fair = rng.random(n) < 0.1
    p, distortion, cap = (np.where(fair, at, v) for at, v in ((0.5, p), (0.6, distortion), (1.0, cap)))
    near = np.where(rng.random(n) < 0.05, np.minimum(p, 1.0 - p), near)
    call = subject.theory.bernoulli_all
    found = call(p, s, distortion=distortion, perception=near, class_bits=cap)
    every, away = found.value, np.maximum(np.abs(found.q_y - p) - near, 0.0)
    label = call(p, s, distortion=np.inf, perception=near, class_bits=cap).value
    picture = call(p, s, distortion=distortion, perception=near, class_bits=np.inf).value
    return CheckResult.of(
        [
            every - np.maximum(label, picture),
            picture - bernoulli_perception(p, distortion, near),
            away,
        ],
        tolerance=1e-6,
    )


def _all_identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At fixed loss the rate falls with q up to the backward channel, and rises beyond it."""
    sym = subject.symbolic
    ratio = sym.curvature_ratio()
    numbers = [
        sp.simplify(ratio - (1 - sym.k * sym.v) / (1 - sym.v)),
        sp.simplify(sp.diff(ratio, sym.v) * (1 - sym.v) ** 2 - (1 - sym.k)),
        sp.simplify(sym.price_of_law() - (sym.phi1 - sym.phi0 - sym.mu * (sym.t1 - sym.t0))),
    ]
    errors = [0.0 if number == 0 else 1.0 for number in numbers]
    order = (sym.p, sym.q, sym.s, sym.e)
    slope = sp.lambdify(order, sym.slope_at_fixed_loss(), "mpmath")
    both = sp.lambdify(order, sum(sym.posteriors()), "mpmath")
    for _ in range(n):
        with mpmath.workdps(40):
            p = mpmath.mpf(int(rng.integers(5, 50))) / 101
            law = p * int(rng.integers(1, 97)) / 97
            at = (p, law, mpmath.mpf(int(rng.integers(1, 45))) / 101)
            # The backward channel, whose posteriors sum to one, and a tilt on either side of it.
            tilt = law / p * int(rng.integers(5, 97)) / 97
            balanced = (1 - 2 * p) / (p * (1 - p) * (1 / law - 1 / (1 - law)))
            rises = slope(*at, tilt) * (1 - both(*at, tilt))
            errors.append(0.0 if rises > 0 else 1.0)
            if balanced < law / p:
                errors.append(float(abs(slope(*at, balanced))))
    return CheckResult.of(errors, tolerance=1e-25, detail="40 digits")


register(
    Claim(
        id="prop-bernoulli-rdpc",
        title="R(D, P, C) of a bit in one domain",
        source="defined by ywang2024; closed form and proof here",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"R(D,P,C) = H_b(p) - H_b(m)\ \text{for}\ m = \min\{D,a,p\} \le \frac{P}{1-2(p-P)},"
            r"\quad \min I(X;Y)|_{q=p-P,\ D,\ C}\ \text{otherwise}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "both branches and the output law", _all_points),
            Check("property", "no random channel beats it", _all_channels),
            Check("property", "the larger of two rates", _all_larger),
            Check(
                "independent solver", "search over all couplings", _all_sweep,
                smoke=40, quick=200, full=5000,
            ),
            Check(
                "symbolic identity", "the rate rises with q beyond the backward channel",
                _all_identities, smoke=20, quick=50, full=500,
            ),
        ),
        mutants=(
            Mutant(
                "pushed the other way", THEORY, "p - np.minimum(near, p)",
                "p + np.minimum(near, p)",
            ),
            Mutant(
                "threshold without the denominator", THEORY, "near * (1.0 - 2.0 * crossover)",
                "near",
            ),
            Mutant(
                "perception forgotten", THEORY, "value=np.where(held, value, without)",
                "value=without",
            ),
            Mutant(
                "the distortion forgotten where held", THEORY,
                "distortion=bound, class_bits=cap).value", "distortion=np.inf, class_bits=cap).value",
            ),
            Mutant("always held", THEORY, "feasible & ~free &", "feasible &"),
            Mutant(
                "the label forgotten where held", THEORY, "distortion=bound, class_bits=cap).value",
                "distortion=bound, class_bits=np.inf).value",
            ),
            Mutant("not flipped back", THEORY, "np.where(flip, 1.0 - q, q)", "q"),
            Mutant(
                "forward channel", THEORY, "(p - crossover) / spread", "(p + crossover) / spread",
            ),
            Mutant(
                "a fair bit becomes constant", THEORY, "(p - crossover) / spread, 0.5)",
                "(p - crossover) / spread, 0.0)",
            ),
            Mutant("derivation: posteriors swapped", SYMBOLIC, "p + shift / q", "p - shift / q"),
            Mutant(
                "derivation: noise forgotten", SYMBOLIC, "return x + s - 2 * x * s",
                "return x",
            ),
        ),
        mutant_instances=60,
    )
)
