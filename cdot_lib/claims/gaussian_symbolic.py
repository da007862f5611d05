"""Checks of the Gaussian derivation in SymPy: identities, and its twin in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import ModuleType

import mpmath
import numpy as np
import sympy as sp

from cdot_lib.claims.ledger import CheckResult, Subject
from cdot_lib.problems import GaussianProblem

__all__ = ["bounds_coincide", "differs_by_sympy", "inverses", "points", "thirty_digits"]

#: Thirty digits against float64. A class bound is widened by up to 1e-12 bits, which the least
#: correlation of the label (0.2), and the least share left unknown (0.02), make 1e-9 bits of rate.
FLOAT_TOLERANCE = 1e-9


def thirty_digits(expr: sp.Basic, order: tuple[sp.Symbol, ...]) -> Callable[..., mpmath.mpf]:
    """Return `expr` as a function of numbers (exact rationals, or floats), to thirty digits."""
    names = {"Log2": lambda x: mpmath.log(x, 2)}
    number = sp.lambdify(order, expr, modules=[names, "mpmath"])

    def evaluate(*values: sp.Rational | float) -> mpmath.mpf:
        with mpmath.workdps(30):
            exact = [mpmath.mpf(v.p) / v.q if isinstance(v, sp.Rational) else v for v in values]
            return number(*exact)

    return evaluate


def differs_by_sympy(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether SymPy fails to prove two expressions equal."""
    return sp.simplify(sp.expand_log((left - right).rewrite(sp.log), force=True)) != 0


def bounds_coincide(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The entropy power bound is the class loss of the Gaussian coupling; slopes; transport."""
    failures = _failures(subject.symbolic)
    return CheckResult.of(failures, tolerance=0, detail="six identities, by algebra")


@lru_cache(maxsize=8)
def _failures(sym: ModuleType) -> tuple[bool, ...]:
    """Return which identities fail; kept, since most mutants leave this module as it is."""
    variance_slope = sym.saving_slopes()[1].subs({sym.theta: 2, sym.rho: sp.S.Half, sym.sx: 1})
    return (
        differs_by_sympy(sym.class_bits_min(), sym.entropy_power_bound()),
        # What the paper prints as the border of its cases is the border of feasibility.
        differs_by_sympy(sym.published_border(), sym.class_bits_min()),
        differs_by_sympy(sym.rate_of_correlation().subs(sym.rho, sym.correlation_of_rate()), sym.R),
        sp.expand(sym.saving_slopes()[0] + 2 * sym.sx * sym.sy) != 0,
        not variance_slope < 0,
        sp.expand(sym.transport_cost() - (sym.mx - sym.my) ** 2 - (sym.sx - sym.sy) ** 2) != 0,
    )


def inverses(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Each of the two rates, put into what it inverts, gives the bound back."""
    sym = subject.symbolic
    # The distortion's inverse through the correlation; log2 and 2^ cancel by definition.
    share = 2 ** (-2 * sym.rate_of_distortion())
    from_distortion = sym.distortion_of_correlation().subs(sym.rho, sp.sqrt(1 - share))
    exact = thirty_digits(from_distortion, (sym.mx, sym.my, sym.sx, sym.sy, sym.D))
    known = 1 - 2 ** (-2 * sym.rate_of_class())
    from_class = sym.class_bits_of_correlation().subs(sym.rho, sp.sqrt(known))
    label = thirty_digits(from_class, (sym.sx, sym.ss, sym.theta, sym.C))
    errors = []
    for _ in range(max(5, n // 5)):
        shift, sx, sy, ss, relation, place = _numbers(rng)
        low, high = shift**2 + (sx - sy) ** 2, shift**2 + sx**2 + sy**2
        at = low + place * (high - low)
        errors.append(abs(float(exact(shift, sp.S.Zero, sx, sy, at) - at.p / mpmath.mpf(at.q))))
        loss = 0.5 * np.log2(2 * np.pi * np.e * float(ss) ** 2 * float(1 - place * relation**2))
        errors.append(abs(float(label(sx, ss, relation * ss * sx, loss)) - loss))
    return CheckResult.of(errors, tolerance=1e-14, detail="thirty digits")


def _numbers(rng: np.random.Generator) -> list[sp.Rational]:
    """Draw a shift, three standard deviations, a correlation and a place in (0, 1)."""
    whole = rng.integers((-90, 30, 30, 30, 21, 3), (90, 200, 200, 200, 97, 97))
    return [sp.Rational(int(v), of) for v, of in zip(whole, (97, 89, 83, 79, 101, 101))]


def points(function: str):
    """The closed form in NumPy and its SymPy twin at rational points."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym, errors = subject.symbolic, []
        order = (sym.mx, sym.my, sym.sx, sym.sy, sym.ss, sym.theta, sym.R, sym.C, sym.D)
        exact = thirty_digits(getattr(sym, function)(), order)
        least = thirty_digits(sym.class_bits_min(), order)
        for _ in range(n):
            shift, sx, sy, ss, relation, place = _numbers(rng)
            bits = sp.Rational(int(rng.integers(1, 300)), 97)
            low, high = shift**2 + (sx - sy) ** 2, shift**2 + sx**2 + sy**2
            at = low + place * (high - low)
            problem = GaussianProblem(
                float(shift), float(sx), 0.0, float(sy), float(ss), float(relation * sx * ss)
            )
            edge = least(shift, sp.S.Zero, sx, sy, ss, relation * sx * ss, bits, sp.S.Zero, at)
            loss = float(edge) + float(rng.choice([-0.01, 0.01, 0.2]))
            top = problem.h_s
            if function == "rate":
                # Between h(S|X) and h(S), where the label has a rate of its own.
                share = float(rng.uniform(0.02, 0.98) * relation**2)
                loss = top + 0.5 * float(np.log2(1.0 - share))
                found = subject.gaussian.rate(problem, distortion=float(at), class_bits=loss)
            else:
                found = subject.gaussian.distortion(
                    problem, rate_bits=float(bits), class_bits=loss
                )
                if bool(found.feasible) != (loss > edge):
                    errors.append(1.0)
                    continue
            if found.feasible:
                value = exact(shift, sp.S.Zero, sx, sy, ss, relation * sx * ss, bits, loss, at)
                errors.append(abs(float(value - float(found.value))))
        return CheckResult.of(errors, tolerance=FLOAT_TOLERANCE, detail="thirty digits")

    return run
