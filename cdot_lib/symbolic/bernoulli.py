r"""Theorem 2 derived from its linear program, step by step.

A codec of one bit with common randomness is a mixture of four maps. The steps are

1. :func:`four_maps`: what each map costs, from its definition;
2. :func:`linear_program`: the mixture's objective and constraints;
3. :func:`eliminate`: two of the four weights leave, a turnover A and a tilt e remain;
4. :func:`branches`: which bound on e is tight gives the branches and their break points;
5. :func:`certificates`: for each branch a dual solution, which proves it optimal;
6. :func:`distortion_yu`, :func:`rate_yu`, :func:`class_loss_y`: the theorem's formulas.

Each function returns SymPy objects; the book prints them and the claims test them.

References
----------
.. [nguyen2026] N. Nguyen, T. Nguyen, B. Bose, Cross-domain lossy compression via rate- and
   classification-constrained optimal transport, ICLR 2026: Theorem 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from cdot_lib.results import MAP_NAMES
from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "Certificate",
    "Elimination",
    "MapRow",
    "Program",
    "best_tilt",
    "best_turnover",
    "branches",
    "certificates",
    "class_loss_y",
    "distortion_of_turnover",
    "distortion_yu",
    "eliminate",
    "feasible_yu",
    "four_maps",
    "label_given_y",
    "linear_program",
    "published_cases",
    "rate_yu",
    "turnover_limits",
    "turnover_of_class",
]

p, q, s = sp.symbols("p q s", positive=True)
R, C, D = sp.symbols("R C D", nonnegative=True)
#: Weights of identity, zero, one, not.
a, b, c, d = WEIGHTS = sp.symbols("a b c d", nonnegative=True)
#: Turnover A = a + d, tilt e = a - d.
A = sp.Symbol("A", nonnegative=True)
e = sp.Symbol("e", real=True)

#: P(S = 1), the distortion of an independent Y, and the price factor 2p(1-p).
r = p + s - 2 * p * s
#: The paper's m = P(X = S1), which is 1 - r, so that Hb(m) = Hb(r).
M = (1 - p) * (1 - s) + p * s
D_IND = p + q - 2 * p * q
SPREAD = 2 * p * (1 - p)


@dataclass(frozen=True)
class MapRow:
    """One deterministic map x -> y of a bit and its four numbers.

    Attributes
    ----------
    name : str
        identity, zero, one or not.
    outputs : tuple of int
        (f(0), f(1)).
    weight : Symbol
        Its probability in the mixture.
    cost, rate, p_one, class_loss : Expr
        P(f(X) != X), H(f(X)), P(f(X) = 1) and H(S|f(X)), the entropies in bits.
    """

    name: str
    outputs: tuple[int, int]
    weight: sp.Symbol
    cost: sp.Expr
    rate: sp.Expr
    p_one: sp.Expr
    class_loss: sp.Expr


@cache
def four_maps() -> tuple[MapRow, ...]:
    """Return the four maps of one bit, their numbers computed from the definition."""
    p_x = (1 - p, p)
    rows = []
    for name, outputs, weight in zip(
        MAP_NAMES, ((0, 1), (0, 0), (1, 1), (1, 0)), WEIGHTS, strict=True
    ):
        p_one = sum((p_x[x] for x in (0, 1) if outputs[x] == 1), sp.S.Zero)
        injective = outputs[0] != outputs[1]
        rows.append(
            MapRow(
                name=name,
                outputs=outputs,
                weight=weight,
                cost=sp.expand(sum((p_x[x] for x in (0, 1) if outputs[x] != x), sp.S.Zero)),
                # A map that can be undone tells all of X; a constant tells nothing.
                rate=Hb(p) if injective else sp.S.Zero,
                p_one=sp.expand(p_one),
                class_loss=Hb(s) if injective else Hb(r),
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class Program:
    """The linear program in the four weights.

    Attributes
    ----------
    objective : Expr
        E d(X, Y), to be made small.
    normalisation, marginal : Eq
        The weights sum to one; P(Y = 1) = q.
    rate, class_loss : LessThan
        H(Y|U) <= R and H(S|Y,U) <= C.
    """

    objective: sp.Expr
    normalisation: sp.Eq
    marginal: sp.Eq
    rate: sp.Rel
    class_loss: sp.Rel


@cache
def linear_program() -> Program:
    """Return the one-shot Bernoulli problem, reading H(S|Y,U) <= C, as a linear program."""
    rows = four_maps()

    def mean(field: str) -> sp.Expr:
        return sum((row.weight * getattr(row, field) for row in rows), sp.S.Zero)

    return Program(
        objective=mean("cost"),
        normalisation=sp.Eq(a + b + c + d, 1),
        marginal=sp.Eq(mean("p_one"), q),
        rate=sp.Le(sp.collect(mean("rate"), Hb(p)), R),
        class_loss=sp.Le(sp.collect(mean("class_loss"), [Hb(s), Hb(r)]), C),
    )


@dataclass(frozen=True)
class Elimination:
    """The program in turnover A and tilt e.

    Attributes
    ----------
    weights : dict
        Each weight as an affine function of A and e.
    objective, rate, class_loss : Expr
        Distortion (free of A), H(Y|U) and H(S|Y,U) (both free of e).
    bounds : dict
        For each weight, the relation that "weight >= 0" puts on e, for p < 1/2.
    """

    weights: dict[sp.Symbol, sp.Expr]
    objective: sp.Expr
    rate: sp.Expr
    class_loss: sp.Expr
    bounds: dict[sp.Symbol, sp.Rel]


@cache
def eliminate() -> Elimination:
    """Eliminate b and c by the two equalities, and write a, d by turnover and tilt."""
    program = linear_program()
    solved = sp.solve([program.normalisation, program.marginal], [b, c], dict=True)[0]
    tilted = {a: (A + e) / 2, d: (A - e) / 2}
    weights = {a: tilted[a], d: tilted[d]}
    weights |= {w: sp.collect(sp.expand(expr.subs(tilted)), e) for w, expr in solved.items()}

    def affine(expr: sp.Expr, variable: sp.Symbol) -> sp.Expr:
        reduced = sp.expand(expr.subs(solved).subs(tilted))
        return reduced.coeff(variable, 0) + sp.factor(reduced.coeff(variable, 1)) * variable

    bounds = {}
    for weight, expr in weights.items():
        edge = sp.factor(sp.solve(expr, e)[0])
        # p < 1/2: the sign of e's coefficient in the weight is known from its value at p = 1/4.
        rising = sp.diff(expr, e).subs(p, sp.Rational(1, 4)) > 0
        bounds[weight] = sp.Ge(e, edge) if rising else sp.Le(e, edge)
    return Elimination(
        weights={w: weights[w] for w in WEIGHTS},
        objective=affine(program.objective, e),
        rate=affine(program.rate.lhs, A),
        class_loss=affine(program.class_loss.lhs, A),
        bounds={w: bounds[w] for w in WEIGHTS},
    )


@cache
def turnover_of_class() -> sp.Expr:
    """Return A_C, the turnover at which H(S|Y,U) equals C."""
    return sp.solve(sp.Eq(eliminate().class_loss, C), A)[0]


@cache
def branches() -> dict[str, sp.Expr]:
    """Return the distortion on each branch, for p < 1/2.

    The tilt is the turnover itself (the map "not" unused) until the marginal binds:

    * ``"rate"``: e = A = R / Hb(p);
    * ``"floor_down"``: q <= p, the map "one" has run out, e = A = q / p;
    * ``"floor_up"``: q >= p, the map "zero" has run out, e = A = (1-q) / (1-p);
    * ``"class_not"``: q > p and A = A_C beyond (1-q)/(1-p): "not" is used.
    """
    step = eliminate()
    zero_edge = step.bounds[b].rhs
    tilts = {
        "rate": sp.solve(sp.Eq(step.rate, R), A)[0],
        "floor_down": sp.solve(step.weights[c].subs(e, A), A)[0],
        "floor_up": sp.solve(step.weights[b].subs(e, A), A)[0],
        "class_not": zero_edge.subs(A, turnover_of_class()),
    }
    floors = ("floor_down", "floor_up")
    return {
        name: sp.factor(step.objective.subs(e, tilt)) if name in floors else D_IND - SPREAD * tilt
        for name, tilt in tilts.items()
    }


@dataclass(frozen=True)
class Certificate:
    """A dual solution of one branch: why no other mixture does better.

    Attributes
    ----------
    used : tuple of str
        The maps in use; their reduced costs are zero.
    alpha, lam : Expr
        Multipliers of the normalisation and of the marginal.
    price : Expr
        Multiplier of the binding constraint on A (0 on a floor): distortion per unit of
        turnover, counted positive. Divided by Hb(p) it is the price of a bit.
    reduced_costs : dict
        For each map: its cost minus what the multipliers pay for it; none is negative.
    """

    used: tuple[str, ...]
    alpha: sp.Expr
    lam: sp.Expr
    price: sp.Expr
    reduced_costs: dict[str, sp.Expr]


@cache
def certificates() -> dict[str, Certificate]:
    """Return a dual certificate for each branch, solved from complementary slackness."""
    alpha, lam, price = sp.symbols("alpha lambda pi", real=True)
    settings = {
        # On "rate" more turnover is wanted (it is capped); on "class_not" less (it is forced).
        "rate": (("identity", "zero", "one"), 1),
        "floor_down": (("identity", "zero"), 0),
        "floor_up": (("identity", "one"), 0),
        "class_not": (("identity", "one", "not"), -1),
    }
    found = {}
    for branch, (used, sign) in settings.items():
        reduced = {
            row.name: row.cost
            - alpha
            - lam * row.p_one
            + (sign * price if row.name in ("identity", "not") else 0)
            for row in four_maps()
        }
        unknowns = (alpha, lam, price) if sign else (alpha, lam)
        values = sp.solve([reduced[name] for name in used], unknowns, dict=True)[0]
        values.setdefault(price, sp.S.Zero)
        found[branch] = Certificate(
            used=used,
            alpha=sp.factor(values[alpha]),
            lam=sp.factor(values[lam]),
            price=sp.factor(values[price]),
            reduced_costs={n: sp.factor(v.subs(values)) for n, v in reduced.items()},
        )
    return found


def best_tilt(turnover: sp.Expr) -> sp.Expr:
    """Return the largest tilt at a turnover, for p < 1/2: g(A) of the theorem."""
    return sp.Min(turnover, eliminate().bounds[b].rhs.subs(A, turnover))


def turnover_limits() -> tuple[sp.Expr, sp.Expr]:
    """Return a_max (identity alone) and A_max (identity and "not"), for p < 1/2."""
    return sp.Min(q / p, (1 - q) / (1 - p)), sp.Min(1, q / p, (1 - q) / p)


@cache
def best_turnover() -> sp.Expr:
    """Return A*, the turnover that D(R, C) uses, p < 1/2, s != 1/2."""
    a_max, turnover_max = turnover_limits()
    least = sp.Max(0, turnover_of_class())
    return sp.Min(sp.Max(a_max, least), R / Hb(p), turnover_max)


@cache
def distortion_of_turnover() -> sp.Expr:
    """Return the least distortion at a turnover A, for p < 1/2: D_ind - 2p(1-p) g(A)."""
    return D_IND - SPREAD * best_tilt(A)


@cache
def distortion_yu() -> sp.Expr:
    """Return D(R, C) for H(S|Y,U), p < 1/2, s != 1/2, where :func:`feasible_yu` holds."""
    return distortion_of_turnover().subs(A, best_turnover())


@cache
def feasible_yu() -> sp.Rel:
    """Return the condition under which D(R, C) is finite, p < 1/2, s != 1/2."""
    return sp.Le(sp.Max(0, turnover_of_class()), sp.Min(R / Hb(p), turnover_limits()[1]))


@cache
def rate_yu() -> sp.Expr:
    """Return R(D, C) for H(S|Y,U), p < 1/2, s != 1/2, where feasible: a maximum of rates."""
    needed = sp.solve(sp.Eq(D_IND - SPREAD * e, D), e)[0]
    return Hb(p) * sp.Max(0, turnover_of_class(), needed)


@cache
def label_given_y() -> tuple[sp.Expr, sp.Expr]:
    """Return P(S = 1 | Y = 0) and P(S = 1 | Y = 1): r, tilted by what Y tells about X."""
    pull = (1 - 2 * s) * p * (1 - p) * e
    return r - pull / (1 - q), r + pull / q


@cache
def class_loss_y() -> sp.Expr:
    """Return H(S|Y) as a function of the tilt e alone, in bits."""
    given_0, given_1 = label_given_y()
    return (1 - q) * Hb(given_0) + q * Hb(given_1)


@cache
def published_cases() -> dict[str, sp.Expr]:
    """Return the three printed cases of Theorem 2 (see :mod:`cdot_lib.theory.published`)."""
    return {
        "class": D_IND - SPREAD * (Hb(M) - C) / (Hb(M) - Hb(s)),
        "rate": D_IND - SPREAD * R / Hb(p),
        "floor": sp.Abs(p - q),
    }
