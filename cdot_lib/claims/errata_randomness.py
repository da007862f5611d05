"""Erratum E8: a prescribed output law has its price in rate where nothing is shared.

After Theorem 3 the source paper remarks that mappings may be randomised "without rate penalty".
So they may, with common randomness. The checks show what the same mapping costs without: an
instance solved both ways, the price of the two closed cases, and that no code pays nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp

from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import erratum
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic.entropy import Hb

__all__: list[str] = []

THEORY = "cdot_lib.theory.output_constrained"
LETTER = "cdot_lib.theory.single_letter"
SOLVER = "cdot_lib.solvers.output_constrained"
SYMBOLIC = "cdot_lib.symbolic.randomness"

#: The instance of the chapter: its coins, its rate, and the distortions with and without U.
_COINS, _RATE, _WITH, _WITHOUT = BernoulliProblem(0.3, 0.25, 0.2), 0.4, 0.10393, 0.17262


def _instance(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The two quoted distortions, and the certificate of the greater one."""
    with_u = subject.letter.distortion(_COINS, rate_bits=_RATE, class_bits=np.inf).value
    without = subject.solver.solve(_COINS.finite(), rate_bits=_RATE)
    quoted = ((with_u, _WITH), (without.value, _WITHOUT), (without.dual_bound, _WITHOUT))
    errors = [abs(float(seen) - number) * 1e5 for seen, number in quoted]
    return CheckResult.of(errors, tolerance=0.5, detail="in units of the last digit quoted")


@lru_cache(maxsize=500)
def _transport_bits(p: float, q: float) -> float:
    """I(X;Y) of the optimal transport plan of two coins, where neither curve falls further."""
    # The plan moves |p - q| and leaves the rest in place.
    both = min(p, q)
    cells = np.array([[1.0 - max(p, q), q - both], [p - both, both]])
    product = np.outer([1.0 - p, p], [1.0 - q, q])
    return float(
        np.sum(cells * np.log2(np.where(cells > 0, cells, 1.0) / product), where=cells > 0)
    )


def _never_free(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No code without common randomness reaches what I(X;Y) <= R promises, by a lower bound."""
    wrong, worst = [], 0.0
    for p, q in rng.uniform(0.1, 0.5, (n, 2)):
        coins = BernoulliProblem(p, q, 0.5)
        rate = rng.uniform(0.2, 0.8) * _transport_bits(p, q)
        found = subject.solver.solve(coins.finite(), rate_bits=rate)
        free = float(subject.letter.distortion(coins, rate_bits=rate, class_bits=np.inf).value)
        wrong.append(not found.dual_bound > free + 1e-4)
        worst = max(worst, found.dual_bound / free)
    return CheckResult.of(wrong, tolerance=0, detail=f"up to {worst:.1f} times the distortion")


def _identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both prices by algebra: two channels in a row make the coupling; the price is bounded."""
    sym = subject.symbolic
    rho, a = sym.rho, sym.a
    rate = -sp.log(1 - rho**2, 2) / 2
    private = sym.rate_private_gaussian().rewrite(sp.log)
    price = sym.price_gaussian().rewrite(sp.log)
    once = sym.flip_private()
    failures = [
        sp.simplify(1 - 2 ** (-2 * private) - rho) != 0,
        sp.simplify(2 ** (2 * (private - rate - price)) - 1) != 0,
        sp.simplify(price.subs(rho, 1) - sp.Rational(1, 2)) != 0,
        not sp.diff(price, rho).is_positive,
        sp.simplify(2 * once * (1 - once) - a) != 0,
        # h_b rises on [0, 1/2], and one channel flips less often than two.
        not (once - a).subs(a, sp.Rational(1, 4)).evalf() < 0,
        sp.simplify(sym.price_bit() - Hb(a) + Hb(once)) != 0,
    ]
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail="seven identities")


def _price_buys(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The price, paid on top of R, buys back the distortion that R buys with common randomness."""
    sym = subject.symbolic
    bit, normal = (
        sp.lambdify(symbol, price.rewrite(sp.log), "numpy")
        for symbol, price in ((sym.a, sym.price_bit()), (sym.rho, sym.price_gaussian()))
    )
    rates = rng.uniform(0.01, 3.0, n)
    laws = dict(zip(("mean_x", "std_x", "mean_y", "std_y"), np.exp(rng.normal(size=(4, n)))))
    extra = normal(np.sqrt(1.0 - np.exp2(-2.0 * rates)))
    there = subject.theory.gaussian_common(**laws, rate_bits=rates)
    back = subject.theory.gaussian_private(**laws, rate_bits=rates + extra)
    # Close to 1/2 the flip moves as the root of a rounding.
    flips = rng.uniform(0.001, 0.49, n)
    paid = 1.0 - h_b(flips) + bit(flips)
    errors = [
        there - back,
        subject.theory.fair_bit_private(paid) - flips,
        subject.theory.fair_bit_common(1.0 - h_b(flips)) - flips,
    ]
    return CheckResult.of(errors, tolerance=1e-7, detail="Gaussians and fair bits")


def _digits(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The fair bit's price with thirty digits: positive, and below 0.2145 bit."""
    sym = subject.symbolic
    price = thirty_digits(sym.price_bit().rewrite(sp.log), (sym.a,))
    values = [float(price(sp.Rational(k, 2 * n + 2))) for k in range(1, n + 1)]
    wrong = [not 0.0 < value < 0.2145 for value in values]
    return CheckResult.of(wrong, tolerance=0, detail=f"largest {max(values):.4f} bit")


erratum(
    "erratum-e8",
    title='"Without rate penalty": with common randomness, and only then',
    source="nguyen2026, remark after Theorem 3; saldi2015",
    formula=("randomness-price-bit", "randomness-price-gaussian"),
    subject={"theory": THEORY, "letter": LETTER, "solver": SOLVER, "symbolic": SYMBOLIC},
    checks=(
        Check("instance", "p = 0.3, q = 0.25, R = 0.4, in units of the last digit", _instance),
        Check("symbolic identity", "both prices", _identities),
        Check(
            "rational points",
            "the price of a fair bit, thirty digits",
            _digits,
            smoke=20,
            quick=50,
            full=500,
        ),
        Check("property", "the price buys the distortion back", _price_buys),
        Check(
            "independent solver",
            "no code without common randomness is free",
            _never_free,
            smoke=2,
            quick=8,
            full=200,
        ),
    ),
    mutants=(
        Mutant(
            "the remark to the letter: making Y is free",
            SOLVER,
            "np.stack([_divergence(a, p), _divergence(b, q)])",
            "np.stack([_divergence(a, p), 0 * b])",
        ),
        Mutant("the remark for a fair bit", THEORY, "return 2.0 * a * (1.0 - a)", "return a"),
        Mutant(
            "the remark for Gaussians",
            THEORY,
            "return base + 2.0 * spread * lost\n",
            "return base + 2.0 * spread * lost / (1.0 + np.sqrt(1.0 - lost))\n",
        ),
        Mutant(
            "common randomness not used",
            LETTER,
            "tilt = np.where(agrees, most, oppose)",
            "tilt = np.where(agrees, 0.0, oppose)",
        ),
        Mutant(
            "derivation: one channel with the correlation of two",
            SYMBOLIC,
            "sp.Eq(1 - left, rho)",
            "sp.Eq(1 - left, rho**2)",
        ),
        Mutant("derivation: flips added", SYMBOLIC, "2 * once * (1 - once), a", "2 * once, a"),
    ),
    mutant_instances=3,
)
