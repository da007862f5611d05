"""Errata of the printed Theorem 4: E1 (Gaussian), E5, E6, second half of E7, and the figure.

Each erratum states what the printed formula gives and what holds, and tests both on an
instance by hand and on random ones: a test that would pass on the printed version is none.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.gaussian_instances import (
    FIGURE,
    FIGURE_CLASS_BITS,
    account,
    draw_printed,
)
from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Subject
from cdot_lib.claims.mutation import Mutant
from cdot_lib.claims.printed import erratum
from cdot_lib.problems import GaussianProblem

__all__: list[str] = []

THEORY = "cdot_lib.theory.gaussian"
SYMBOLIC = "cdot_lib.symbolic.gaussian"
PUBLISHED = "cdot_lib.theory.published_gaussian"
SOURCE = "nguyen2026, Theorem 4"
SUBJECT = {"gaussian": THEORY, "symbolic": SYMBOLIC, "published": PUBLISHED}


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
        problem, rates, losses = draw_printed(rng, n)
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
        (printed[0], 1.0006, 4),
        (consistent[0], 1.1620, 4),
        (printed[1], 1.0158, 4),
        (true.value[1], 1.0158, 4),
        (float(true.feasible[0]), 0.0, 0),
        (onset, 0.1393, 4),
    ]
    errors = [abs(seen - number) * 10**digits for seen, number, digits in quoted]
    return CheckResult.of(errors, tolerance=0.5, detail="in units of the last digit quoted")


def _e1_needs_more_rate(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """In the class case the printed distortion needs more rate than R; nothing meets C at R."""
    problem, rates, losses = draw_printed(rng, n)
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
    wrong = [
        printed.case != 1,
        not printed.value < FIGURE.d_ind - 0.5,
        not abs(true.value - FIGURE.d_ind) < 1e-12,
        _true(subject, FIGURE, 0.0, FIGURE_CLASS_BITS).feasible,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="the figure at R = 0")


def _e5_jumps(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """On the border of its cases the printed form jumps; with base 2 it does not."""
    problem, rates, _ = draw_printed(rng, n)
    border = subject.gaussian.class_bits_min(problem, rate_bits=rates) - 1e-12
    mixed, one_unit = (_printed(subject, problem, rates, border, base) for base in ("e", "2"))
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
    problem, rates, _ = draw_printed(rng, n)
    h_x = 0.5 * np.log2(2 * np.pi * np.e) + np.log2(problem.std_x)
    rates = np.maximum(h_x, 0.0) + rates
    losses = problem.h_s + 0.1
    printed = _printed(subject, problem, rates, losses)
    true = _true(subject, problem, rates, losses)
    limit = _true(subject, problem, np.inf, np.inf).value
    wrong = [
        printed.case != 3,
        printed.value != 0.0,
        ~(true.value > problem.d_min - 1e-12),
        ~(true.value > 0.0),
        np.abs(limit - problem.d_min) > 1e-12,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="R above h(X), C above h(S)")


def _e6_no_threshold(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """h(X) is no threshold: with the unit of X it moves, the distortion's share does not."""
    problem, rates, _ = draw_printed(rng, n)
    factor = np.exp(rng.uniform(-2, 2, n))
    grown = GaussianProblem(
        *(factor * v for v in (problem.mean_x, problem.std_x, problem.mean_y, problem.std_y)),
        1.0,
        0.0,
    )
    here, there = (_true(subject, p, rates, np.inf).value for p in (problem, grown))
    return CheckResult.of(there / factor**2 - here, tolerance=1e-9, detail="any unit of length")


def _e6_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The floor shown in print is W2^2, the distortion at unlimited rate."""
    sym, (problem, _, _) = subject.symbolic, draw_printed(rng, n)
    floor = sp.lambdify((sym.mx, sym.sx, sym.my, sym.sy), sym.transport_cost(), "numpy")
    seen = floor(problem.mean_x, problem.std_x, problem.mean_y, problem.std_y)
    return CheckResult.of(
        [seen - problem.d_min, seen - _true(subject, problem, np.inf, np.inf).value],
        tolerance=1e-12,
    )


def _e7_wrong_way(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """As C falls the printed distortion falls; the true one stays, then nothing is feasible."""
    problem, rates, losses = draw_printed(rng, n)
    least = subject.gaussian.class_bits_min(problem, rate_bits=rates)
    middle = 0.5 * (losses + least)
    tight, loose = (_printed(subject, problem, rates, c).value for c in (losses, middle))
    above, far = (_true(subject, problem, rates, least + c) for c in (1e-9, 1.0))
    wrong = [
        ~(tight < loose),
        ~above.feasible,
        above.value != far.value,
        _true(subject, problem, rates, losses).feasible,
    ]
    return CheckResult.of(np.concatenate(wrong), tolerance=0, detail="four relations each")


def _e7_one_coupling(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Among all correlations that R allows, one is best for both, distortion and label."""
    problem, rates, _ = draw_printed(rng, n)
    column = GaussianProblem(*(v[:, None] for v in vars(problem).values()))
    grid = np.linspace(-0.999, 0.999, 401)
    seen = account(column, grid)
    allowed = seen["rate"] <= rates[:, None]
    best = _true(subject, problem, rates, np.inf)
    lead = np.maximum(best.value[:, None] - seen["distortion"], 0.0)
    told = np.maximum(best.class_bits[:, None] - seen["class_bits"], 0.0)
    return CheckResult.of(
        np.where(allowed, np.maximum(lead, told), 0.0).max(-1),
        tolerance=1e-9,
        detail="401 correlations each",
    )


def _e7_slope(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The printed class case rises with C: its slope is positive wherever it is real."""
    sym, wrong = subject.symbolic, []
    for base in (sp.E, sp.S(2)):
        printed = sym.published_cases(base)["class"]
        saved = sym.distortion_of_correlation().subs(sym.rho, 0) - printed
        # With saved = k sqrt(1 - power) the slope is k^2 power' / (2 saved).
        k = 2 * sym.ss * sym.sx**2 * sym.sy / sym.theta
        power = base ** (-2 * sym.differential_entropy(sym.ss**2) + 2 * sym.C)
        slope = k**2 * 2 * sp.log(base) * power / (2 * saved)
        wrong.append(sp.simplify(sp.diff(printed, sym.C) - slope) != 0)
    # The distortion and what stays unknown of S both fall with the correlation, if positive.
    cost, unknown = sym.saving_slopes()
    wrong.append(sp.simplify(cost + 2 * sym.sx * sym.sy) != 0)
    wrong.append(sp.simplify(unknown + 2 * sym.rho * sym.theta**2 / sym.sx**2) != 0)
    return CheckResult.of(wrong, tolerance=0, detail="both bases of the power; both slopes")


_PRINTED_SIGN = Mutant(
    "printed class case with its sign turned",
    PUBLISHED,
    "d_ind - 2.0 * std_s",
    "d_ind + 2.0 * std_s",
)
_TRUE_AS_PRINTED = Mutant(
    "truth without the bound on C",
    THEORY,
    "feasible = least <= class_bits + SLACK",
    "feasible = least <= np.inf * np.ones_like(least)",
)

erratum(
    "fig-gaussian-drc",
    title="The published Gaussian figure and the true curve (C = 2)",
    formula="gaussian-published-class",
    source="nguyen2026, figure of Theorem 4",
    subject=SUBJECT,
    checks=(
        Check("instance", "six quoted numbers, in units of the last digit", _figure_values),
        Check("rational points", "printed class case, NumPy against SymPy", _twin("class")),
        Check("rational points", "printed rate case, NumPy against SymPy", _twin("rate")),
    ),
    mutants=(
        _PRINTED_SIGN,
        Mutant(
            "printed rate case halved",
            PUBLISHED,
            "2.0 * std_x * std_y * np.sqrt",
            "std_x * std_y * np.sqrt",
        ),
        Mutant(
            "printed base exchanged",
            PUBLISHED,
            'power if base == "e" else LN2 * power',
            'power if base == "2" else LN2 * power',
        ),
        Mutant(
            "printed border in nats",
            PUBLISHED,
            "least = 0.5 * np.log2(1.0 - relation**2)",
            "least = 0.5 * np.log(1.0 - relation**2)",
        ),
        Mutant(
            "derivation: printed ratio turned over",
            SYMBOLIC,
            "sy / theta * sp.sqrt",
            "sy * theta * sp.sqrt",
        ),
    ),
    chapter="gaussian",
)


erratum(
    "erratum-e1-gaussian",
    title="Theorem 4, class case: asks for more rate than there is",
    formula="gaussian-published-class",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "the rate it needs, and feasibility", _e1_needs_more_rate),
        Check("instance", "R = 0 by hand", _e1_by_hand),
    ),
    mutants=(
        _PRINTED_SIGN,
        _TRUE_AS_PRINTED,
        Mutant(
            "printed cases swapped",
            PUBLISHED,
            "np.where(loss <= border, 1, 2)",
            "np.where(loss <= border, 2, 1)",
        ),
    ),
)


erratum(
    "erratum-e5",
    title="Theorem 4 mixes bits and nats",
    formula="gaussian-published-class",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "the cases meet with base 2, not with e", _e5_jumps),
        Check("instance", "C = 2 in nats by hand", _e5_by_hand),
    ),
    mutants=(
        Mutant(
            "printed power always of 2",
            PUBLISHED,
            'power if base == "e" else LN2 * power',
            "LN2 * power",
        ),
        Mutant(
            "derivation: printed power of 2",
            SYMBOLIC,
            "def published_cases(base: sp.Expr = sp.E)",
            "def published_cases(base: sp.Expr = sp.S(2))",
        ),
    ),
)


erratum(
    "erratum-e6",
    title="Theorems 4 and 7, D = 0: below the transport cost",
    formula="gaussian-transport-cost",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("property", "above h(X) and h(S)", _e6_floor),
        Check("property", "h(X) is no threshold", _e6_no_threshold),
        Check("limit", "unlimited rate, by SymPy", _e6_transport),
    ),
    mutants=(
        Mutant(
            "truth without its floor",
            THEORY,
            "value = shift**2 + (std_x - std_y) ** 2 +",
            "value =",
        ),
        Mutant(
            "printed last case never",
            PUBLISHED,
            "(loss > h_s) & (bits > h_x), 3, case)",
            "(loss > h_s) & (bits > 1e9), 3, case)",
        ),
        Mutant("derivation: limit at the other end", SYMBOLIC, "R, sp.oo))", "R, 0))"),
        Mutant(
            "truth with a threshold at h(X)",
            THEORY,
            "left = np.exp2(-2.0 * bits)\n",
            "left = np.where(bits > 2.05 + np.log2(std_x), 0.0, np.exp2(-2.0 * bits))\n",
        ),
    ),
)


erratum(
    "erratum-e7b",
    title="A tighter C raises D: not for a scalar Gaussian",
    formula="gaussian-class-min",
    source=SOURCE,
    subject=SUBJECT,
    checks=(
        Check("symbolic identity", "printed slope in C; true slopes in rho", _e7_slope),
        Check("property", "the printed D falls as C falls", _e7_wrong_way),
        Check("property", "one coupling is best for both", _e7_one_coupling),
    ),
    mutants=(
        _PRINTED_SIGN,
        _TRUE_AS_PRINTED,
        Mutant(
            "truth follows the other sign",
            THEORY,
            "rho = correlation_of_rate(bits)\n",
            "rho = -correlation_of_rate(bits)\n",
        ),
        Mutant(
            "derivation: printed root turned over",
            SYMBOLIC,
            "sp.sqrt(1 - power)",
            "sp.sqrt(1 - 1 / power)",
        ),
    ),
)
