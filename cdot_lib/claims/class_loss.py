"""Claims of the chapter ``classification-loss``: log loss, error rates, relabelling, scores."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import linprog, minimize
from scipy.special import entr, softmax

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy
from cdot_lib.symbolic.entropy import Hb
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "classification-loss"
THEORY = "cdot_lib.theory.class_loss"
BITS = "cdot_lib.theory.bits"
INFORMATION = "cdot_lib.information"
SYMBOLIC = "cdot_lib.symbolic.class_loss"

#: Sums of a few dozen terms of size one, in double precision.
ROUNDING = 1e-12

Array = NDArray[np.float64]


def draw_law(rng: np.random.Generator, *, labels: int | None = None) -> Array:
    """Draw a joint law p(s, y): sharp or dull, in one case of four with zeros."""
    rows = int(rng.integers(2, 7)) if labels is None else labels
    columns = int(rng.integers(1, 6))
    law = rng.dirichlet(np.full(rows * columns, rng.choice([0.1, 1.0, 10.0])))
    if rng.random() < 0.25:
        law = np.where(rng.random(law.size) < 0.3, 0.0, law)
        law = law / law.sum() if law.sum() > 0 else np.eye(1, law.size)[0]
    return law.reshape(rows, columns)


def draw_beliefs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Draw a column of beliefs for each output, from careful to overconfident."""
    return softmax(rng.choice([0.3, 1.0, 5.0]) * rng.standard_normal(shape), axis=0)


def posterior(law: Array) -> Array:
    """Return p(s|y), and an even belief for outputs that never occur."""
    p_y = law.sum(axis=0, keepdims=True)
    return np.where(p_y > 0, law / np.where(p_y > 0, p_y, 1.0), 1.0 / len(law))


def spent(law: Array, beliefs: Array) -> float:
    """Add up -p(s, y) log2 q(s|y) by a loop, as the definition says."""
    total = 0.0
    for probability, belief in zip(law.ravel(), beliefs.ravel(), strict=True):
        if probability > 0:
            total -= probability * float(np.log2(belief)) if belief > 0 else -np.inf
    return total


# --- cross entropy ---------------------------------------------------------------------------


def _splits(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        law = draw_law(rng)
        beliefs = draw_beliefs(rng, law.shape)
        loss = spent(law, beliefs)
        excess = subject.theory.excess_bits(law, beliefs)
        errors.append(subject.theory.cross_entropy(law, beliefs) - loss)
        errors.append(loss - float(conditional_entropy(law)) - excess)
        errors.append(max(0.0, -excess))
    return CheckResult.of(errors, tolerance=1e-11, detail="losses up to 40 bits, summed by a loop")


def _attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        law = draw_law(rng)
        errors.append(
            subject.theory.cross_entropy(law, posterior(law)) - float(conditional_entropy(law))
        )
        errors.append(subject.theory.excess_bits(law, posterior(law)))
    return CheckResult.of(errors, tolerance=ROUNDING, detail="beliefs = posterior")


def _trained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Minimise the log loss over all classifiers by descent: it ends at H(S|Y)."""
    errors = []
    for _ in range(n):
        law = draw_law(rng, labels=int(rng.integers(2, 5)))

        def loss(logits: Array, law: Array = law) -> tuple[float, Array]:
            beliefs = softmax(logits.reshape(law.shape), axis=0)
            slope = law.sum(axis=0) * beliefs - law
            return float(subject.theory.cross_entropy(law, beliefs)), slope.ravel() / LN2

        found = minimize(loss, np.zeros(law.size), jac=True, method="BFGS", options={"gtol": 1e-9})
        errors.append(found.fun - float(conditional_entropy(law)))
    # Where the law has a zero, the best logit is infinite, and descent comes near it slowly.
    return CheckResult.of(errors, tolerance=1e-4, detail="BFGS over logits; zeros are limits")


def _by_algebra(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """One output, two labels: least at the posterior, with value Hb; the rest is a divergence."""
    sym = subject.symbolic
    loss, pi, b = sym.binary_loss(), sym.pi, sym.b
    at_best = loss.subs(b, sym.binary_stationary())
    excess = sp.expand_log(sym.binary_excess() - (loss - at_best), force=True)
    curvature = sp.lambdify((pi, b), sym.binary_loss_curvature())
    points = rng.uniform(0.01, 0.99, (max(n, 10), 2))
    wrong = [
        sp.simplify(sym.binary_stationary() - pi) != 0,
        sp.simplify(at_best - Hb(pi).rewrite(sp.log)) != 0,
        sp.simplify(sp.expand(excess)) != 0,
        not all(curvature(*point) > 0 for point in points),
    ]
    return CheckResult.of(wrong, tolerance=0, detail="by algebra; curvature at random points")


register(
    Claim(
        id="thm-cross-entropy",
        title="The class loss is the least log loss of all classifiers",
        source="cover2006, Section 2.6",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"E[-\log_2 q(S|Y)] = H(S|Y) + E\,D(p_{S|Y}\,\|\,q_{S|Y}) \ge H(S|Y)",
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "log loss = H(S|Y) + divergence, by a loop", _splits),
            Check("property", "equality at the posterior", _attained),
            Check(
                "independent solver",
                "the best of all classifiers, by descent",
                _trained,
                smoke=10,
                quick=20,
                full=400,
            ),
            Check("symbolic identity", "a binary label", _by_algebra, smoke=10, quick=100),
        ),
        mutants=(
            Mutant(
                "divergence the wrong way round",
                THEORY,
                "rel_entr(law, p_y * q)",
                "rel_entr(p_y * q, law)",
            ),
            Mutant(
                "log loss in nats",
                THEORY,
                "return -xlogy(law, q).sum(axis=(-2, -1)) / LN2",
                "return -xlogy(law, q).sum(axis=(-2, -1))",
            ),
            Mutant(
                "log loss of the classifier's own draws",
                THEORY,
                "return -xlogy(law, q).sum",
                "return -xlogy(law.sum(axis=-2, keepdims=True) * q, q).sum",
            ),
            Mutant("law of Y forgotten in the excess", THEORY, "p_y * q).sum", "q).sum"),
            Mutant(
                "a belief of zero forgiven",
                THEORY,
                "return -xlogy(law, q).sum",
                "return -xlogy(law, q + 1e-9).sum",
            ),
            Mutant(
                "loss of the other label dropped",
                SYMBOLIC,
                "return -pi * _log2(b) - (1 - pi) * _log2(1 - b)",
                "return -pi * _log2(b)- (1 - pi) * _log2(b)",
            ),
        ),
    )
)


# --- error rates -----------------------------------------------------------------------------


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


# --- relabelling -----------------------------------------------------------------------------


def _unmoved(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        law = draw_law(rng)
        labels, outputs = (rng.permutation(size) for size in law.shape)
        before = subject.information.conditional_entropy(law)
        errors.append(subject.information.conditional_entropy(law[labels][:, outputs]) - before)
        merged = np.stack([law[:, ::2].sum(axis=1), law[:, 1::2].sum(axis=1)], axis=1)
        errors.append(max(0.0, before - subject.information.conditional_entropy(merged)))
    return CheckResult.of(
        errors, tolerance=ROUNDING, detail="random laws, labels and outputs permuted"
    )


def _dialect(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Y = S, a reader sure up to a; after a rotation of the outputs the loss is log2(1/rest)."""
    errors = []
    for _ in range(n):
        labels, unsure = int(rng.integers(2, 8)), 10.0 ** rng.uniform(-12, -0.5)
        rest = unsure / (labels - 1)
        beliefs = np.where(np.eye(labels, dtype=bool), 1 - unsure, rest)
        law, moved = (
            np.eye(labels) / labels,
            np.roll(np.eye(labels), 1, axis=1) / labels,
        )
        errors.append(subject.theory.cross_entropy(law, beliefs) + np.log2(1 - unsure))
        errors.append(subject.theory.cross_entropy(moved, beliefs) + np.log2(rest))
        errors.append(subject.information.conditional_entropy(moved))
        undone = np.roll(beliefs, 1, axis=1)
        errors.append(subject.theory.cross_entropy(moved, undone) + np.log2(1 - unsure))
    return CheckResult.of(errors, tolerance=1e-9, detail="up to 40 bits of log loss at H(S|Y) = 0")


def _no_bound(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym = subject.symbolic
    loss = sym.swapped_loss()
    wrong = [
        sp.limit(loss, sym.a, 0, "+") != sp.oo,
        sp.simplify(2 ** (-loss) - sym.a) != 0,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="by algebra")


register(
    Claim(
        id="prop-relabelling",
        title="A relabelling leaves the class loss alone and can ruin a fixed classifier",
        source="standard",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"H(\tau(S)\,|\,\sigma(Y)) = H(S|Y), \qquad \sup_q E[-\log_2 q(S|\sigma(Y))] = \infty"
        ),
        subject={"theory": THEORY, "information": INFORMATION, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "permuted labels and outputs; merging only loses", _unmoved),
            Check("instance", "a sure classifier, outputs rotated", _dialect),
            Check("limit", "the loss of a sure classifier has no bound", _no_bound),
        ),
        mutants=(
            Mutant(
                "H(Y|S) for H(S|Y)",
                INFORMATION,
                "entr(table.sum(axis=-2)).sum(axis=-1)",
                "entr(table.sum(axis=-1)).sum(axis=-1)",
            ),
            Mutant(
                "the first output weighs double",
                INFORMATION,
                "h_ab = entr(table).sum(axis=(-2, -1))",
                "h_ab = entr(table).sum(axis=(-2, -1)) + entr(table[..., 0]).sum(axis=-1)",
            ),
            Mutant(
                "log loss of the most believed label",
                THEORY,
                "return -xlogy(law, q).sum",
                "return -xlogy(law, q.max(axis=-2, keepdims=True)).sum",
            ),
            Mutant(
                "a sure loss that stays finite",
                SYMBOLIC,
                "binary_loss().subs(pi, 1).subs(b, a)",
                "binary_loss().subs(pi, 1).subs(b, a + 1)",
            ),
        ),
    )
)


# --- label-free scores -----------------------------------------------------------------------


def _blind(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Another joint law with the same outputs has the same score, and H(S|Y) anywhere."""
    errors = []
    for _ in range(n):
        labels = int(rng.integers(2, 8))
        p_y = np.full(labels, 1 / labels)
        sure, even = np.eye(labels), np.full((labels, labels), 1 / labels)
        theory = subject.theory
        errors.append(theory.label_free_score(p_y, sure) - np.log2(labels))
        errors.append(theory.belief_entropy(p_y, sure))
        errors.append(theory.label_free_score(p_y, even))
        errors.append(theory.belief_entropy(p_y, even) - np.log2(labels))
        # The law that goes with the first: independent; with the second: Y = S.
        errors.append(float(conditional_entropy(np.outer(p_y, p_y))) - np.log2(labels))
        errors.append(float(conditional_entropy(np.diag(p_y))))
    return CheckResult.of(errors, tolerance=ROUNDING, detail="2 to 7 labels")


def _honest(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With the posterior as belief the score is I(S;Y), and the mean entropy is H(S|Y)."""
    errors = []
    for _ in range(n):
        law = draw_law(rng)
        p_y, beliefs = law.sum(axis=0), posterior(law)
        information = float(entr(law.sum(axis=1)).sum() / LN2 - conditional_entropy(law))
        errors.append(subject.theory.label_free_score(p_y, beliefs) - information)
        errors.append(subject.theory.belief_entropy(p_y, beliefs) - float(conditional_entropy(law)))
        other = draw_beliefs(rng, law.shape)
        score = subject.theory.label_free_score(p_y, other)
        direct = sum(
            w * float((c * np.log2(c / (other @ p_y))).sum())
            for w, c in zip(p_y, other.T, strict=True)
        )
        errors.append(score - direct)
    return CheckResult.of(errors, tolerance=1e-11, detail="score as a mean divergence")


register(
    Claim(
        id="prop-sharpness",
        title="A label-free score is the class loss only for a classifier that is right",
        source="standard",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: r"H(E\,q(\cdot|Y)) - E\,H(q(\cdot|Y)) = I(S;Y) \text{ if } q = p_{S|Y}",
        subject={"theory": THEORY},
        checks=(
            Check("instance", "best score at H(S|Y) = H(S), worst at H(S|Y) = 0", _blind),
            Check("property", "for the posterior it is I(S;Y)", _honest),
        ),
        mutants=(
            Mutant(
                "entropies subtracted the wrong way",
                THEORY,
                "entropy(mean) - belief_entropy(law, q)",
                "belief_entropy(law, q) - entropy(mean)",
            ),
            Mutant(
                "outputs counted alike",
                THEORY,
                "mean = (law[..., None, :] * q).sum(axis=-1)",
                "mean = q.mean(axis=-1)",
            ),
            Mutant(
                "entropy of the mean, not mean entropy",
                THEORY,
                "entropy(_beliefs(beliefs), axis=-2)",
                "entropy(_beliefs(beliefs).mean(axis=-1, keepdims=True), axis=-2)",
            ),
        ),
    )
)
