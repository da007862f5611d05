r"""Transport derived: quantiles, completed squares, Gibbs form, and the speed of Sinkhorn.

1. :func:`quantile_cost`: W2^2 of two Gaussian numbers as an integral over common quantiles;
2. :func:`slack`, :func:`dual_value`: quadratic potentials, and why they prove it optimal;
3. :func:`plane_certificate`, :func:`plane_w2`: the same in the plane, with a symmetric matrix T;
4. :func:`stationary_cell`: one cell of the entropic plan;
5. :func:`lagrangian`, :func:`entropic_correlation`: the entropic plan of Gaussians;
6. :func:`bit_factor`: the speed of Sinkhorn for one bit.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.gaussian import mx, my, rho, sx, sy
from cdot_lib.symbolic.single_letter import EPS, cells

__all__ = [
    "CELL",
    "COST",
    "bit_factor",
    "dual_value",
    "entropic_correlation",
    "lagrangian",
    "plane_certificate",
    "plane_w2",
    "potentials",
    "quantile_cost",
    "slack",
    "stationary_cell",
]

x, y, z = sp.symbols("x y z", real=True)

#: A cell of the plan.
CELL = sp.Symbol("P", positive=True)
#: Its cost.
COST = sp.Symbol("d", real=True)
# Potentials and marginals of its row and column.
F, G = sp.symbols("f g", real=True)
A, B = sp.symbols("a b", positive=True)


@cache
def quantile_cost() -> sp.Expr:
    """Return E (X - Y)^2 when both follow the same standard normal z, by integration."""
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    gap = sp.expand((mx + sx * z - my - sy * z) ** 2)
    return (
        sp.factor(
            sp.integrate(sp.expand(gap - (mx - my) ** 2) * density, (z, -sp.oo, sp.oo))
        )
        + (mx - my) ** 2
    )


@cache
def potentials() -> tuple[sp.Expr, sp.Expr]:
    """Return f(x), g(y) that certify transport of N(0, sx^2) to N(0, sy^2)."""
    return (1 - sy / sx) * x**2, (1 - sx / sy) * y**2


@cache
def slack() -> sp.Expr:
    """Return d(x, y) - f(x) - g(y): a square that vanishes on the line y = (sy/sx) x."""
    f, g = potentials()
    return sp.factor(sp.expand((x - y) ** 2 - f - g))


@cache
def dual_value() -> sp.Expr:
    """Return E f(X) + E g(Y) for X ~ N(0, sx^2), Y ~ N(0, sy^2)."""
    f, g = potentials()
    return sp.factor(f.coeff(x, 2) * sx**2 + g.coeff(y, 2) * sy**2)


def _symmetric(name: str) -> sp.Matrix:
    one, two, both = sp.symbols(f"{name}_1 {name}_2 {name}_0", real=True)
    return sp.Matrix([[one, both], [both, two]])


@cache
def plane_certificate() -> dict[str, sp.Expr]:
    """Return, for Y = T X in the plane, the dual value, the cost and the slack's two forms.

    T is symmetric and cov_y = T cov_x T. The potentials are f = x'(1 - T)x and
    g = y'(1 - 1/T)y; their slack is a quadratic form with matrix T in x - y/T.
    """
    cov, t = _symmetric("a"), _symmetric("t")
    image = sp.expand(t * cov * t)
    inverse = t.adjugate() / t.det()
    one = sp.eye(2)
    first, second = sp.Matrix(sp.symbols("x_1 x_2")), sp.Matrix(sp.symbols("y_1 y_2"))
    gap, back = first - second, first - inverse * second
    forms = first.T * (one - t) * first, second.T * (one - inverse) * second
    return {
        "dual": sp.trace((one - t) * cov) + sp.trace((one - inverse) * image),
        "cost": sp.trace((one - t) * cov * (one - t)),
        "traces": sp.trace(cov) + sp.trace(image) - 2 * sp.trace(t * cov),
        "slack": (gap.T * gap - forms[0] - forms[1])[0],
        "square": (back.T * t * back)[0],
    }


@cache
def plane_w2() -> tuple[sp.Expr, tuple[sp.Symbol, ...]]:
    """Return W2^2 of two centred Gaussians in the plane, and its six symbols.

    tr(M^(1/2)) = sqrt(tr M + 2 sqrt(det M)) for a 2 x 2 matrix, and the trace and determinant
    of cov_x^(1/2) cov_y cov_x^(1/2) are those of cov_x cov_y: no matrix root is left.
    """
    first, second = _symmetric("a"), _symmetric("b")
    product = first * second
    cross = sp.sqrt(
        sp.expand(sp.trace(product)) + 2 * sp.sqrt(first.det() * second.det())
    )
    order = (
        first[0, 0],
        first[1, 1],
        first[0, 1],
        second[0, 0],
        second[1, 1],
        second[0, 1],
    )
    return sp.trace(first) + sp.trace(second) - 2 * cross, order


@cache
def stationary_cell() -> sp.Expr:
    """Return the cell P at which the Lagrangian of entropic transport is stationary.

    Each cell contributes P d + eps P log(P/ab) - eps P, less the prices f and g of the row's
    and the column's mass; the term eps P only renames the constant in the potentials.
    """
    term = CELL * COST + EPS * (CELL * sp.log(CELL / (A * B)) - CELL) - (F + G) * CELL
    # With P = ab e^z the logarithm is z.
    slope = sp.diff(term, CELL).subs(CELL, A * B * sp.exp(z))
    (root,) = sp.solve(sp.expand(slope), z)
    return A * B * sp.exp(root)


@cache
def lagrangian() -> sp.Expr:
    """Return E (X-Y)^2 + eps I, I in nats, of centred Gaussians with correlation rho."""
    return sx**2 + sy**2 - 2 * rho * sx * sy - EPS * sp.log(1 - rho**2) / 2


@cache
def entropic_correlation() -> sp.Expr:
    """Return the correlation at which the Lagrangian is stationary, the root in (0, 1)."""
    roots = sp.solve(sp.numer(sp.together(sp.diff(lagrangian(), rho))), rho)
    return next(root for root in roots if root.subs({sx: 1, sy: 1, EPS: 1}) > 0)


@cache
def bit_factor() -> sp.Expr:
    """Return the squared maximal correlation of a bit's coupling: its squared correlation."""
    joint = cells()
    rows = [sp.factor(joint[i, 0] + joint[i, 1]) for i in (0, 1)]
    columns = [sp.factor(joint[0, j] + joint[1, j]) for j in (0, 1)]
    return sp.factor(joint.det() ** 2 / (rows[0] * rows[1] * columns[0] * columns[1]))
