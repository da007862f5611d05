"""Binary entropy as a SymPy function that knows its values, slope and logarithms."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = ["Hb"]


class Hb(sp.Function):
    r"""Binary entropy in bits, kept unevaluated so that derivations stay readable.

    ``Hb(0) = Hb(1) = 0`` and ``Hb(1/2) = 1`` evaluate at once; ``.rewrite(sp.log)`` gives
    the logarithms, and numbers come out by ``.evalf()``.
    """

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Return the value at 0, 1/2 and 1; None (stay symbolic) elsewhere."""
        if x in (sp.S.Zero, sp.S.One):
            return sp.S.Zero
        if x == sp.S.Half:
            return sp.S.One
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the slope, log2((1-x)/x)."""
        x = self.args[0]
        return sp.log((1 - x) / x) / sp.log(2)

    def _eval_rewrite_as_log(self, x: sp.Expr, **_: Any) -> sp.Expr:
        return -(x * sp.log(x) + (1 - x) * sp.log(1 - x)) / sp.log(2)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not self.args[0].is_number:
            return None
        return self._eval_rewrite_as_log(self.args[0])._eval_evalf(prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        body = rf"H_b\left({printer._print(self.args[0])}\right)"
        return body if exp is None else rf"{body}^{{{exp}}}"
