"""Claims of the chapter ``classification-loss``: error rates between two bounds."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import entr

from cdot_lib.claims.class_loss_instances import ROUNDING, draw_beliefs, draw_law, posterior
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "classification-loss"
THEORY = "cdot_lib.theory.class_loss"
BITS = "cdot_lib.theory.bits"
SYMBOLIC = "cdot_lib.symbolic.class_loss"

Array = NDArray[np.float64]


def _between(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Fano below, both ceilings above, on random laws; the guess counted by trying every rule."""
    beyond, errors = [], []
    for _ in range(n):
        law = draw_law(rng)
        labels = len(law)
        loss = min(float(conditional_entropy(law)), float(np.log2(labels)))
        best = subject.theory.best_error(law)
        errors.append(best - (1.0 - sum(max(column) for column in law.T)))
        ceiling = subject.theory.error_ceiling(loss, letters=labels)
        beyond += [best - ceiling, ceiling - loss / 2]
        beyond.append(subject.bits.fano_error(loss, letters=labels) - best)
        beliefs = draw_beliefs(rng, law.shape)
        beyond.append(best - subject.theory.guess_error(law, beliefs))
        errors.append(subject.theory.guess_error(law, posterior(law)) - best)
    # Fano's root moves by up to 1e-8 where the curve is flat.
    return CheckResult.of(
        np.append(np.maximum(beyond, 0.0), errors),
        tolerance=1e-7,
        detail="root of Fano to 1e-8",
    )


def _simplex(labels: int, parts: int) -> Array:
    """Return all laws on `labels` letters whose probabilities are multiples of 1/parts, sorted."""

    def grow(left: int, most: int, room: int) -> list[tuple[int, ...]]:
        if room == 1:
            return [(left,)] if left <= most else []
        return [
            (head, *tail)
            for head in range(min(left, most), -1, -1)
            for tail in grow(left - head, head, room - 1)
        ]

    return np.array(grow(parts, parts, labels)) / parts


def _program(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Mix posteriors from a grid: largest error at a given H(S|Y), by linear programming.

    The grid holds the even laws on k letters, which the ceiling says are all that is needed.
    """
    grids = {labels: _simplex(labels, 12) for labels in (2, 3, 4)}
    errors = []
    for _ in range(n):
        labels = int(rng.integers(2, 5))
        columns = grids[labels]
        loss = rng.uniform(0.0, np.log2(labels))
        found = linprog(
            -(1.0 - columns.max(axis=1)),
            A_eq=np.stack([np.ones(len(columns)), entr(columns).sum(axis=1) / LN2]),
            b_eq=[1.0, loss],
            method="highs",
        )
        errors.append(-found.fun - subject.theory.error_ceiling(loss, letters=labels))
    return CheckResult.of(errors, tolerance=1e-7, detail="HiGHS meets its constraints to 1e-7")


def _coins(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A label that is erased with probability x: H(S|Y) = x bit, error x/2, exactly."""
    errors = [
        subject.theory.guess_error(np.full((m, 1), 1 / m), np.full((m, 1), 1 / m)) - (1 - 1 / m)
        for m in range(2, 8)
    ]
    for x in rng.uniform(0.0, 1.0, n):
        law = np.array([[(1 - x) / 2, 0.0, x / 2], [0.0, (1 - x) / 2, x / 2]])
        errors.append(float(conditional_entropy(law)) - x)
        errors.append(subject.theory.best_error(law) - x / 2)
        errors.append(subject.theory.error_ceiling(min(x, 1.0), letters=2) - x / 2)
    return CheckResult.of(errors, tolerance=ROUNDING, detail="erasure of a fair bit")


def _corners(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The corners of the ceiling, and that a first half-line of slope 1/2 lies above them."""
    sym = subject.symbolic
    bits, error = sym.corner()
    (turn,) = sp.solve(sp.diff(sym.halves(), sym.b), sym.b)
    wrong = [
        # Falling up to its only turning point, which is beyond 1/2, and 0 at 1/2: not negative.
        sp.simplify(turn - 1 / (2 * sp.log(2))) != 0,
        not float(turn) > 0.5,
        sym.halves().subs(sym.b, sp.S.Half) != 0,
        not float(sym.halves().subs(sym.b, sp.Rational(1, 4))) > 0,
    ]
    off = []
    for size in range(1, 11):
        point = float(bits.subs(sym.k, size)), float(error.subs(sym.k, size))
        off.append(subject.theory.error_ceiling(point[0], letters=10) - point[1])
        off.append(max(0.0, point[1] - point[0] / 2))
    return CheckResult.of(np.append(wrong, off), tolerance=ROUNDING, detail="k = 1, ..., 10")


register(
    Claim(
        id="prop-error-sandwich",
        title="The least error rate lies between Fano's inequality and half the class loss",
        source="hellman1970; feder1994",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"F^{-1}(H(S|Y)) \le P_e^\star \le \tfrac12 H(S|Y)",
        subject={"theory": THEORY, "bits": BITS, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "the best guess of random laws", _between, quick=150),
            Check(
                "independent solver",
                "largest error at a class loss, by linear program",
                _program,
                smoke=20,
                quick=100,
                full=2000,
            ),
            Check("instance", "an erased bit meets the ceiling", _coins),
            Check("symbolic identity", "corners and slope", _corners),
        ),
        mutants=(
            Mutant(
                "ceiling over k, not log2 k",
                THEORY,
                "np.log2(k), 1.0 - 1.0 / k))",
                "k - 1.0, 1.0 - 1.0 / k))",
            ),
            Mutant(
                "half the class loss beyond one bit",
                THEORY,
                "np.asarray(np.interp(bits, np.log2(k), 1.0 - 1.0 / k))",
                "bits / 2.0",
            ),
            Mutant(
                "largest law of Y in place of S",
                THEORY,
                "_joint(joint).max(axis=-2).sum(axis=-1)",
                "_joint(joint).max(axis=-1).sum(axis=-1)",
            ),
            Mutant(
                "the least believed label is named",
                THEORY,
                "named = q >= q.max(axis=-2, keepdims=True) - _TIE",
                "named = q <= q.min(axis=-2, keepdims=True) + _TIE",
            ),
            Mutant(
                "ties counted twice",
                THEORY,
                "share = named / named.sum(axis=-2, keepdims=True)",
                "share = named",
            ),
            Mutant(
                "ceiling of one label more",
                THEORY,
                "k = np.arange(1, most + 1)",
                "k = np.arange(1, most + 1) + 1",
            ),
            Mutant(
                "corner of k + 1 labels",
                SYMBOLIC,
                "return _log2(k), 1 - 1 / k",
                "return _log2(k), 1 - 1 / (k + 1)",
            ),
            Mutant(
                "the curve of k labels, not its chords",
                THEORY,
                "np.asarray(np.interp(bits, np.log2(k), 1.0 - 1.0 / k))",
                "np.asarray(1.0 - np.exp2(-bits))",
            ),
            Mutant(
                "corners at powers of two only",
                THEORY,
                "np.asarray(np.interp(bits, np.log2(k), 1.0 - 1.0 / k))",
                "np.asarray(np.interp(bits, k - 1.0, 1.0 - 0.5 ** (k - 1)))",
            ),
            Mutant(
                "half of the rest forgotten",
                SYMBOLIC,
                "return -_log2(b) - 2 * (1 - b)",
                "return -_log2(b) - (1 - b)",
            ),
        ),
        mutant_instances=20,
    )
)
