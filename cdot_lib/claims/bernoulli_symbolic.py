"""Checks of the SymPy derivation: certificates, terms, relations, and its twin in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import sympy as sp

from cdot_lib.claims.instances import account, draw
from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.information import h_b
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "certified",
    "loss_bends",
    "loss_flat",
    "loss_points",
    "program_terms",
    "relations_hold",
    "symbolic_points",
]

#: Closed form in float64 against thirty digits: a few hundred roundings, amplified by at most
#: 1/(Hb(r) - Hb(s)), which the rational points keep above 0.01, and the slack of 1e-12 bits.
FLOAT_TOLERANCE = 1e-9


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


def symbolic_points(function: str):
    """The closed form in NumPy and its SymPy twin at rational points."""

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


def _positive_below_half(expr: sp.Expr, p: sp.Symbol) -> bool:
    """Decide expr >= 0 on 0 < p < 1/2 by p = t/(1+2t), t > 0: all coefficients of one sign."""
    t = sp.Symbol("t", positive=True)
    numerator, denominator = sp.fraction(sp.together(expr.subs(p, t / (1 + 2 * t))))
    value = sp.cancel(numerator / denominator)
    return bool(value.is_nonnegative)


def certified(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
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


def program_terms(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
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


def loss_flat(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(S|Y) has slope 0 at tilt 0, for all p, q, s."""
    sym = subject.symbolic
    slope = sp.diff(sym.class_loss_y(), sym.e).subs(sym.e, 0)
    return CheckResult.of([sp.simplify(slope) != 0], tolerance=0, detail="an identity")


def loss_bends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(S|Y) is a sum of entropies of affine functions of the tilt; its curvature is negative."""
    sym = subject.symbolic
    wrong = [sp.diff(given, sym.e, 2) != 0 for given in sym.label_given_y()]
    bend = _thirty_digits(sp.diff(sym.class_loss_y(), sym.e, 2), sym)
    wrong += [not bend(_rational_point(sym, rng)) < 0 for _ in range(n)]
    return CheckResult.of(wrong, tolerance=0, detail="affine by algebra, then signs at points")


def relations_hold(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The program's inequalities, and the bounds on the tilt, say what the definitions say."""
    sym, wrong = subject.symbolic, []
    p, q, s = rng.uniform(0.03, 0.47, n), rng.uniform(0.03, 0.97, n), rng.uniform(0.01, 0.99, n)
    weights = rng.dirichlet(np.ones(4), n)
    seen = account(BernoulliProblem(p, q, s), weights)
    rate, loss = rng.uniform(0, 1, n), rng.uniform(0, 1, n)
    program, step = sym.linear_program(), sym.eliminate()
    numbers = [{"Hb": h_b}, "numpy"]
    mixture = (sym.p, sym.q, sym.s, *sym.WEIGHTS, sym.R, sym.C)
    for relation, truth in (
        (program.rate, seen["rate"] <= rate),
        (program.class_loss, seen["class_yu"] <= loss),
    ):
        says = sp.lambdify(mixture, relation, numbers)(p, q, s, *weights.T, rate, loss)
        wrong.append(says != truth)
    # Weights from a turnover and a tilt, by the marginal; negative ones included.
    turnover, tilt = rng.uniform(0, 1, n), rng.uniform(-1, 1, n)
    identity, opposite = (turnover + tilt) / 2, (turnover - tilt) / 2
    one = q - identity * p - opposite * (1 - p)
    values = (identity, 1 - turnover - one, one, opposite)
    for weight, value in zip(sym.WEIGHTS, values, strict=True):
        plane = (sym.p, sym.q, sym.A, sym.e)
        says = sp.lambdify(plane, step.bounds[weight], numbers)(p, q, turnover, tilt)
        wrong.append(says != (value >= 0))
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="true inside, false outside")


def loss_points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """H(S|Y) in NumPy and its SymPy twin at rational points."""
    sym, errors = subject.symbolic, []
    exact = _thirty_digits(sym.class_loss_y(), sym)
    for _ in range(n):
        at = _rational_point(sym, rng)
        problem = BernoulliProblem(*(float(at[v]) for v in (sym.p, sym.q, sym.s)))
        found = subject.bernoulli.class_bits_given_y(problem, tilt=float(at[sym.e]))
        errors.append(abs(float(exact(at)) - float(found)))
    return CheckResult.of(errors, tolerance=1e-13, detail="thirty digits")
