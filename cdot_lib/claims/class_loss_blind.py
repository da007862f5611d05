"""Claims of the chapter ``classification-loss``: what the class loss and a score do not see."""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.special import entr

from cdot_lib.claims.class_loss_instances import ROUNDING, draw_beliefs, draw_law, posterior
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "classification-loss"
THEORY = "cdot_lib.theory.class_loss"
INFORMATION = "cdot_lib.information"
SYMBOLIC = "cdot_lib.symbolic.class_loss"


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
