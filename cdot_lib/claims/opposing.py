"""Claim of the chapter ``classification-loss``: a bit that opposes its source can tell more."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy
from cdot_lib.problems import BernoulliProblem
from cdot_lib.solvers.one_shot import solve

__all__: list[str] = []

THEORY = "cdot_lib.theory.opposing"
BERNOULLI = "cdot_lib.theory.bernoulli"
SYMBOLIC = "cdot_lib.symbolic.class_loss"

Array = NDArray[np.float64]


def counted_loss(p: float, q: float, s: float, tilt: float) -> float:
    """Return H(S|Y) from the joint law: P(X=1, Y=1) = pq + p(1-p) tilt, S = X xor S1."""
    both = p * q + p * (1 - p) * tilt
    joint = np.array([[1 - p - q + both, q - both], [p - both, both]]).clip(0.0, 1.0)
    return float(conditional_entropy((1 - s) * joint + s * joint[::-1]))


def _coins(rng: np.random.Generator, n: int) -> Array:
    return rng.uniform(0.01, 0.49, (n, 3))


def _always(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At the same |tilt| opposing has the lower loss, counted; and the theory agrees on both."""
    wrong, errors = [], []
    for p, q, s in _coins(rng, n):
        coin = BernoulliProblem(p, q, s)
        tilt = rng.uniform(0.05, 1.0) * float(subject.opposing.opposing_limit(coin))
        agree, oppose = (counted_loss(p, q, s, sign * tilt) for sign in (1, -1))
        # Near coins of 1/2 the two differ by less than rounding.
        wrong.append(max(0.0, oppose - agree))
        both = subject.bernoulli.class_bits_given_y(coin, tilt=[tilt, -tilt])
        errors += [both[0] - agree, both[1] - oppose]
    return CheckResult.of(wrong + errors, tolerance=1e-12, detail="joint laws of two bits, counted")


def _threshold(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The turnover where both signs tell the same, against bisection on counted losses."""
    errors = []
    for p, q, s in _coins(rng, n):
        found = float(subject.opposing.opposing_turnover(BernoulliProblem(p, q, s)))
        limit, top = q / (1 - p), min(q / p, (1 - q) / (1 - p))
        target = counted_loss(p, q, s, -limit)
        root = brentq(
            lambda e, p=p, q=q, s=s, target=target: counted_loss(p, q, s, e) - target,
            limit,
            top,
            xtol=1e-14,
        )
        # Where the loss is nearly flat, rounding of 1e-15 bits moves the root by more.
        slope = (counted_loss(p, q, s, root - 1e-4) - target) / 1e-4
        errors.append(min(abs(root - found), abs(root - found) * max(slope, 0.0) * 1e3))
        errors.append(max(0.0, limit - found) + max(0.0, found - top))
    return CheckResult.of(errors, tolerance=1e-8, detail="brentq; errors in bits where it is flat")


def _reachable(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The tilts at rate R are what mixtures of the four maps reach: linear program, both ends."""
    errors = []
    for p, q, s in _coins(rng, n):
        share = rng.uniform(0.05, 1.0)
        coin = BernoulliProblem(p, q, s)
        rate = share * float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))
        finite = coin.finite()
        near = solve(finite, rate_bits=rate).value
        far = solve(
            type(finite)(finite.p_x, finite.p_y, finite.p_s_given_x, -finite.cost),
            rate_bits=rate,
        )
        most = (coin.d_ind - near) / (2 * p * (1 - p))
        least = (coin.d_ind + far.value) / (2 * p * (1 - p))
        errors.append(most - min(share, q / p, (1 - q) / (1 - p)))
        errors.append(least + min(share, float(subject.opposing.opposing_limit(coin))))
    return CheckResult.of(errors, tolerance=1e-5, detail="HiGHS, divided by 2p(1-p)")


def _series(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Both signs as SymPy has them, the leading term, its sign, and the mean of q/(1-p)."""
    sym = subject.symbolic
    term = sym.third_order()
    sign = sp.lambdify((sym.q, sym.r, sym.delta, sym.e), term)
    below, above = rng.uniform(0.01, 0.49, (2, max(n, 10), 2))
    tiny = sp.Rational(1, 10**8)
    ratios = []
    for q, r in (
        (sp.Rational(1, 3), sp.Rational(1, 5)),
        (sp.Rational(2, 7), sp.Rational(3, 8)),
    ):
        at = {sym.q: q, sym.r: r, sym.delta: 1, sym.e: tiny}
        exact = sym.opposing_advantage().rewrite(sp.log).subs(at).evalf(40)
        ratios.append(float(exact / term.subs(at).evalf(40)) - 1)
    formula = sp.lambdify(
        (sym.q, sym.r, sym.delta, sym.e), sym.opposing_advantage().rewrite(sp.log)
    )
    for p, q, s in _coins(rng, 10):
        tilt = 0.9 * q / (1 - p)
        gap = counted_loss(p, q, s, tilt) - counted_loss(p, q, s, -tilt)
        ratios.append(formula(q, p + s - 2 * p * s, (1 - 2 * s) * p * (1 - p), tilt) - gap)
    share, _ = quad(lambda p: 0.5 / (1 - p), 0, 0.5)
    wrong = [
        not all(sign(q, r, 1.0, 1.0) > 0 for q, r in below),
        not all(sign(q, 1 - r, 1.0, 1.0) < 0 for q, r in above),
        abs(float(sym.opposing_share()) - share) > 1e-12,
        sp.simplify(sym.opposing_share() - sp.log(2) / 2) != 0,
    ]
    return CheckResult.of(np.append(wrong, ratios), tolerance=1e-6, detail="order e^3; e = 1e-8")


def _share(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Two ways to the share of opposing problems: mean threshold, and counting rates.

    Coins and turnover are uniform on (0, 1/2)^3 and (0, 1). The errors are in standard errors.
    """
    coins = rng.uniform(0.0, 0.5, (40 * n, 3))
    problem = BernoulliProblem(*coins.T)
    thresholds = subject.opposing.opposing_turnover(problem)
    turnover = rng.uniform(0.0, 1.0, len(coins))
    p, q = problem.q_x, problem.q_y
    ends = np.stack(
        [
            np.minimum(turnover, np.minimum(q / p, (1 - q) / (1 - p))),
            -np.minimum(turnover, q / (1 - p)),
        ]
    )
    agree, oppose = subject.bernoulli.class_bits_given_y(problem, tilt=ends)
    won = oppose < agree
    spread = np.sqrt((thresholds.var() + won.var()) / len(coins))
    wide = thresholds.std() / np.sqrt(len(coins))
    floor = thresholds.mean() - float(subject.symbolic.opposing_share())
    return CheckResult.of(
        [
            (won.mean() - thresholds.mean()) / spread,
            max(0.0, -floor / wide),
        ],
        tolerance=5.0,
        detail=f"share {thresholds.mean():.4f} ± {1.96 * wide:.4f}",
    )


register(
    Claim(
        id="prop-anticorrelated",
        title="Where the rate binds, a bit that opposes its source has the lower class loss",
        source="this book",
        status="proved in text",
        chapter="classification-loss",
        statement=lambda: (
            r"h(-e) < h(e) \;\text{ for } 0 < e \le \tfrac{q}{1-p},\; p, q, s < \tfrac12"
        ),
        subject={"opposing": THEORY, "bernoulli": BERNOULLI, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "both signs, losses counted", _always, quick=300),
            Check(
                "independent solver",
                "where the signs change places",
                _threshold,
                quick=60,
            ),
            Check(
                "independent solver",
                "tilts that a rate allows, by linear program",
                _reachable,
                smoke=10,
                quick=20,
                full=2000,
            ),
            Check(
                "symbolic identity",
                "leading term, and the integral ln2 / 2",
                _series,
                smoke=10,
                quick=100,
            ),
            Check("property", "share of opposing problems, two ways, in standard errors", _share),
        ),
        mutants=(
            Mutant(
                "limit of the agreeing coupling",
                THEORY,
                "return q / (1.0 - p)\n",
                "return q / p\n",
            ),
            Mutant(
                "threshold sought for the agreeing sign",
                THEORY,
                "target = class_bits_given_y(problem, tilt=-limit)",
                "target = class_bits_given_y(problem, tilt=limit)",
            ),
            Mutant(
                "threshold from the limit of the other marginal",
                THEORY,
                "    limit = q / (1.0 - p)\n    target",
                "    limit = q * (1.0 - p)\n    target",
            ),
            Mutant(
                "the agreeing side ends at q / p",
                THEORY,
                "top = np.minimum(q / p, (1.0 - q) / (1.0 - p))",
                "top = q / p",
            ),
            Mutant(
                "signs of the two outputs alike",
                SYMBOLIC,
                "Hb(r - delta * tilt / (1 - q))",
                "Hb(r + delta * tilt / (1 - q))",
            ),
            Mutant(
                "mean of q (1 - p)",
                SYMBOLIC,
                "4 * q / (1 - p), (q",
                "4 * q * (1 - p), (q",
            ),
            Mutant(
                "label noise forgotten",
                BERNOULLI,
                "q * h_b(_xor(x_given_1, s)) + (1.0 - q)",
                "q * h_b(x_given_1) + (1.0 - q)",
            ),
        ),
        mutant_instances=12,
    )
)
