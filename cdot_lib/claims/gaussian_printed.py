"""What the errata of the printed Theorem 4 share: the two sides, and the mutants of each."""

from __future__ import annotations

from typing import Any

from cdot_lib.claims.ledger import Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import GaussianProblem

__all__ = [
    "PRINTED_SIGN",
    "PUBLISHED",
    "SOURCE",
    "SUBJECT",
    "SYMBOLIC",
    "THEORY",
    "TRUE_AS_PRINTED",
    "printed",
    "true",
]

#: The closed forms that hold.
THEORY = "cdot_lib.theory.gaussian"
#: Their SymPy twins, and those of the printed formulas.
SYMBOLIC = "cdot_lib.symbolic.gaussian"
#: The module with the printed formulas, which the errata are about.
PUBLISHED = "cdot_lib.theory.published_gaussian"
#: What the printed formulas are quoted from.
SOURCE = "nguyen2026, Theorem 4"
#: What the checks of an erratum see.
SUBJECT = {"gaussian": THEORY, "symbolic": SYMBOLIC, "published": PUBLISHED}

#: A printed formula that errs in its other direction.
PRINTED_SIGN = Mutant(
    "printed class case with its sign turned",
    PUBLISHED,
    "d_ind - 2.0 * std_s",
    "d_ind + 2.0 * std_s",
)
#: A truth that forgets what the errata are about.
TRUE_AS_PRINTED = Mutant(
    "truth without the bound on C",
    THEORY,
    "feasible = least <= class_bits + SLACK",
    "feasible = least <= np.inf * np.ones_like(least)",
)


def printed(
    subject: Subject, problem: GaussianProblem, rates: Any, losses: Any, base: str = "2"
) -> Any:
    """Evaluate the printed Theorem 4.

    Parameters
    ----------
    subject : Subject
        The modules under test.
    problem : GaussianProblem
    rates, losses : array_like
        Bounds on the rate and on the class loss, in bits.
    base : {"2", "e"}
        Base of the power in its class case.
    """
    return subject.published.distortion_gaussian(
        problem, rate_bits=rates, class_bits=losses, class_base=base
    )


def true(subject: Subject, problem: GaussianProblem, rates: Any, losses: Any) -> Any:
    """Evaluate the theorem that holds."""
    return subject.gaussian.distortion(problem, rate_bits=rates, class_bits=losses)
