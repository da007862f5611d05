"""Named LaTeX of the Gaussian formulas, each printed from the object that a claim tests.

They are among :data:`cdot_lib.symbolic.formulas.FORMULAS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from cdot_lib.symbolic import gaussian as sg
from cdot_lib.symbolic import gaussian_vector as sv
from cdot_lib.symbolic import perception as sq
from cdot_lib.symbolic import randomness as sr

__all__ = ["GAUSSIAN_FORMULAS"]

#: Shorthand for print: squared correlation of X and S, the entropy of S, the correlation at R.
_RELATION = sp.Symbol(r"\rho_{XS}", positive=True)
_ENTROPY = sp.Symbol("h(S)", real=True)
_LEVEL = sp.Symbol(r"\rho_R", positive=True)
_IND = sp.Symbol(r"D_{\mathrm{ind}}", positive=True)


def _tidy(expr: sp.Basic) -> sp.Basic:
    short = expr.subs(2 * sg.differential_entropy(sg.ss**2), 2 * _ENTROPY)
    short = short.subs(sg.differential_entropy(sg.ss**2), _ENTROPY)
    return short.subs(sg.theta, _RELATION * sg.ss * sg.sx)


def _equation(left: str, right: sp.Basic) -> str:
    # In the order of SymPy's own arguments: "1 - x" and not "-x + 1".
    return rf"{left} = {sp.latex(_tidy(right), order='none')}"


def _in_independence(expr: sp.Basic) -> sp.Basic:
    return expr.subs((sg.mx - sg.my) ** 2 + sg.sx**2 + sg.sy**2, _IND)


def _in_level(expr: sp.Basic) -> sp.Basic:
    return expr.subs(sq.rho, _LEVEL)


#: Name of a formula, and what prints it.
GAUSSIAN_FORMULAS: Mapping[str, Callable[[], str]] = {
    "gaussian-distortion-of-correlation": lambda: _equation(
        r"\mathbb{E}(X-Y)^2", sg.distortion_of_correlation()
    ),
    "gaussian-rate-of-correlation": lambda: _equation("I(X;Y)", sg.rate_of_correlation()),
    "gaussian-class-of-correlation": lambda: _equation("h(S|Y)", sg.class_bits_of_correlation()),
    "gaussian-class-min": lambda: _equation(r"C_{\min}(R)", sg.class_bits_min()),
    "gaussian-distortion": lambda: _equation("D(R,C)", sg.distortion()),
    "gaussian-rate": lambda: _equation("R(D,C)", _in_independence(sg.rate())),
    "gaussian-published-class": lambda: _equation("D", sg.published_cases()["class"]),
    "gaussian-published-rate": lambda: _equation("D", sg.published_cases()["rate"]),
    "gaussian-transport-cost": lambda: _equation(r"W_2^2(p_X,p_Y)", sg.transport_cost()),
    "vector-cubic": lambda: _equation("0", sv.cubic().as_expr()),
    "perception-split": lambda: _equation("D", _in_level(sq.distortion_split())),
    "perception-w2": lambda: _equation("D(R,P)", _in_level(sq.distortion_w2())),
    "perception-kl-low": lambda: _equation(r"s_{\min}(P)", sq.kl_bounds()[0]),
    "perception-kl-high": lambda: _equation(r"s_{\max}(P)", sq.kl_bounds()[1]),
    "perception-kl-mean": lambda: _equation("m", _in_level(sq.stationary_kl()[sq.m])),
    "perception-published-sigma": lambda: f"{sp.latex(sq.published_condition())} = 0",
    "perception-published-rate": lambda: _equation("D", sq.published_cases()["rate"]),
    "perception-published-class": lambda: _equation("D", sq.published_cases()["class"]),
    "perception-kl-std": lambda: _equation("s", _in_level(sq.stationary_kl()[sq.s])),
    "randomness-price-gaussian": lambda: _equation("R_0 - R", sr.price_gaussian()),
    # In the order of powers: the greater of the two entropies comes first.
    "randomness-price-bit": lambda: f"R_0 - R = {sp.latex(sr.price_bit())}",
}
