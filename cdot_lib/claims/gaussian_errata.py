"""Errata of the printed Theorems 4 and 7: E1 (Gaussian), E5, E6, E7, and the figure.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
They are entered into the ledger by :mod:`~cdot_lib.claims.topic_gaussian_errata`.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.gaussian_instances import FIGURE, FIGURE_CLASS_BITS, account
from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.problems import GaussianProblem
from cdot_lib.symbolic.gaussian_formulas import GAUSSIAN_FORMULAS

__all__ = ["CLAIMS"]

THEORY = "cdot_lib.theory.gaussian"
PERCEPTION = "cdot_lib.theory.perception"
SYMBOLIC = "cdot_lib.symbolic.gaussian"
PUBLISHED = "cdot_lib.theory.published_gaussian"
SUBJECT = {
    "gaussian": THEORY, "perception": PERCEPTION, "symbolic": SYMBOLIC, "published": PUBLISHED,
}


def _draw(rng: np.random.Generator, n: int) -> tuple[GaussianProblem, np.ndarray, np.ndarray]:
    """Draw problems in the paper's range, rates, and class bounds in its class case."""
    std_x, std_y, std_s = np.exp(rng.uniform(-1, 1, (3, n)))
    relation = rng.uniform(0.2, 0.95, n)
    problem = GaussianProblem(
        rng.normal(size=n), std_x, rng.normal(size=n), std_y, std_s, relation * std_x * std_s
    )
    rates = rng.uniform(0.05, 3.0, n)
    # Strictly between the printed border of feasibility and that of the two cases.
    ends = [-np.expm1(-2.0 * np.log(2.0) * rates), np.ones(n)]
    share = ends[0] + rng.uniform(0.02, 0.98, n) * (ends[1] - ends[0])
    losses = problem.h_s + 0.5 * np.log2(1.0 - relation**2 * share)
    return problem, rates, losses


def _printed(subject: Subject, problem, rates, losses, base: str = "2"):
    return subject.published.distortion_gaussian(
        problem, rate_bits=rates, class_bits=losses, class_base=base
    )


def _true(subject: Subject, problem, rates, losses):
    return subject.gaussian.distortion(problem, rate_bits=rates, class_bits=losses)


def _twin(case: str):
    """The printed formula as typed in NumPy against the SymPy object that the book shows."""

    def run(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
        sym, errors = subject.symbolic, []
        problem, rates, losses = _draw(rng, n)
        losses = losses if case == "class" else np.full(n, np.inf)
        # Below h(X), where the printed last case begins.
        rates = np.minimum(rates, 0.99 * (problem.h_s + np.log2(problem.std_x / problem.std_s)))
        order = (sym.mx, sym.my, sym.sx, sym.sy, sym.ss, sym.theta, sym.R, sym.C)
        columns = [*vars(problem).values(), rates, losses]
        for base, symbol in (("e", sp.E), ("2", sp.S(2))):
            exact = thirty_digits(sym.published_cases(symbol)[case], order)
            found = _printed(subject, problem, rates, losses, base)
            for i, row in enumerate(zip(*columns, strict=True)):
                mean_x, std_x, mean_y, std_y, std_s, theta, rate, loss = map(float, row)
                value = exact(mean_x, mean_y, std_x, std_y, std_s, theta, rate, loss)
                wrong_case = found.case[i] != {"class": 1, "rate": 2}[case]
                errors.append(1.0 if wrong_case else abs(float(value) - found.value[i]))
        return CheckResult.of(errors, tolerance=1e-10, detail="both bases of the power")

    return run


def _figure_values(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The figures quoted in the text, to the four digits that it prints."""
    printed, consistent = (
        _printed(subject, FIGURE, [0.1, 0.2, 2.1], FIGURE_CLASS_BITS, base).value
        for base in ("e", "2")
    )
    true = _true(subject, FIGURE, [0.1, 0.2], FIGURE_CLASS_BITS)
    onset = subject.gaussian.rate(FIGURE, distortion=np.inf, class_bits=FIGURE_CLASS_BITS).value
    quoted = [
        (printed[0], 1.0006, 4), (consistent[0], 1.1620, 4), (printed[1], 1.0158, 4),
        (true.value[1], 1.0158, 4), (float(true.feasible[0]), 0.0, 0), (onset, 0.1393, 4),
    ]
    errors = [abs(seen - number) * 10**digits for seen, number, digits in quoted]
    return CheckResult.of(errors, tolerance=0.5, detail="in units of the last digit quoted")


def _e1_needs_more_rate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """In the class case the printed distortion needs more rate than R; nothing meets C at R."""
    problem, rates, losses = _draw(rng, n)
    printed = _printed(subject, problem, rates, losses)
    implied = (problem.d_ind - printed.value) / (2.0 * problem.std_x * problem.std_y)
    seen = account(problem, implied)
    true = _true(subject, problem, rates, losses)
    back = subject.gaussian.rate(problem, distortion=printed.value, class_bits=losses)
    wrong = [
        printed.case != 1,
        seen["rate"] <= rates,
        np.abs(seen["class_bits"] - losses) > 1e-9,
        true.feasible,
        # As a rate-distortion-class function the printed pair is sound.
        np.abs(back.value - seen["rate"]) > 1e-7,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="five relations each")


def _e1_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """At R = 0, Y knows nothing of X, so D = d_ind; the printed case gives less."""
    printed = _printed(subject, FIGURE, 0.0, FIGURE_CLASS_BITS)
    true = _true(subject, FIGURE, 0.0, np.inf)
    wrong = [printed.case != 1, not printed.value < FIGURE.d_ind - 0.5,
             not abs(true.value - FIGURE.d_ind) < 1e-12,
             _true(subject, FIGURE, 0.0, FIGURE_CLASS_BITS).feasible]
    return CheckResult.of(wrong, tolerance=0, detail="the figure at R = 0")


def _e5_jumps(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """On the border of its cases the printed form jumps; with base 2 it does not."""
    problem, rates, _ = _draw(rng, n)
    border = subject.gaussian.class_bits_min(problem, rate_bits=rates) - 1e-12
    mixed, one_unit = (
        _printed(subject, problem, rates, border, base) for base in ("e", "2")
    )
    rate_case = _true(subject, problem, rates, np.inf).value
    wrong = [
        np.abs(one_unit.value - rate_case) > 1e-7,
        np.abs(mixed.value - rate_case) < 1e-3,
        (mixed.case != 1) | (one_unit.case != 1),
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="e jumps, 2 does not")


def _e5_by_hand(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With C = 2 in nats the figure's class case is the root of a negative number."""
    sym = subject.symbolic
    entropy = sp.log(2 * sp.pi * sp.E) / 2
    inside = 1 - sp.exp(-2 * entropy + 2 * 2)
    in_bits = 1 - 2 ** (-2 * entropy / sp.log(2) + 2 * 2)
    shown = sym.published_cases()["class"].atoms(sp.exp)
    wrong = [not inside.evalf() < 0, not in_bits.evalf() > 0, not shown]
    return CheckResult.of(wrong, tolerance=0, detail="h(S) = 1.419 nats, 2.047 bits")


def _e6_floor(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed last case is below the optimal transport cost; the truth never is."""
    problem, rates, _ = _draw(rng, n)
    h_x = 0.5 * np.log2(2 * np.pi * np.e) + np.log2(problem.std_x)
    rates = np.maximum(h_x, 0.0) + rates
    losses = problem.h_s + 0.1
    printed = _printed(subject, problem, rates, losses)
    true = _true(subject, problem, rates, losses)
    limit = _true(subject, problem, np.inf, np.inf).value
    wrong = [printed.case != 3, printed.value != 0.0, ~(true.value > problem.d_min - 1e-12),
             ~(true.value > 0.0), np.abs(limit - problem.d_min) > 1e-12]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="R above h(X), C above h(S)")


def _e6_no_threshold(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """h(X) is no threshold: with the unit of X it moves, the distortion's share does not."""
    problem, rates, _ = _draw(rng, n)
    factor = np.exp(rng.uniform(-2, 2, n))
    grown = GaussianProblem(*(factor * v for v in (
        problem.mean_x, problem.std_x, problem.mean_y, problem.std_y)), 1.0, 0.0)
    here, there = (_true(subject, p, rates, np.inf).value for p in (problem, grown))
    return CheckResult.of(there / factor**2 - here, tolerance=1e-9, detail="any unit of length")


def _e7_wrong_way(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """As C falls the printed distortion falls; the true one stays, then nothing is feasible."""
    problem, rates, losses = _draw(rng, n)
    least = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    middle = 0.5 * (losses + least)
    tight, loose = (_printed(subject, problem, rates, c).value for c in (losses, middle))
    above, far = (_true(subject, problem, rates, least + c) for c in (1e-9, 1.0))
    wrong = [~(tight < loose), ~above.feasible, above.value != far.value,
             _true(subject, problem, rates, losses).feasible]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="four relations each")


def _e7_one_coupling(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Among all correlations that R allows, one is best for both, distortion and label."""
    problem, rates, _ = _draw(rng, n)
    column = GaussianProblem(*(v[:, None] for v in vars(problem).values()))
    grid = np.linspace(-0.999, 0.999, 401)
    seen = account(column, grid)
    allowed = seen["rate"] <= rates[:, None]
    best = _true(subject, problem, rates, np.inf)
    lead = np.maximum(best.value[:, None] - seen["distortion"], 0.0)
    told = np.maximum(best.class_bits[:, None] - seen["class_bits"], 0.0)
    return CheckResult.of(np.where(allowed, np.maximum(lead, told), 0.0).max(-1), tolerance=1e-9,
                          detail="401 correlations each")


def _t7(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Theorem 7 as printed: right in its rate case, out of reach or below the floor elsewhere."""
    problem, rates, losses = _draw(rng, n)
    nats = np.exp(rng.uniform(-5, 1, n))
    rates = np.minimum(rates, 2.0)
    printed = {"std_x": problem.std_x, "std_s": problem.std_s, "cov_xs": problem.cov_xs,
               "perception": nats}
    given = {"mean_x": problem.mean_x, "std_x": problem.std_x, "mean_ref": problem.mean_x,
             "std_ref": problem.std_x, "perception": nats, "divergence": "kl",
             "std_s": problem.std_s, "cov_xs": problem.cov_xs}
    least = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    h_x = 0.5 * np.log2(2 * np.pi * np.e) + np.log2(problem.std_x)
    errors = []
    for bound, loss, case in (
        (rates, np.minimum(least + 0.01, problem.h_s), 2),
        (rates, losses, 1),
        (np.maximum(h_x, 0.0) + 0.1, problem.h_s + 0.1, 3),
    ):
        paper = subject.published.distortion_perception_kl(
            **printed, rate_bits=bound, class_bits=loss
        )
        true = subject.perception.distortion(**given, rate_bits=bound, class_bits=loss)
        inside = paper.case == case
        if case == 2:
            errors.append(np.abs(paper.value - true.value)[inside])
        elif case == 1:
            errors.append(true.feasible[inside] | ~np.isfinite(paper.value[inside]))
        else:
            errors.append((paper.value != 0.0) | ~(true.value > 0.0))
        errors.append([float(inside.mean() < 0.3)])
    return CheckResult.of(np.concatenate(errors), tolerance=1e-9, detail="three cases")


def _erratum(id: str, title: str, formula: str, checks, mutants, **rest) -> Claim:
    return Claim(
        id=id, title=title, status="corrected", checks=checks, mutants=mutants, subject=SUBJECT,
        statement=GAUSSIAN_FORMULAS[formula],
        **({"source": "nguyen2026, Theorem 4", "chapter": "errata"} | rest),
    )


_PRINTED_SIGN = Mutant("printed class case with its sign turned", PUBLISHED,
                       "d_ind - 2.0 * std_s", "d_ind + 2.0 * std_s")
_TRUE_AS_PRINTED = Mutant("truth without the bound on C", THEORY,
                          "feasible = least <= class_bits + SLACK",
                          "feasible = least <= np.inf * np.ones_like(least)")

#: The claims of this module, to be registered.
CLAIMS = (
    _erratum(
        "fig-gaussian-drc", "The published Gaussian figure and the true curve (C = 2)",
        "gaussian-published-class",
        (
            Check("instance", "six quoted numbers, in units of the last digit", _figure_values),
            Check("rational points", "printed class case, NumPy against SymPy", _twin("class")),
            Check("rational points", "printed rate case, NumPy against SymPy", _twin("rate")),
        ),
        (
            _PRINTED_SIGN,
            Mutant("printed rate case halved", PUBLISHED, "2.0 * std_x * std_y * np.sqrt",
                   "std_x * std_y * np.sqrt"),
            Mutant("printed base exchanged", PUBLISHED, 'power if base == "e" else LN2 * power',
                   'power if base == "2" else LN2 * power'),
            Mutant("printed border in nats", PUBLISHED, "least = 0.5 * np.log2(1.0 - relation**2)",
                   "least = 0.5 * np.log(1.0 - relation**2)"),
            Mutant("derivation: printed ratio turned over", SYMBOLIC, "sy / theta * sp.sqrt",
                   "sy * theta * sp.sqrt"),
        ),
        source="nguyen2026, figure of Theorem 4", chapter="gaussian",
    ),
    _erratum(
        "erratum-e1-gaussian", "Theorem 4, class case: asks for more rate than there is",
        "gaussian-published-class",
        (Check("property", "the rate it needs, and feasibility", _e1_needs_more_rate),
         Check("instance", "R = 0 by hand", _e1_by_hand)),
        (_PRINTED_SIGN, _TRUE_AS_PRINTED,
         Mutant("printed cases swapped", PUBLISHED, "np.where(loss <= border, 1, 2)",
                "np.where(loss <= border, 2, 1)")),
    ),
    _erratum(
        "erratum-e5", "Theorem 4 mixes bits and nats", "gaussian-published-class",
        (Check("property", "the cases meet with base 2, not with e", _e5_jumps),
         Check("instance", "C = 2 in nats by hand", _e5_by_hand)),
        (Mutant("printed power always of 2", PUBLISHED, 'power if base == "e" else LN2 * power',
                "LN2 * power"),
         Mutant("derivation: printed power of 2", SYMBOLIC,
                "def published_cases(base: sp.Expr = sp.E)",
                "def published_cases(base: sp.Expr = sp.S(2))")),
    ),
    _erratum(
        "erratum-e6", "Theorems 4 and 7, D = 0: below the transport cost",
        "gaussian-published-rate",
        (Check("property", "above h(X) and h(S)", _e6_floor),
         Check("property", "h(X) is no threshold", _e6_no_threshold)),
        (Mutant("truth without its floor", THEORY, "value = shift**2 + (std_x - std_y) ** 2 +",
                "value ="),
         Mutant("printed last case never", PUBLISHED, "(loss > h_s) & (bits > h_x), 3, case)",
                "(loss > h_s) & (bits > 1e9), 3, case)"),
         Mutant("truth with a threshold at h(X)", THEORY, "left = np.exp2(-2.0 * bits)\n",
                "left = np.where(bits > 2.05 + np.log2(std_x), 0.0, np.exp2(-2.0 * bits))\n")),
    ),
    _erratum(
        "erratum-e7b", "A tighter C raises D: not for a scalar Gaussian",
        "gaussian-class-min",
        (Check("property", "the printed D falls as C falls", _e7_wrong_way),
         Check("property", "one coupling is best for both", _e7_one_coupling)),
        (_PRINTED_SIGN, _TRUE_AS_PRINTED,
         Mutant("truth follows the other sign", THEORY, "rho = correlation_of_rate(bits)\n",
                "rho = -correlation_of_rate(bits)\n")),
    ),
    _erratum(
        "erratum-t7", "Theorem 7: right where the rate decides", "perception-kl-low",
        (Check("property", "three cases against the truth", _t7, smoke=60),),
        (Mutant("printed sigma(P) from the other branch", PUBLISHED,
                "lambertw(-np.exp(-1.0 - 2.0 * nats), 0)",
                "lambertw(-np.exp(-1.0 - 2.0 * nats), -1)"),
         Mutant("printed rate in nats", PUBLISHED, "left_rate = np.exp2(-2.0 * bits)",
                "left_rate = np.exp(-2.0 * bits)"),
         Mutant("truth without the bound on C", PERCEPTION, "feasible = least <= cap + SLACK",
                "feasible = least <= np.inf * np.ones_like(least)")),
        source="nguyen2026, Theorem 7",
    ),
)
