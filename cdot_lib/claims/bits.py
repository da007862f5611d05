"""Claims of the chapter ``bits``: data processing and Fano."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import rel_entr

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.symbolic.entropy import Hb
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "bits"
INFORMATION = "cdot_lib.information"
THEORY = "cdot_lib.theory.bits"
SYMBOLIC = "cdot_lib.symbolic.bits"

#: Sums of a few dozen terms of size one, in double precision.
ROUNDING = 1e-12

Array = NDArray[np.float64]


def divergence_bits(joint: Array) -> float:
    """I(A;B) by its other definition: the divergence of p(a,b) from p(a) p(b)."""
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    return float(rel_entr(joint, product).sum() / LN2)


def draw_chain(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Draw S - X - Y: the joint laws of (S, X), (X, Y) and (S, Y), some with zeros."""
    sizes = rng.integers(2, 6, size=3)
    noise = rng.choice([0.1, 1.0])
    p_sx = rng.dirichlet(np.full(sizes[0] * sizes[1], noise)).reshape(sizes[0], sizes[1])
    y_given_x = rng.dirichlet(np.full(sizes[2], noise), size=sizes[1])
    if rng.random() < 0.3:  # a function of X
        y_given_x = np.eye(sizes[2])[rng.integers(sizes[2], size=sizes[1])]
    return p_sx, p_sx.sum(axis=0)[:, None] * y_given_x, p_sx @ y_given_x


def _two_definitions(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        for joint in draw_chain(rng):
            errors.append(subject.information.mutual_information(joint) - divergence_bits(joint))
    return CheckResult.of(errors, tolerance=ROUNDING, detail="H(A) - H(A|B) against a divergence")


def _processing(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The loss I(S;X|Y) and the surplus I(X;Y|S), by divergences; neither is negative."""
    errors = []
    for _ in range(n):
        p_sx, p_xy, p_sy = draw_chain(rng)
        info = subject.information.mutual_information
        p_x = p_xy.sum(axis=1)
        y_given_x = np.divide(p_xy, p_x[:, None], out=np.zeros_like(p_xy), where=p_x[:, None] > 0)
        rest = 0.0
        for row in p_sx:
            weight = row.sum()
            if weight > 0:
                rest += weight * divergence_bits(row[:, None] / weight * y_given_x)
        errors.append(info(p_xy) - info(p_sy) - rest)
        lost = 0.0
        for channel, weight in zip(y_given_x.T, p_sy.sum(axis=0), strict=True):
            if weight > 0:  # p(s, x | y)
                lost += weight * divergence_bits(p_sx * channel / weight)
        errors.append(info(p_sx) - info(p_sy) - lost)
        errors.append(max(0.0, info(p_sy) - min(info(p_xy), info(p_sx))))
    return CheckResult.of(errors, tolerance=ROUNDING, detail="both differences, by divergences")


register(
    Claim(
        id="thm-data-processing",
        title="Data processing: no output knows more of the label than its input did",
        source="cover2006, Theorem 2.8.1",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"S - X - Y \;\Rightarrow\; I(S;Y) \le \min\{I(S;X), I(X;Y)\}",
        subject={"information": INFORMATION},
        checks=(
            Check("independent solver", "two definitions of I", _two_definitions),
            Check("property", "the loss I(S;X|Y), the surplus I(X;Y|S)", _processing),
        ),
        mutants=(
            Mutant(
                "H(B|A) for H(A|B)",
                INFORMATION,
                "entr(table.sum(axis=-2)).sum(axis=-1)",
                "entr(table.sum(axis=-1)).sum(axis=-1)",
            ),
            Mutant(
                "conditional entropy in nats",
                INFORMATION,
                "return np.maximum(h_ab - h_of_b, 0.0) / LN2",
                "return np.maximum(h_ab - h_of_b, 0.0)",
            ),
            Mutant(
                "conditional entropy added",
                INFORMATION,
                "h_of_a - conditional_entropy(table)",
                "h_of_a + conditional_entropy(table)",
            ),
        ),
    )
)


def _fano_holds(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The best guess from Y, by its definition, on random joint laws."""
    beyond = []
    for _ in range(n):
        labels, size = int(rng.integers(2, 12)), int(rng.integers(1, 6))
        p_sy = rng.dirichlet(np.full(labels * size, rng.choice([0.1, 1.0, 10.0])))
        p_sy = p_sy.reshape(labels, size)
        error = 1.0 - p_sy.max(axis=0).sum()
        loss = -float(rel_entr(p_sy, p_sy.sum(axis=0, keepdims=True)).sum() / LN2)
        beyond.append(loss - subject.bits.fano_bits(max(error, 0.0), letters=labels))
        beyond.append(subject.bits.fano_error(loss, letters=labels) - error)
    return CheckResult.of(np.maximum(beyond, 0.0), tolerance=1e-9, detail="root to 1e-9")


def _fano_tight(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """No law with its largest mass at 1 - e has more entropy: a concave program, by SLSQP."""
    errors = []
    for _ in range(n):
        labels = int(rng.integers(2, 7))
        error = rng.uniform(0.05, 1.0 - 1.0 / labels)
        start = rng.dirichlet(np.ones(labels - 1)) * error

        def negative(tail: Array) -> tuple[float, Array]:
            safe = np.maximum(tail, 1e-300)
            return float(safe @ np.log2(safe)), np.log2(safe) + 1.0 / LN2

        found = minimize(
            negative,
            start,
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * (labels - 1),
            constraints={"type": "eq", "fun": lambda tail, e=error: tail.sum() - e},
            options={"maxiter": 300, "ftol": 1e-14},
        )
        most = -found.fun - (1.0 - error) * np.log2(1.0 - error)
        errors.append(most - subject.bits.fano_bits(error, letters=labels))
    return CheckResult.of(errors, tolerance=1e-6, detail="largest entropy, SLSQP to 1e-6")


def _fano_inverse(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    # Half of the alphabets small, two letters among them: there the upper end of e matters most.
    labels = np.where(rng.random(n) < 0.5, rng.integers(2, 6, n), rng.integers(2, 1000, n))
    bits = np.log2(labels) * rng.uniform(0.0, 0.999, size=n)
    errors = []
    for size, value in zip(labels, bits, strict=True):
        twin = sp.lambdify(
            subject.symbolic.e,
            subject.symbolic.fano().rewrite(sp.log).subs(subject.symbolic.M, int(size)),
            "math",
        )
        root = brentq(
            lambda e, f=twin, v=value: f(e) - v, 1e-300, 1.0 - 1.0 / size, xtol=1e-14, rtol=1e-14
        )
        errors.append(root - subject.bits.fano_error(value, letters=int(size)))
    return CheckResult.of(errors, tolerance=1e-9, detail="brentq on the SymPy twin")


def _fano_by_algebra(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The slope, the top (M-1)/M with value log2 M, and the end points."""
    sym = subject.symbolic
    slope = sp.diff(sym.fano(), sym.e) - sym.fano_slope()
    top = sym.fano_stationary()
    value = sym.fano().rewrite(sp.log).subs(sym.e, top)
    wrong = [
        sp.simplify(sp.expand_log(slope, force=True)) != 0,
        sp.simplify(top - (1 - 1 / sym.M)) != 0,
        any(
            abs(sp.N(value.subs(sym.M, size) - sp.log(size, 2), 30)) > 1e-25 for size in (2, 3, 10)
        ),
        sym.fano().subs(sym.M, 2) - Hb(sym.e) != 0,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="by algebra")


register(
    Claim(
        id="thm-fano",
        title="Fano: what class loss an error rate allows, and conversely",
        source="cover2006, Theorem 2.10.1",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"H(S|Y) \le H_b(P_e) + P_e \log_2(M-1)",
        subject={"bits": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "the best guess obeys it", _fano_holds),
            Check(
                "independent solver",
                "nothing beats its law of equality",
                _fano_tight,
                smoke=20,
                quick=100,
                full=1000,
            ),
            Check(
                "rational points",
                "read backwards, against SymPy and brentq",
                _fano_inverse,
                smoke=20,
                quick=200,
            ),
            Check("symbolic identity", "slope, top and ends", _fano_by_algebra),
        ),
        mutants=(
            Mutant("M for M - 1", THEORY, "np.log2(_letters(letters) - 1)", "np.log2(letters)"),
            Mutant("entropy of the error forgotten", THEORY, "return h_b(e) + e", "return e"),
            Mutant(
                "read backwards from the wrong end",
                THEORY,
                "np.full_like(bits, 1.0 - 1.0 / most)",
                "np.full_like(bits, 1.0 / most)",
            ),
            Mutant("twin with M", SYMBOLIC, "Hb(e) + e * _log2(M - 1)", "Hb(e) + e * _log2(M)"),
            Mutant(
                "slope upside down", SYMBOLIC, "(1 - e) * (M - 1) / e)", "e * (M - 1) / (1 - e))"
            ),
        ),
        mutant_instances=20,
    )
)
