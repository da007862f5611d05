"""Make SymPy objects read as a person would write them, without changing what they are."""

from __future__ import annotations

import sympy as sp

from cdot_lib.symbolic import bernoulli as sb
from cdot_lib.symbolic.entropy import Hb

__all__ = ["SHORTHAND", "tidy"]

P_BAR = sp.Symbol(r"\bar{p}", positive=True)
Q_BAR = sp.Symbol(r"\bar{q}", positive=True)
LABEL = sp.Symbol("r", positive=True)
SKEW = sp.Symbol(r"(1-2p)", positive=True)
AGREE = sp.Symbol("m", positive=True)
IND = sp.Symbol(r"D_{\mathrm{ind}}", positive=True)
CLASS = sp.Symbol("A_C", real=True)

#: What :func:`tidy` writes, and what it stands for.
SHORTHAND = {
    P_BAR: 1 - sb.p,
    Q_BAR: 1 - sb.q,
    LABEL: sb.r,
    SKEW: 1 - 2 * sb.p,
    AGREE: sb.M,
    IND: sb.D_IND,
    CLASS: sb.turnover_of_class(),
}


def tidy(expr: sp.Basic) -> sp.Basic:
    r"""Return `expr` for display: :math:`\bar p` for 1-p, r for p+s-2ps, m for 1-r.

    Parameters
    ----------
    expr : Basic
        An expression or relation in the symbols of :mod:`cdot_lib.symbolic.bernoulli`.

    Returns
    -------
    Basic
        Equal to `expr` once the symbols of :data:`SHORTHAND` are replaced by what they
        stand for (a test says so); meant for printing alone.
    """
    # A_C is short for its own definition everywhere but in that definition.
    short = expr if expr == sb.turnover_of_class() else expr.subs(sb.turnover_of_class(), CLASS)
    short = short.replace(
        lambda node: isinstance(node, Hb) and sp.expand(node.args[0] - sb.M) == 0,
        lambda _: Hb(AGREE),
    )
    short = short.replace(lambda node: node.is_Add, _shorten)
    return short.replace(lambda node: node.is_Mul, _without_minus)


def _shorten(node: sp.Add) -> sp.Expr:
    if node == 2 * sb.p - 1:
        return -SKEW
    if node == 1 - 2 * sb.p:
        return SKEW
    if node == sb.p - sp.S.Half:
        return -SKEW / 2
    if node == sp.S.Half - sb.p:
        return SKEW / 2
    for whole, name in ((sb.r, LABEL), (sb.D_IND, IND), (-sb.D_IND, -IND)):
        if set(whole.args) <= set(node.args):
            return node - whole + name
    for symbol, bar in ((sb.p, P_BAR), (sb.q, Q_BAR)):
        slope = sum((term.coeff(symbol) for term in node.args if term.coeff(symbol).is_number), 0)
        if slope != 0 and node.as_coeff_Add()[0] == -slope:
            return node + slope - slope * symbol - slope * bar
    return node


def _without_minus(node: sp.Mul) -> sp.Expr:
    """Return -(x - y) z as (y - x) z, where exactly one factor is a sum."""
    sums = [factor for factor in node.args if factor.is_Add]
    number, rest = node.as_coeff_Mul()
    if len(sums) == 1 and number in (-1, -sp.S.Half):
        return sp.Mul(-number, *(-f if f is sums[0] else f for f in sp.Mul.make_args(rest)))
    return node
