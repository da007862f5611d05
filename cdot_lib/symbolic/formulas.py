"""Named LaTeX of the book's formulas, each printed from the object that a claim tests.

A chapter marks a display with ``% formula: name``; a test fails when the display that
follows is not what this module prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from cdot_lib.symbolic import bernoulli as sb
from cdot_lib.symbolic import turns
from cdot_lib.symbolic.display import tidy
from cdot_lib.symbolic.gaussian_formulas import GAUSSIAN_FORMULAS
from cdot_lib.validate import choice

__all__ = ["FORMULAS", "latex"]

#: Names for the two conditional probabilities of the label, so that a long line stays short.
_CONDITIONAL = sp.symbols(r"P(S{=}1|Y{=}0) P(S{=}1|Y{=}1)")


def _equation(left: str, right: sp.Basic) -> str:
    return rf"{left} = {sp.latex(tidy(right))}"


#: Name of a formula, and what prints it.
FORMULAS: Mapping[str, Callable[[], str]] = {
    "bernoulli-objective": lambda: _equation(r"\mathbb{E}\,d(X,Y)", sb.eliminate().objective),
    "bernoulli-turnover-of-class": lambda: _equation("A_C", sb.turnover_of_class()),
    "bernoulli-branch-rate": lambda: _equation("D", sb.branches()["rate"]),
    "bernoulli-branch-class-not": lambda: _equation("D", sb.branches()["class_not"]),
    "bernoulli-best-tilt": lambda: _equation("g(A)", sb.best_tilt(sb.A)),
    "bernoulli-distortion": lambda: _equation(
        "D(R,C)", sb.distortion_of_turnover().subs(sb.A, sp.Symbol(r"A^\star"))
    ),
    "bernoulli-turnover": lambda: _equation(r"A^\star", sb.best_turnover()),
    "bernoulli-feasible": lambda: sp.latex(tidy(sb.feasible_yu())),
    "bernoulli-rate": lambda: _equation("R(D,C)", sb.rate_yu()),
    "bernoulli-label-given-0": lambda: _equation("P(S=1|Y=0)", sb.label_given_y()[0]),
    "bernoulli-label-given-1": lambda: _equation("P(S=1|Y=1)", sb.label_given_y()[1]),
    "bernoulli-class-loss-y": lambda: _equation(
        "H(S|Y)", sb.class_loss_y().subs(dict(zip(sb.label_given_y(), _CONDITIONAL, strict=True)))
    ),
    "bernoulli-published-class": lambda: _equation("D", sb.published_cases()["class"]),
    "bernoulli-published-rate": lambda: _equation("D", sb.published_cases()["rate"]),
    "turns-distortion": lambda: _equation("D", turns.distortion_in_turn()),
    "turns-class-loss": lambda: _equation("C", turns.class_loss_in_turn()),
    **GAUSSIAN_FORMULAS,
}


def latex(name: str) -> str:
    """Return the LaTeX of a named formula.

    Raises
    ------
    InvalidArgument
        If no formula has that name.
    """
    return FORMULAS[choice("name", name, tuple(FORMULAS))]()
