"""The logarithm to base 2 as a SymPy function that stays itself."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["Log2"]


class Log2(sp.Function):
    r"""log2, kept unevaluated so that formulas in bits print as they are written.

    ``.rewrite(sp.log)`` gives the natural logarithm over log 2, and numbers come out by
    ``.evalf()``.
    """

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Return the exponent of a power of two; None (stay symbolic) elsewhere."""
        if x == 1:
            return sp.S.Zero
        base, exponent = x.as_base_exp()
        return exponent if base == 2 and exponent.is_real else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the slope, 1 / (x log 2)."""
        return 1 / (self.args[0] * sp.log(2))

    def _eval_rewrite_as_log(self, x: sp.Expr, **_: Any) -> sp.Expr:
        return sp.log(x) / sp.log(2)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not self.args[0].is_number:
            return None
        return self._eval_rewrite_as_log(self.args[0])._eval_evalf(prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = rf"\log_2\left({printer._print(self.args[0])}\right)"
        return body if exp is None else rf"{body}^{{{exp}}}"
