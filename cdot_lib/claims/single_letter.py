"""Claim of the chapter ``single-letter``: Theorem 3 for one bit, closed to a root."""

from __future__ import annotations

import mpmath
import numpy as np
import ot
import sympy as sp
from numpy.typing import NDArray

from cdot_lib.claims.instances import draw, targets
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy, h_b, mutual_information
from cdot_lib.problems import BernoulliProblem

__all__: list[str] = []

CHAPTER = "single-letter"
THEORY = "cdot_lib.theory.single_letter"
SYMBOLIC = "cdot_lib.symbolic.single_letter"

#: Near independence the information is flat: the slack of 1e-12 bits, or the rounding of an
#: entropy, moves the tilt by its square root.
FLAT = 2e-6

Array = NDArray[np.float64]

#: What is wrong with these, every claim about the best coupling of two bits must see.
TILT_MUTANTS = (
    Mutant(
        "the largest tilt whatever the rate", THEORY,
        "tilt = np.where(agrees, most, oppose)", "tilt = np.where(agrees, high, oppose)",
    ),
    Mutant("information in nats", THEORY, "np.maximum(sum(terms), 0.0) / LN2", "sum(terms)"),
    Mutant(
        "opposing coupling forgotten", THEORY,
        "return _result(p, q, value, agrees | opposes,", "return _result(p, q, value, agrees,",
    ),
)


def _account(problem: BernoulliProblem, joint: Array) -> dict[str, Array]:
    """Count a coupling from its joint law."""
    noise = np.asarray(problem.q_s1)[..., None, None]
    label = (1.0 - noise) * joint + noise * joint[..., ::-1, :]
    return {
        "distortion": joint[..., 0, 1] + joint[..., 1, 0],
        "rate": mutual_information(joint),
        "class": conditional_entropy(label),
    }


def _grid(problem: BernoulliProblem, points: int) -> Array:
    """Return couplings over the whole range, dense towards both ends and at independence."""
    p, q = (np.asarray(v)[..., None] for v in (problem.q_x, problem.q_y))
    low, high = np.maximum(p + q - 1.0, 0.0), np.minimum(p, q)
    steps = (1.0 - np.cos(np.linspace(0.0, np.pi, points))) / 2.0
    both = np.concatenate([low + (p * q - low) * steps, p * q + (high - p * q) * steps], axis=-1)
    cells = [1.0 - p - q + both, q - both, p - both, both]
    return np.stack(cells, axis=-1).reshape(*both.shape, 2, 2).clip(0.0, 1.0)


def _bounds(function: str, n: int, rng: np.random.Generator):
    problem, rates, losses = draw(rng, n)
    bound = rates if function == "distortion" else targets(problem, rng)
    return problem, bound, losses, {"distortion": "rate", "rate": "distortion"}[function]


def _ask(subject: Subject, function: str, problem, bound: Array, losses: Array):
    name = {"distortion": "rate_bits", "rate": "distortion"}[function]
    return getattr(subject.theory, function)(problem, **{name: bound}, class_bits=losses)


def _grid_never_beats(function: str):
    """No coupling of a grid that meets the bounds does better, and none meets what is infeasible."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, bound, losses, cap = _bounds(function, n, rng)
        found = _ask(subject, function, problem, bound, losses)
        tall = BernoulliProblem(*(v[:, None] for v in (problem.q_x, problem.q_y, problem.q_s1)))
        seen = _account(tall, _grid(problem, 400))
        meets = (seen[cap] <= bound[:, None]) & (seen["class"] <= losses[:, None])
        best = np.min(seen[function], axis=-1, where=meets, initial=np.inf)
        claimed = np.where(found.feasible, found.value, 9.0)
        lead = np.where(np.isfinite(best), np.maximum(claimed - best, 0.0), 0.0)
        return CheckResult.of(lead, tolerance=FLAT, detail="800 couplings each")

    return run


def _attained(function: str):
    """The coupling that comes with a value has the marginals, meets the bounds and attains it."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, bound, losses, cap = _bounds(function, n, rng)
        found = _ask(subject, function, problem, bound, losses)
        ok = found.feasible
        seen = _account(problem, np.where(ok[:, None, None], found.joint, 0.25))
        marginals = np.abs(found.joint.sum(axis=1)[:, 1] - problem.q_y)
        marginals += np.abs(found.joint.sum(axis=2)[:, 1] - problem.q_x)
        errors = [
            np.abs(seen[function] - np.where(ok, found.value, seen[function])),
            np.maximum(seen[cap] - bound, 0.0),
            np.maximum(seen["class"] - losses, 0.0),
            marginals,
        ]
        return CheckResult.of(
            np.where(ok, np.max(errors, axis=0), 0.0), tolerance=1e-9, detail=f"{ok.sum()} feasible"
        )

    return run


def _inverse(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """R(D(R, C), C) is R, or less where a bound was slack; and D(R(D, C), C) is D, or less."""
    problem, rates, losses = draw(rng, n)
    there = subject.theory.distortion(problem, rate_bits=rates, class_bits=losses)
    back = subject.theory.rate(
        problem, distortion=np.where(there.feasible, there.value + 1e-10, 0.0), class_bits=losses
    )
    excess = np.where(there.feasible, np.maximum(back.value - rates, 0.0), 0.0)
    tight = there.feasible & (there.active == "rate")
    short = np.where(tight, np.abs(back.value - rates), 0.0)
    return CheckResult.of(np.maximum(excess, short), tolerance=1e-7)


def _gate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Ask for a millionth less class loss than the best coupling for the rate has, or more."""
    problem, rates, _ = draw(rng, n)
    free = subject.theory.distortion(problem, rate_bits=rates, class_bits=np.inf)
    loss = _account(problem, free.joint)["class"]
    above, below = (
        subject.theory.distortion(
            problem, rate_bits=rates, class_bits=np.maximum(loss + step, 0.0)
        )
        for step in (1e-6, -1e-6)
    )
    pure = loss > 1e-6
    errors = [
        np.where(above.feasible, np.abs(above.value - free.value), 1.0),
        # With less, an opposing coupling is left, or none.
        np.where(pure & below.feasible & (below.tilt > 0), 1.0, 0.0),
    ]
    return CheckResult.of(np.concatenate(errors), tolerance=1e-9, detail="either side of the gate")


def _sinkhorn(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Entropic transport at a random regularisation: its cost is D at its own information."""
    problem, _, _ = draw(rng, n)
    plans = np.array(
        [
            ot.sinkhorn(
                [1 - p, p], [1 - q, q], [[0.0, 1.0], [1.0, 0.0]], reg=rng.uniform(0.15, 3.0),
                method="sinkhorn_log", stopThr=1e-13, numItermax=100_000,
            )
            for p, q in zip(problem.q_x, problem.q_y)
        ]
    )
    seen = _account(problem, plans)
    found = subject.theory.distortion(problem, rate_bits=seen["rate"], class_bits=np.inf)
    return CheckResult.of(
        found.value - seen["distortion"], tolerance=1e-7, detail="Sinkhorn's marginals, to 1e-13"
    )


def _thirty_digits(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At rational coins and odds: tilt by the quadratic, its information with thirty digits."""
    sym, rows = subject.symbolic, []
    order = (sym.p, sym.q, sym.s, sym.e)
    tilt = sp.lambdify((sym.p, sym.q, sym.THETA), sym.tilt_of_odds(), "mpmath")
    numbers = [
        sp.lambdify(order, expr, "mpmath")
        for expr in (sym.information(), sym.label_information(), sym.distortion())
    ]
    for _ in range(n):
        with mpmath.workdps(30):
            p, q, s = (mpmath.mpf(int(rng.integers(1, 100))) / 101 for _ in range(3))
            e = tilt(p, q, mpmath.mpf(int(rng.integers(20, 400))) / 16)
            rows.append([float(v) for v in (p, q, s, e, *(f(p, q, s, e) for f in numbers))])
    p, q, s, e, bits, told, cost = np.array(rows).T
    coins = BernoulliProblem(p, q, s)
    by_rate = subject.theory.distortion(coins, rate_bits=bits, class_bits=np.inf)
    loss = np.maximum(h_b(coins.q_s) - told, 0.0)
    by_label = subject.theory.rate(coins, distortion=np.inf, class_bits=loss)
    errors = [
        by_rate.value - cost,
        # The other sign of the tilt may tell the label more cheaply.
        np.maximum(by_label.value - bits, 0.0),
        subject.theory.information_of_tilt(coins, e) - bits,
    ]
    return CheckResult.of(errors, tolerance=1e-9, detail="thirty digits")


def _identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Slope, curvature, the label's cells, and stationarity as an odds ratio."""
    sym = subject.symbolic
    c, e, p = sym.cells(), sym.e, sym.p
    natural = sym.slope() * sp.log(2)
    stationary = sp.diff(sym.distortion(), e) / sym.EPS + natural
    odds = sp.log(sym.odds_equation().lhs / sym.odds_equation().rhs)
    label = sym.label_cells() - sym._moved(sym.r, sym.q, (1 - 2 * sym.s) * p * (1 - p) * e)
    quadratic = c[0, 0] * c[1, 1] - sym.THETA * c[0, 1] * c[1, 0]
    at = {p: sp.Rational(3, 10), sym.q: sp.Rational(1, 4), e: sp.Rational(1, 3)}
    failures = [
        sp.cancel(sp.together(sp.diff(sym.slope(), e) - sym.curvature())) != 0,
        # Products inside logarithms: equal at a point, with derivatives equal everywhere.
        abs((sp.diff(sym.information(), e) - sym.slope()).subs(at).evalf(30)) > 1e-25,
        sp.cancel(sp.together(sp.diff(sym.information(), e, 2) - sym.curvature())) != 0,
        sp.expand(c[0, 1] + c[1, 0] - sym.distortion()) != 0,
        sp.expand(sp.expand_log(stationary - p * (1 - p) * odds, force=True)) != 0,
        label.applyfunc(sp.expand) != sp.zeros(2),
        sp.expand(sp.together(quadratic.subs(e, sym.tilt_of_odds())).as_numer_denom()[0]) != 0,
        sp.simplify(sym.information().subs(e, 0)) != 0,
    ]
    return CheckResult.of([bool(f) for f in failures], tolerance=0, detail="eight identities")


register(
    Claim(
        id="thm-single-letter",
        title="The single-letter problem of one bit",
        source="nguyen2026, Theorem 3; closed here",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D_\star(R,C) = D_{\mathrm{ind}} - 2p(1-p)\,e^\star,\quad e^\star = \max\{e : I(e) \le R,"
            r"\ H(S|Y)(e) \le C\},\quad \frac{dI}{de} = p(1-p) \log_2 \frac{P_{00} P_{11}}{P_{01} P_{10}}"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "rational points", "tilt by the quadratic, thirty digits", _thirty_digits,
                smoke=20, quick=100, full=5000,
            ),
            Check("property", "no coupling of a grid beats D", _grid_never_beats("distortion")),
            Check("property", "no coupling of a grid beats R", _grid_never_beats("rate")),
            Check("property", "the coupling attains D", _attained("distortion")),
            Check("property", "the coupling attains R", _attained("rate")),
            Check("property", "R(D) inverts D(R)", _inverse),
            Check("limit", "either side of the class bound's gate", _gate),
            Check(
                "independent solver", "Sinkhorn's plan costs D at its own information", _sinkhorn,
                smoke=20, quick=40, full=1000,
            ),
        ),
        mutants=(
            *TILT_MUTANTS,
            Mutant(
                "class bound a little too lenient", THEORY,
                "agrees, opposes = agree <= most + SLACK", "agrees, opposes = agree <= most + 1e-3",
            ),
            Mutant(
                "label noise enters once", THEORY, "(1.0 - 2.0 * s) * p", "(1.0 - s) * p"
            ),
            Mutant(
                "anti-correlated coupling beyond the rate", THEORY,
                "oppose >= least - SLACK", "oppose >= low - SLACK",
            ),
            Mutant(
                "distortion's price halved", THEORY,
                "- bound) / (2.0 * p", "- bound) / (p",
            ),
            Mutant(
                "class constraint forgotten in R", THEORY,
                "agree = np.maximum(agree, np.maximum(needed, 0.0))",
                "agree = np.maximum(needed, 0.0)",
            ),
            Mutant(
                "always correlated in R", THEORY, "flipped = against < bits", "flipped = against < 0",
            ),
            Mutant(
                "other root of the quadratic", SYMBOLIC, "(-one + sp.sqrt", "(-one - sp.sqrt"
            ),
        ),
        mutant_instances=150,
    )
)


register(
    Claim(
        id="lem-entropic-transport",
        title="Transport with I(X;Y) bounded is entropic transport",
        source="cuturi2013; for one bit, this book",
        status="checked symbolically",
        chapter=CHAPTER,
        statement=lambda: (
            r"\frac{d^2 I}{de^2} = \frac{p^2(1-p)^2}{\ln 2} \sum_{x,y} \frac{1}{P_{xy}} > 0,\quad "
            r"\frac{d}{de}\bigl(E\,d + \varepsilon I \ln 2\bigr) = 0 \iff "
            r"\frac{P_{00} P_{11}}{P_{01} P_{10}} = e^{2/\varepsilon}"
        ),
        subject={"symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "slope, curvature, label, odds ratio", _identities),
        ),
        mutants=(
            Mutant("odds ratio of one cost", SYMBOLIC, "sp.exp(2 / EPS)", "sp.exp(1 / EPS)"),
            Mutant(
                "derivation: slope upside down", SYMBOLIC,
                "return p * (1 - p) * sp.log(c[0, 0] * c[1, 1] / (c[0, 1] * c[1, 0]), 2)",
                "return p * (1 - p) * sp.log((c[0, 1] * c[1, 0]) / (c[0, 0] * c[1, 1]), 2)",
            ),
            Mutant(
                "the label's channel without noise", SYMBOLIC, "[[1 - s, s], [s, 1 - s]]",
                "[[1, 0], [0, 1]]",
            ),
        ),
        mutant_instances=1,
    )
)
