"""Checks of the perception derivation in SymPy: identities, and its twin in NumPy."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import mpmath
import numpy as np
import sympy as sp

from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import CheckResult, Subject

__all__ = ["identities", "kl_ends", "points_kl", "points_w2"]

#: Where NumPy passes from one way of finding the ends to another, in nats; and P in the gap
#: between the last way's beginning and the underflow of exp(-1 - 2P).
_JOINS = (0.99e-4, 1.01e-4, 299.0, 301.0, 350.0, 380.0)

#: Thirty digits against float64.
FLOAT_TOLERANCE = 1e-10


def identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The split into a distance, the stationary points, convexity, and the printed condition."""
    return CheckResult.of(_failures(subject.symbolic), tolerance=0, detail="by algebra")


@lru_cache(maxsize=8)
def _failures(sym: ModuleType) -> tuple[bool, ...]:
    """Return which identities fail; kept, since most mutants leave this module as it is."""
    w2, kl = sym.stationary_w2(), sym.stationary_kl()
    lagrangian_w2 = sym.distortion_at() + sym.l * sym.wasserstein()
    lagrangian_kl = sym.distortion_at() + 2 * sym.l * sym.kl_nats()
    edge = sym.projection_w2()
    # On the segment between the two points, at distance sqrt(P) from the reference.
    turned = sp.simplify(
        (edge[sym.m] - sym.mt) * (sym.rho * sym.sx - sym.st)
        - (edge[sym.s] - sym.st) * (sym.mx - sym.mt)
    )
    wrong = [sp.expand(sym.distortion_at() - sym.distortion_split()) != 0]
    for found, lagrangian in ((w2, lagrangian_w2), (kl, lagrangian_kl)):
        for variable in (sym.m, sym.s):
            wrong.append(sp.simplify(sp.diff(lagrangian, variable).subs(found)) != 0)
    wrong += [
        turned != 0,
        sp.simplify(sym.wasserstein().subs(edge) - sym.P) != 0,
        *(not hessian.is_positive_definite for hessian in sym.convexity()),
        # With p_ref = p_X the printed sigma(P) is the lower end of the interval.
        sp.simplify(
            sym.published_condition()
            - (sym.kl_nats() - sym.P).subs({sym.m: sym.mt, sym.st: sym.sx})
        ) != 0,
        sp.simplify(sym.path_kl()[sym.m] - sym.t * sym.mx) != 0,
        sp.simplify(
            sym.path_kl()[sym.s]
            - kl[sym.s].subs({sym.mt: 0, sym.st: 1, sym.l: (1 - sym.t) / sym.t})
        ) != 0,
    ]
    return tuple(wrong)


def kl_ends(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Lambert's W: KL = P at both ends, to thirty digits, and NumPy has the same ends."""
    sym, errors = subject.symbolic, []
    ends = [thirty_digits(end, (sym.st, sym.P)) for end in sym.kl_bounds()]
    kl = thirty_digits(sym.kl_nats().subs(sym.m, sym.mt), (sym.s, sym.st, sym.mt))
    for nats in (*_JOINS, *np.exp(rng.uniform(-18.0, 7.0, n))):
        exact = [end(sp.S.One, mpmath.mpf(nats)).real for end in ends]
        if not exact[0] < 1 < exact[1]:
            errors.append(1.0)
        found = subject.perception.kl_std_bounds(nats)
        for end, number in zip(exact, found, strict=True):
            # Thirty digits of P, of which W at its branch point keeps half.
            errors.append(abs(float(kl(end, sp.S.One, sp.S.Zero) / nats - 1)))
            # Below e^(-300) the lower end may be lost to underflow.
            errors.append(abs(float((number - end) / max(end, mpmath.exp(-300)))))
    return CheckResult.of(errors, tolerance=1e-12, detail="P from 1e-8 to 1097 nats")


def _point(rng: np.random.Generator) -> dict[str, sp.Rational]:
    whole = rng.integers((-90, 30, 30, 30, 1), (90, 200, 200, 300, 150))
    names = ("mean_x", "std_x", "std_ref", "rate_bits", "perception")
    return {
        name: sp.Rational(int(v), of)
        for name, v, of in zip(names, whole, (97, 89, 83, 101, 103), strict=True)
    }


def _correlation(rate_bits: sp.Rational) -> mpmath.mpf:
    """Return sqrt(1 - 2^(-2R)) to thirty digits."""
    with mpmath.workdps(30):
        return mpmath.sqrt(1 - mpmath.mpf(2) ** (mpmath.mpf(-2 * rate_bits.p) / rate_bits.q))


def points_w2(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R, P) for W2^2 in NumPy and its SymPy twin at rational points."""
    sym, errors = subject.symbolic, []
    exact = thirty_digits(
        sym.distortion_w2(), (sym.mx, sym.mt, sym.sx, sym.st, sym.rho, sym.P)
    )
    for _ in range(n):
        at = _point(rng)
        rho = _correlation(at["rate_bits"])
        value = exact(
            at["mean_x"], sp.S.Zero, at["std_x"], at["std_ref"], rho, at["perception"]
        )
        given = {name: float(v) for name, v in at.items()}
        found = subject.perception.distortion(**given, mean_ref=0.0, divergence="w2").value
        errors.append(abs(float(value - float(found))))
    return CheckResult.of(errors, tolerance=FLOAT_TOLERANCE, detail="thirty digits")


def points_kl(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """D(R, P) for KL in NumPy, and the SymPy stationary point with its multiplier solved for."""
    sym, errors = subject.symbolic, []
    order = (sym.mx, sym.sx, sym.st, sym.rho, sym.l)
    stationary = {key: value.subs(sym.mt, 0) for key, value in sym.stationary_kl().items()}
    mean, std = (thirty_digits(stationary[v], order) for v in (sym.m, sym.s))
    kl = thirty_digits(sym.kl_nats().subs(sym.mt, 0), (sym.m, sym.s, sym.st))
    cost = thirty_digits(sym.distortion_at(), (sym.mx, sym.sx, sym.rho, sym.m, sym.s))
    for _ in range(n):
        at = _point(rng)
        shift = at["mean_x"] if rng.random() < 0.7 else sp.S.Zero
        rho = _correlation(at["rate_bits"])
        with mpmath.workdps(30):
            base = (shift, at["std_x"], at["std_ref"], rho)
            nats = mpmath.mpf(at["perception"].p) / at["perception"].q

            def excess(log_l: mpmath.mpf, base=base, nats=nats) -> mpmath.mpf:
                weight = mpmath.exp(log_l)
                return kl(mean(*base, weight), std(*base, weight), base[2]) - nats

            low, high = mpmath.mpf(-50), mpmath.mpf(20)
            free = excess(low) <= 0
            # Bisection: far from the root, KL is flat in log l, and faster searches lose their way.
            for _ in range(0 if free else 90):
                middle = (low + high) / 2
                low, high = (middle, high) if excess(middle) > 0 else (low, middle)
            weight = mpmath.exp(low)
            value = cost(shift, at["std_x"], rho, mean(*base, weight), std(*base, weight))
        given = {name: float(v) for name, v in (at | {"mean_x": shift}).items()}
        found = subject.perception.distortion(**given, mean_ref=0.0, divergence="kl").value
        errors.append(abs(float(value - float(found))))
    return CheckResult.of(errors, tolerance=FLOAT_TOLERANCE, detail="thirty digits")
