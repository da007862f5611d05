"""Claims of the chapter ``bernoulli``: Theorem 2 corrected, its inverse, and its inverse.

The closed form is tested against things that do not know it: the linear program of
:mod:`cdot_lib.solvers`, random mixtures of maps counted from their definition, and the
SymPy derivation evaluated with thirty digits.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import sympy as sp

from cdot_lib.claims.instances import (
    LP_TOLERANCE,
    account,
    draw,
    lp,
    mixtures,
    scalars,
    scan,
    subset,
)
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic import formulas
from cdot_lib.symbolic.entropy import Hb

THEORY = "cdot_lib.theory.bernoulli"
SYMBOLIC = "cdot_lib.symbolic.bernoulli"
SOURCE = "nguyen2026, Theorem 2"

#: Closed form in float64 against thirty digits: a few hundred roundings, amplified by
#: at most 1/(Hb(r) - Hb(s)), which the rational points keep above 0.01.
FLOAT_TOLERANCE = 1e-11


# --- checks that both readings share ----------------------------------------------------------


def _against_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    problem, rates, losses = draw(rng, n)
    found = subject.bernoulli.distortion(problem, rate_bits=rates, class_bits=losses, given="yu")
    errors = []
    for i, row in enumerate(scalars(problem, rates, losses)):
        exact = lp(*row)
        if exact.feasible and found.feasible[i]:
            errors.append(abs(exact.value - found.value[i]))
        elif exact.feasible != found.feasible[i]:
            margin = abs(exact.class_bits_min - row[-1])
            errors.append(1.0 if margin > LP_TOLERANCE else 0.0)
        else:
            errors.append(0.0)
    return CheckResult.of(
        errors,
        tolerance=LP_TOLERANCE,
        detail=f"{int(found.feasible.sum())} feasible; a wrong feasibility counts as error 1",
    )


def _against_scan(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    problem, rates, losses = draw(rng, n)
    found = subject.bernoulli.distortion(problem, rate_bits=rates, class_bits=losses, given="y")
    errors = []
    for i, row in enumerate(scalars(problem, rates, losses)):
        value, margin = scan(*row)
        if np.isfinite(value) and found.feasible[i]:
            errors.append(abs(value - found.value[i]))
        elif np.isfinite(value) != found.feasible[i]:
            errors.append(1.0 if margin > 1e-5 else 0.0)
        else:
            errors.append(0.0)
    # A class loss met to 1e-9 bits moves the tilt by the inverse slope of H(S|Y).
    return CheckResult.of(errors, tolerance=2e-5, detail=f"{int(found.feasible.sum())} feasible")


def _never_beaten(given: str):
    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, weights = mixtures(rng, 300 * n)
        seen = account(problem, weights)
        found = subject.bernoulli.distortion(
            problem, rate_bits=seen["rate"], class_bits=seen["class_" + given], given=given
        )
        # A mixture is its own witness: feasible, and no better than the closed form.
        lead = np.where(found.feasible, found.value - seen["distortion"], 1.0)
        return CheckResult.of(np.maximum(lead, 0.0), tolerance=1e-7, detail="lead of a mixture")

    return run


def _attained(function: str, given: str):
    objective = {"distortion": "distortion", "rate": "rate"}[function]
    cap, argument = {"distortion": ("rate", "rate_bits"), "rate": ("distortion", "distortion")}[
        function
    ]

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        problem, rates, losses = draw(rng, 20 * n)
        targets = problem.d_min + rng.uniform(-0.02, 0.6, 20 * n).clip(0)
        bound = rates if cap == "rate" else targets
        found = getattr(subject.bernoulli, function)(
            problem, **{argument: bound}, class_bits=losses, given=given
        )
        ok = found.feasible
        weights, joint, q_y = found.weights[ok], found.joint[ok], problem.q_y[ok]
        seen = account(subset(problem, ok), weights)
        gaps = [
            np.abs(seen[objective] - found.value[ok]),
            np.maximum(seen[cap] - bound[ok], 0.0),
            np.maximum(seen["class_" + given] - losses[ok], 0.0),
            np.abs(seen["p_one"] - q_y),
            np.abs(seen["mass"] - 1.0),
            np.maximum(-weights.min(-1), 0.0),
            np.abs(joint[..., 1].sum(-1) - q_y),
            np.abs(joint[..., 0, 1] + joint[..., 1, 0] - seen["distortion"]),
        ]
        return CheckResult.of(np.max(gaps, axis=0), tolerance=1e-9, detail="over eight gaps")

    return run


def _relabelled(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    problem, rates, losses = draw(rng, 20 * n)
    swapped = BernoulliProblem(1 - problem.q_x, 1 - problem.q_y, 1 - problem.q_s1)
    errors = []
    for given in ("yu", "y"):
        bounds = {"rate_bits": rates, "class_bits": losses, "given": given}
        one = subject.bernoulli.distortion(problem, **bounds)
        two = subject.bernoulli.distortion(swapped, **bounds)
        both = one.feasible & two.feasible
        errors.append(np.abs(one.value[both] - two.value[both]))
    return CheckResult.of(np.concatenate(errors), tolerance=1e-7, detail="X, Y, S1 all flipped")


def _rational(rng: np.random.Generator, lo: int, hi: int, of: int) -> sp.Rational:
    return sp.Rational(int(rng.integers(lo, hi)), of)


def _rational_point(symbols, rng: np.random.Generator) -> dict[sp.Symbol, sp.Rational]:
    return {
        symbols.p: _rational(rng, 5, 50, 101),
        symbols.q: _rational(rng, 5, 97, 101),
        symbols.s: _rational(rng, 1, 45, 103),
        symbols.R: _rational(rng, 1, 100, 97),
        symbols.C: _rational(rng, 20, 99, 97),
        symbols.D: _rational(rng, 1, 60, 89),
        # |e| below 0.04 keeps every conditional law inside (0, 1) at these points.
        symbols.e: _rational(rng, -3, 4, 101),
    }


def _thirty_digits(expr: sp.Basic, symbols) -> Callable[[dict], mpmath.mpf | bool]:
    """Return a function of a rational point: substituting into nested Min and Max is slow."""
    order = (symbols.p, symbols.q, symbols.s, symbols.R, symbols.C, symbols.D, symbols.e)
    number = sp.lambdify(order, expr, modules=[{"Hb": _h_b_30}, "mpmath"])

    def evaluate(at: dict[sp.Symbol, sp.Rational]) -> mpmath.mpf | bool:
        with mpmath.workdps(30):
            return number(*(mpmath.mpf(at[v].p) / at[v].q for v in order))

    return evaluate


def _h_b_30(x: mpmath.mpf) -> mpmath.mpf:
    return -(x * mpmath.log(x, 2) + (1 - x) * mpmath.log(1 - x, 2))


def _symbolic_points(function: str):
    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym, errors = subject.symbolic, []
        exact = _thirty_digits(getattr(sym, f"{function}_yu")(), sym)
        feasible = _thirty_digits(sym.feasible_yu(), sym)
        for _ in range(n):
            at = _rational_point(sym, rng)
            problem = BernoulliProblem(*(float(at[v]) for v in (sym.p, sym.q, sym.s)))
            bound = (
                {"rate_bits": float(at[sym.R])}
                if function == "distortion"
                else {"distortion": float(at[sym.D])}
            )
            found = getattr(subject.bernoulli, function)(
                problem, **bound, class_bits=float(at[sym.C]), given="yu"
            )
            if function == "distortion" and feasible(at) != bool(found.feasible):
                errors.append(1.0)
            elif found.feasible:
                errors.append(abs(float(exact(at)) - float(found.value)))
        return CheckResult.of(errors, tolerance=FLOAT_TOLERANCE, detail="thirty digits, p < 1/2")

    return run


# --- symbolic proofs -----------------------------------------------------------------------


def _positive_below_half(expr: sp.Expr, p: sp.Symbol) -> bool:
    """Decide expr >= 0 on 0 < p < 1/2 by p = t/(1+2t), t > 0: all coefficients of one sign."""
    t = sp.Symbol("t", positive=True)
    numerator, denominator = sp.fraction(sp.together(expr.subs(p, t / (1 + 2 * t))))
    value = sp.cancel(numerator / denominator)
    return bool(value.is_nonnegative)


def _certified(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Each branch: the dual value is the branch, and no map has a negative reduced cost."""
    sym, failures = subject.symbolic, []
    turnover = {
        "rate": sym.R / Hb(sym.p),
        "floor_down": sp.S.Zero,
        "floor_up": sp.S.Zero,
        "class_not": -sym.turnover_of_class(),
    }
    for branch, proof in sym.certificates().items():
        dual = proof.alpha + proof.lam * sym.q - proof.price * turnover[branch]
        failures.append(sp.simplify(dual - sym.branches()[branch]) != 0)
        failures.append(not _positive_below_half(proof.price, sym.p))
        for cost in proof.reduced_costs.values():
            failures.append(not _positive_below_half(cost, sym.p))
    return CheckResult.of(failures, tolerance=0, detail="weak duality, term by term")


def _program_terms(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The program's coefficients are those counted from the joint law of S, X, Y."""
    sym, errors = subject.symbolic, []
    problem, _, _ = draw(rng, n)
    weights = rng.dirichlet(np.ones(4), n)
    seen = account(problem, weights)
    program = sym.linear_program()
    terms = {
        "distortion": program.objective,
        "rate": program.rate.lhs,
        "class_yu": program.class_loss.lhs,
        "p_one": program.marginal.lhs,
    }
    arguments = (problem.q_x, problem.q_s1, *weights.T)
    for name, expr in terms.items():
        number = sp.lambdify(
            (sym.p, sym.s, *sym.WEIGHTS), expr, modules=[{"Hb": h_b}, "numpy"], cse=True
        )
        errors.append(np.abs(number(*arguments) - seen[name]))
    return CheckResult.of(np.concatenate(errors), tolerance=1e-12, detail="four terms each")


def _loss_shape(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(S|Y): flat at tilt 0 by algebra, concave by the sign of its second derivative."""
    sym = subject.symbolic
    slope = sp.diff(sym.class_loss_y(), sym.e)
    bend = _thirty_digits(sp.diff(slope, sym.e), sym)
    failures = [sp.simplify(slope.subs(sym.e, 0)) != 0]
    failures += [not bend(_rational_point(sym, rng)) < 0 for _ in range(n)]
    return CheckResult.of(failures, tolerance=0, detail="one identity, then signs")


def _loss_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym, errors = subject.symbolic, []
    exact = _thirty_digits(sym.class_loss_y(), sym)
    for _ in range(n):
        at = _rational_point(sym, rng)
        problem = BernoulliProblem(*(float(at[v]) for v in (sym.p, sym.q, sym.s)))
        found = subject.bernoulli.class_bits_given_y(problem, tilt=float(at[sym.e]))
        errors.append(abs(float(exact(at)) - float(found)))
    return CheckResult.of(errors, tolerance=1e-13, detail="thirty digits")


# --- the rate function ------------------------------------------------------------------------


def _inverse_of_lp(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R(D,C) the LP meets D; just below it, it does not."""
    problem, _, losses = draw(rng, n)
    targets = problem.d_min + rng.uniform(-0.02, 0.6, n).clip(0)
    found = subject.bernoulli.rate(problem, distortion=targets, class_bits=losses, given="yu")
    # Far enough below that the class loss misses C by more than the LP's tolerance, also where
    # the label is nearly pure noise.
    gain = np.maximum(h_b(problem.q_s) - h_b(problem.q_s1), 1e-12)
    step = np.maximum(1e-4, LP_TOLERANCE / gain)
    errors = []
    for i, row in enumerate(scalars(problem, targets, losses)):
        *coins, target, loss = row
        if not found.feasible[i]:
            best = lp(*coins, np.inf, loss)
            errors.append(0.0 if best.value > target - LP_TOLERANCE else 1.0)
            continue
        errors.append(max(0.0, lp(*coins, float(found.value[i]), loss + 1e-9).value - target))
        below = float(found.value[i]) - step[i]
        if below > 0:
            errors.append(float(lp(*coins, below, loss).value <= target - LP_TOLERANCE))
    return CheckResult.of(errors, tolerance=LP_TOLERANCE, detail="met at R, missed just below")


def _rate_never_beaten(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for given in ("yu", "y"):
        problem, weights = mixtures(rng, 300 * n)
        seen = account(problem, weights)
        found = subject.bernoulli.rate(
            problem,
            distortion=seen["distortion"],
            class_bits=seen["class_" + given],
            given=given,
        )
        lead = np.where(found.feasible, found.value - seen["rate"], 1.0)
        errors.append(np.maximum(lead, 0.0))
    # Near tilt 0 the loss is flat: 1e-12 bits of slack are 1e-6 of tilt.
    return CheckResult.of(np.concatenate(errors), tolerance=1e-5, detail="lead of a mixture")


def _galois(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R(D,C), C) <= D for both readings: the two functions are inverse to each other."""
    errors = []
    for given in ("yu", "y"):
        problem, _, losses = draw(rng, 20 * n)
        targets = problem.d_min + rng.uniform(0.0, 0.6, 20 * n)
        least = subject.bernoulli.rate(problem, distortion=targets, class_bits=losses, given=given)
        ok = least.feasible
        back = subject.bernoulli.distortion(
            problem, rate_bits=np.where(ok, least.value, 0.0), class_bits=losses, given=given
        )
        errors.append(np.where(back.feasible, np.maximum(back.value - targets, 0.0), 1.0)[ok])
    return CheckResult.of(np.concatenate(errors), tolerance=1e-9, detail="both readings")


_YU_MUTANTS = (
    Mutant("sign of the tilt's saving", THEORY, "- pt.spread * tilt", "+ pt.spread * tilt"),
    Mutant("map not forgotten", THEORY, "return np.minimum(turnover, bound)", "return turnover"),
    Mutant(
        "floor moved to R = Hb(p), as printed",
        THEORY,
        "np.minimum(np.maximum(pt.tilt_max, least), cap)",
        "cap",
    ),
    Mutant("rate paid in bits of Y", THEORY, "h_x=h_b(p)", "h_x=h_b(q)"),
    Mutant(
        "label noise dropped",
        THEORY,
        "(1.0 - turnover) * h_b(_xor(pt.p, pt.s))",
        "(1.0 - turnover) * h_b(pt.p)",
    ),
    Mutant(
        "extension to p > 1/2 dropped",
        THEORY,
        "pt.p <= 0.5, 1.0 - pt.q, pt.q",
        "True, 1.0 - pt.q, pt.q",
    ),
    Mutant(
        "extension to q > 1/2 dropped",
        THEORY,
        "np.minimum(pt.q, 1.0 - pt.q) / rarer",
        "pt.q / rarer",
    ),
    Mutant("derivation: weights of X swapped", SYMBOLIC, "p_x = (1 - p, p)", "p_x = (p, 1 - p)"),
    Mutant(
        "derivation: identity costs nothing in bits",
        SYMBOLIC,
        "rate=Hb(p) if injective",
        "rate=Hb(q) if injective",
    ),
)

register(
    Claim(
        id="thm-bernoulli-drc-yu",
        title="D(R,C) of a bit, class loss H(S|Y,U)",
        source=SOURCE,
        status="corrected",
        chapter="bernoulli",
        statement=lambda: r",\qquad ".join(
            formulas.latex(name) for name in ("bernoulli-distortion", "bernoulli-turnover")
        ),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "a dual certificate for each branch", _certified),
            Check("symbolic identity", "the program's terms, counted", _program_terms),
            Check("rational points", "SymPy against NumPy", _symbolic_points("distortion")),
            Check("property", "no random mixture does better", _never_beaten("yu")),
            Check("property", "the coupling attains it", _attained("distortion", "yu")),
            Check("property", "the other half of the range", _relabelled),
            Check("independent solver", "linear program over maps", _against_lp, full=20_000),
        ),
        mutants=_YU_MUTANTS,
    )
)

register(
    Claim(
        id="thm-bernoulli-drc-y",
        title="D(R,C) of a bit, class loss H(S|Y)",
        source=SOURCE,
        status="corrected",
        chapter="bernoulli",
        statement=lambda: formulas.latex("bernoulli-class-loss-y"),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "H(S|Y) is flat at 0 and concave", _loss_shape),
            Check("rational points", "H(S|Y), SymPy against NumPy", _loss_points),
            Check("property", "no random mixture does better", _never_beaten("y")),
            Check("property", "the coupling attains it", _attained("distortion", "y")),
            Check("independent solver", "scan of the couplings", _against_scan, full=2_000),
        ),
        mutants=(
            Mutant(
                "anti-correlated branch dropped",
                THEORY,
                "feasible = meets | anti_feasible",
                "feasible = meets",
            ),
            Mutant(
                "lift of P(X=1|Y=0) has the wrong sign",
                THEORY,
                "p - lift / (1.0 - q)",
                "p + lift / (1.0 - q)",
            ),
            Mutant(
                "anti-correlation limit of the wrong coupling",
                THEORY,
                "-np.minimum(q / (1.0 - p), (1.0 - q) / p)",
                "-np.minimum(q / p, (1.0 - q) / p)",
            ),
            Mutant("label noise dropped", THEORY, "_xor(x_given_1, s)", "x_given_1"),
            Mutant("weights of Y swapped", THEORY, "return q * h_b", "return (1.0 - q) * h_b"),
            Mutant(
                "derivation: lift of the wrong size",
                SYMBOLIC,
                "r + pull / q",
                "r + pull",
            ),
        ),
    )
)

register(
    Claim(
        id="thm-bernoulli-rdc",
        title="R(D,C) of a bit, both readings",
        source="nguyen2026, RDC function of Theorem 2",
        status="checked symbolically",
        chapter="bernoulli",
        statement=lambda: formulas.latex("bernoulli-rate"),
        subject={"bernoulli": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("rational points", "SymPy against NumPy", _symbolic_points("rate")),
            Check("property", "no random mixture is cheaper", _rate_never_beaten),
            Check("property", "the coupling attains it (H(S|Y,U))", _attained("rate", "yu")),
            Check("property", "the coupling attains it (H(S|Y))", _attained("rate", "y")),
            Check("property", "inverse of D(R,C), both readings", _galois),
            Check("independent solver", "linear program at R and below", _inverse_of_lp),
        ),
        mutants=(
            Mutant(
                "sum in place of maximum",
                THEORY,
                "np.maximum(np.maximum(least, tilt_needed), 0.0)",
                "np.maximum(least, 0.0) + np.maximum(tilt_needed, 0.0)",
            ),
            Mutant(
                "class constraint forgotten",
                THEORY,
                "np.maximum(np.maximum(least, tilt_needed), 0.0)",
                "np.maximum(tilt_needed, 0.0)",
            ),
            Mutant(
                "floor forgotten",
                THEORY,
                "feasible = tilt >= tilt_needed - SLACK",
                "feasible = tilt > -2",
            ),
            Mutant(
                "distortion's price halved",
                THEORY,
                "- pt.first) / pt.spread",
                "- pt.first) / (2 * pt.spread)",
            ),
            Mutant(
                "anti-correlated codec forgotten",
                THEORY,
                "feasible = agree_feasible | oppose_feasible",
                "feasible = agree_feasible",
            ),
            Mutant(
                "derivation: minimum in place of maximum",
                SYMBOLIC,
                "Hb(p) * sp.Max(0,",
                "Hb(p) * sp.Min(1,",
            ),
        ),
    )
)
