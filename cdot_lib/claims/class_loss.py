"""Claims of the chapter ``classification-loss``: log loss, and what it exceeds."""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import softmax

from cdot_lib.claims.class_loss_instances import ROUNDING, draw_beliefs, draw_law, posterior, spent
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.information import conditional_entropy
from cdot_lib.symbolic.entropy import Hb
from cdot_lib.units import LN2

__all__: list[str] = []

CHAPTER = "classification-loss"
THEORY = "cdot_lib.theory.class_loss"
SYMBOLIC = "cdot_lib.symbolic.class_loss"

Array = NDArray[np.float64]


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
