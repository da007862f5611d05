"""SymPy twins of :mod:`cdot_lib.theory.class_loss` and of the Bernoulli argument, derived."""

from __future__ import annotations

import sympy as sp

from cdot_lib.symbolic.entropy import Hb

__all__ = [
    "a",
    "b",
    "binary_excess",
    "binary_loss",
    "binary_loss_curvature",
    "binary_stationary",
    "corner",
    "delta",
    "e",
    "halves",
    "k",
    "opposing_advantage",
    "opposing_share",
    "p",
    "pi",
    "q",
    "r",
    "swapped_loss",
    "t",
    "third_order",
]

#: Posterior P(S = 1 | y), and what the classifier believes of it.
pi, b = sp.symbols("pi b", positive=True)
#: How far from certain a belief is.
a = sp.Symbol("a", positive=True)
#: A number of labels.
k = sp.Symbol("k", positive=True, integer=True)
#: Laws of X and Y, a tilt, an offset of a probability, its scale, and P(S = 1).
p, q, e, t, delta, r = sp.symbols("p q e t delta r", positive=True)


def _log2(value: sp.Expr) -> sp.Expr:
    return sp.log(value) / sp.log(2)


def binary_loss() -> sp.Expr:
    """Return the expected log loss of belief b in the label 1 when its probability is pi."""
    return -pi * _log2(b) - (1 - pi) * _log2(1 - b)


def binary_stationary() -> sp.Expr:
    """Return the belief at which the loss has slope 0."""
    (root,) = sp.solve(sp.together(sp.diff(binary_loss(), b)), b)
    return root


def binary_loss_curvature() -> sp.Expr:
    """Return the second derivative of the loss in b: a sum of two positive terms."""
    return sp.diff(binary_loss(), b, 2)


def binary_excess() -> sp.Expr:
    """Return the loss at b minus the loss at the stationary point, each weight with one logarithm.

    It is the divergence of (pi, 1 - pi) from (b, 1 - b).
    """
    gap = binary_loss() - binary_loss().subs(b, binary_stationary())
    # Positive names for the complements let SymPy combine logarithms.
    pi_bar, b_bar = sp.symbols("pi_bar b_bar", positive=True)
    short = sp.expand(sp.log(2) * gap.subs({1 - pi: pi_bar, 1 - b: b_bar}))
    grouped = sp.collect(short, (pi, pi_bar), sp.logcombine) / sp.log(2)
    return grouped.subs({pi_bar: 1 - pi, b_bar: 1 - b})


def swapped_loss() -> sp.Expr:
    """Return the loss of a classifier that is sure up to `a`, after its two inputs are exchanged.

    Y determines S. Before, each belief in the truth was 1 - a; after it is a.
    """
    return binary_loss().subs(pi, 1).subs(b, a)


def corner() -> tuple[sp.Expr, sp.Expr]:
    """Return entropy and least error rate of k equally likely labels."""
    return _log2(k), 1 - 1 / k


def halves() -> sp.Expr:
    """Return -log2(m) - 2(1 - m) with m = b: what the largest probability m <= 1/2 leaves over."""
    return -_log2(b) - 2 * (1 - b)


def _loss_at(tilt: sp.Expr) -> sp.Expr:
    """Return H(S|Y) at a tilt: P(S=1|Y=1) = r + delta tilt/q, P(S=1|Y=0) = r - delta tilt/(1-q)."""
    return q * Hb(r + delta * tilt / q) + (1 - q) * Hb(r - delta * tilt / (1 - q))


def opposing_advantage() -> sp.Expr:
    """Return H(S|Y) at tilt +e minus H(S|Y) at tilt -e, where delta = (1 - 2s) p (1 - p)."""
    return _loss_at(e) - _loss_at(-e)


def third_order() -> sp.Expr:
    """Return the leading term of :func:`opposing_advantage` in e, which is of order e^3."""
    expanded = opposing_advantage().rewrite(sp.log)
    orders = [sp.simplify(sp.diff(expanded, e, n).subs(e, 0)) for n in range(4)]
    first = next(n for n, value in enumerate(orders) if value != 0)
    return sp.factor(orders[first]) * e**first / sp.factorial(first)


def opposing_share() -> sp.Expr:
    """Return the mean of q / (1 - p) over p, q uniform on (0, 1/2)."""
    inner = sp.integrate(4 * q / (1 - p), (q, 0, sp.S.Half))
    return sp.simplify(sp.integrate(inner, (p, 0, sp.S.Half)))
