"""What the claims about printed formulas share: their source, their range, their registration."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cdot_lib.claims.ledger import Check, Claim, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import BernoulliProblem
from cdot_lib.symbolic import formulas

__all__ = ["PUBLISHED", "SOURCE", "SUBJECT", "SYMBOLIC", "THEORY", "erratum", "printed_range"]

#: The closed forms that hold.
THEORY = "cdot_lib.theory.bernoulli"
#: Their SymPy twins, and those of the printed formulas.
SYMBOLIC = "cdot_lib.symbolic.bernoulli"
#: The module with the printed formulas, which the errata are about.
PUBLISHED = "cdot_lib.theory.published"
#: What the checks of an erratum see.
SUBJECT = {"bernoulli": THEORY, "symbolic": SYMBOLIC, "published": PUBLISHED}
#: What the printed formulas are quoted from.
SOURCE = "nguyen2026, Theorem 2"


def printed_range(rng: np.random.Generator, n: int) -> BernoulliProblem:
    """Draw problems within the printed range, off its edges."""
    return BernoulliProblem(
        rng.uniform(0.05, 0.45, n), rng.uniform(0.05, 0.5, n), rng.uniform(0.02, 0.4, n)
    )


def erratum(
    id: str,
    *,
    title: str,
    formula: str | tuple[str, ...],
    checks: tuple[Check, ...],
    mutants: tuple[Mutant, ...],
    source: str = SOURCE,
    subject: Mapping[str, str] = SUBJECT,
    chapter: str = "errata",
    mutant_instances: int = 100,
) -> None:
    """Register an erratum: a printed statement that fails, and what holds.

    Parameters
    ----------
    id, title : str
        Its name, and its heading on the page of claims.
    formula : str or tuple of str
        Names of the formulas that it shows.
    checks : tuple of Check
    mutants : tuple of Mutant
    source : str
        What is corrected; Theorem 2 if left out.
    subject : mapping of str to str
        The modules that the checks see; those of Theorem 2 if left out.
    chapter : str
        Slug of the chapter in which it stands.
    mutant_instances : int
        As in :class:`~cdot_lib.claims.ledger.Claim`.
    """
    names = (formula,) if isinstance(formula, str) else formula
    register(
        Claim(
            id=id,
            title=title,
            source=source,
            status="corrected",
            chapter=chapter,
            statement=lambda: r",\qquad ".join(formulas.latex(name) for name in names),
            subject=subject,
            checks=checks,
            mutants=mutants,
            mutant_instances=mutant_instances,
        )
    )
