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

#: What :func:`tidy` writes, and what it stands for.
SHORTHAND = {P_BAR: 1 - sb.p, Q_BAR: 1 - sb.q, LABEL: sb.r, SKEW: 1 - 2 * sb.p, AGREE: sb.M}


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
    short = expr.replace(
        lambda node: isinstance(node, Hb) and sp.expand(node.args[0] - sb.M) == 0,
        lambda _: Hb(AGREE),
    )
    return short.replace(lambda node: node.is_Add, _shorten)


def _shorten(node: sp.Add) -> sp.Expr:
    if node == 2 * sb.p - 1:
        return -SKEW
    if node == 1 - 2 * sb.p:
        return SKEW
    if set(sb.r.args) <= set(node.args):
        return node - sb.r + LABEL
    for symbol, bar in ((sb.p, P_BAR), (sb.q, Q_BAR)):
        slope = sum((term.coeff(symbol) for term in node.args if term.coeff(symbol).is_number), 0)
        if slope != 0 and node.as_coeff_Add()[0] == -slope:
            return node + slope - slope * symbol - slope * bar
    return node
