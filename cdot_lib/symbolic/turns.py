r"""Erratum E9: two couplings in turn, where Theorem 3 has one.

The label is X itself, P(X=1) = p > 1/2, and P(Y=1) = 1 - p. A share w of the letters has
Y = not X, which tells X and disagrees always; the others agree as often as the laws permit.

1. :func:`joint_laws` writes down the two couplings;
2. :func:`distortion_in_turn`, :func:`class_loss_in_turn` are the means over the letters;
3. :func:`class_loss_unplaced` is the class loss of one classifier for all letters, which does not
   know the place of its own: that of the mean coupling, and more.

Each function returns SymPy objects; the book prints them and the claim ``erratum-e9`` tests them.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "class_loss_in_turn",
    "class_loss_unplaced",
    "distortion_in_turn",
    "joint_laws",
]

#: P(X = 1), above one half.
p = sp.Symbol("p", positive=True)
#: Share of the letters with Y = not X.
w = sp.Symbol("w", positive=True)


@cache
def joint_laws() -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
    """Return P(X=x, Y=y), rows x: that of "not X", and that of the best agreement."""
    opposing = sp.ImmutableMatrix([[0, 1 - p], [p, 0]])
    agreeing = sp.ImmutableMatrix([[1 - p, 0], [2 * p - 1, 1 - p]])
    return opposing, agreeing


def _disagreement(joint: sp.ImmutableMatrix) -> sp.Expr:
    return joint[0, 1] + joint[1, 0]


def _class_loss(joint: sp.ImmutableMatrix) -> sp.Expr:
    """Return H(X|Y), column by column."""
    columns = [joint[:, y] for y in range(2)]
    return sum(sum(c) * Hb(sp.factor(c[1] / sp.factor(sum(c)))) for c in columns)


def _mean(values: list[sp.Expr]) -> sp.Expr:
    return w * values[0] + (1 - w) * values[1]


@cache
def distortion_in_turn() -> sp.Expr:
    """Return the mean distortion, the share of letters that differ."""
    mean = sp.expand(_mean([_disagreement(joint) for joint in joint_laws()]))
    return sp.collect(mean, w, sp.factor)


@cache
def class_loss_in_turn() -> sp.Expr:
    """Return the mean of H(S_i | Y_i) over the letters, the printed average."""
    return _mean([sp.simplify(_class_loss(joint)) for joint in joint_laws()])


@cache
def class_loss_unplaced() -> sp.Expr:
    """Return H(S|Y) of the mean coupling, for a classifier that does not know the place."""
    opposing, agreeing = joint_laws()
    return _class_loss(
        (w * opposing + (1 - w) * agreeing).applyfunc(sp.expand).as_immutable()
    )
