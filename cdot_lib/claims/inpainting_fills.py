"""Claim of the chapter ``svhn-inpainting``: what a blur, a sample and a realistic fill cost."""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant
from cdot_lib.solvers import transport

__all__: list[str] = []

THEORY = "cdot_lib.theory.inpainting"
SYMBOLIC = "cdot_lib.symbolic.inpainting"


def _moments(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    sym, rho = subject.symbolic, subject.symbolic.rho
    law = sp.Matrix([[1, rho], [rho, 1]])
    doubled, least = sym.expand_posterior()
    costs = {
        "blur": 1 - rho**2,
        "realistic": 4 - 2 * sp.sqrt(1 + 3 * rho**2),
        "posterior": 2 - 2 * rho**2,
    }
    failures = [sp.simplify(sym.square("crop", name) - cost) != 0 for name, cost in costs.items()]
    failures += [sym.covariance(name) != law for name in ("crop", "realistic", "posterior")]
    failures += [
        sym.square("blur", "posterior") != 1 - rho**2,
        sp.expand(doubled - 2 * least) != 0,
    ]
    failures.append(sp.simplify(sym.ratio() - (2 + sp.sqrt(1 + 3 * rho**2)) / 3) != 0)
    return CheckResult.of(failures, tolerance=0, detail="nine identities")


def _by_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Blur, and transport of blurs on crops as a nuclear norm of two factors, without a root."""
    errors = []
    for rho in rng.uniform(-1, 1, n):
        costs = subject.theory.gaussian_squares(rho)
        blurs = np.array([[1.0, 0.0], [rho, 0.0]])
        crops = np.array([[1.0, 0.0], [rho, np.sqrt(1 - rho**2)]])
        moved = (
            np.square(blurs).sum()
            + np.square(crops).sum()
            - 2 * np.linalg.norm(blurs.T @ crops, "nuc")
        )
        errors += [
            costs["realistic"] - (1 - rho**2) - moved,
            costs["posterior"] - 2 * costs["blur"],
        ]
    return CheckResult.of(errors, tolerance=1e-12)


def _drawn(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Costs and covariances of drawn fills, in standard errors."""
    errors = []
    for rho in (-0.8, 0.5):
        drawn = subject.theory.draw_gaussian_crops(rho, 20_000, seed=7)
        for name, cost in subject.theory.gaussian_squares(rho).items():
            squares = np.square(drawn[name] - drawn["crop"]).sum(axis=1)
            errors.append((squares.mean() - cost) / squares.std() * np.sqrt(squares.size))
        for name in ("realistic", "posterior"):
            gap = np.cov(drawn[name].T) - [[1, rho], [rho, 1]]
            errors.append(np.abs(gap).max() * np.sqrt(20_000 / 2))
    return CheckResult.of(errors, tolerance=4.5, detail="in standard errors")


def _finite_laws(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Any finite law: a sample costs 2 M; the least realistic cost, by a program, lies between.

    The program over all kernels from X to Y knows no mean; a second one moves blurs on crops.
    """
    errors = []
    for _ in range(n):
        joint, place = rng.dirichlet(np.ones(15)).reshape(3, 5), rng.normal(size=(5, 2))
        p_x, p_c = joint.sum(axis=1), joint.sum(axis=0)
        law = joint / p_x[:, None]
        apart = np.square(place[:, None] - place).sum(axis=2)
        sampled = float((p_x[:, None, None] * law[:, :, None] * law[:, None] * apart).sum())
        blurs = np.square((law @ place)[:, None] - place).sum(axis=2)
        least = float((joint * blurs).sum())
        realistic = transport.solve(p_x, p_c, law @ apart).value
        moved = transport.solve(p_x, p_c, blurs).value
        errors += [
            sampled - 2 * least,
            realistic - least - moved,
            max(0.0, realistic - sampled),
        ]
    return CheckResult.of(errors, tolerance=1e-8)


def _nearly_two(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Two shades that hardly differ, and rare exceptions: pairs buy nearly a factor of two."""
    rare = np.array([0.1, 0.03, 0.01, 0.001])
    factors = []
    for share in rare:
        law = np.array([[1 - share, share, 0, 0], [0, 0, share, 1 - share]])
        place = np.array([[0, -1], [0, 1], [share, -1], [share, 1]])
        least = 4 * share * (1 - share)
        blurs = np.square((law @ place)[:, None] - place).sum(axis=2)
        moved = transport.solve([0.5, 0.5], law.mean(axis=0), blurs).value
        factors.append(2 * least / (least + moved))
    # The visible step is no larger than the share: what is moved is of second order in it.
    errors = np.maximum(0.0, 2 - 3 * rare - factors) + np.maximum(0.0, np.array(factors) - 2)
    detail = f"factor {factors[-1]:.4f} at a share of {rare[-1]}"
    return CheckResult.of(errors, tolerance=1e-9, detail=detail)


register(
    Claim(
        id="prop-inp-twice",
        title="Blur, posterior sample, and the best realistic fill between them",
        source="freirich2021; blau2018",
        status="proved in text",
        chapter="svhn-inpainting",
        statement=lambda: (
            r"M = E\|C-E[C|X]\|^2 \le M + W_2^2(p_m, p_C) \le 2M = E\|C-C'\|^2,\quad "
            + sp.latex(sp.Eq(sp.Symbol("D_r"), 4 - 2 * sp.sqrt(1 + 3 * sp.Symbol("rho") ** 2)))
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "moments of three Gaussian fills", _moments),
            Check(
                "independent solver",
                "transport of blurs on crops",
                _by_transport,
                quick=100,
                full=5000,
            ),
            Check("property", "fills that are drawn", _drawn, smoke=1, quick=1, full=1),
            Check(
                "independent solver",
                "finite laws: counted, and by two programs",
                _finite_laws,
                quick=30,
                full=1000,
            ),
            Check(
                "instance",
                "a factor of nearly two",
                _nearly_two,
                smoke=1,
                quick=1,
                full=1,
            ),
        ),
        mutants=(
            Mutant(
                "two for three under the root",
                THEORY,
                "np.sqrt(1.0 + 3.0 * square)",
                "np.sqrt(1.0 + 2.0 * square)",
            ),
            Mutant(
                "the sample costs one blur",
                THEORY,
                '"posterior": 2.0 * (1.0',
                '"posterior": 1.5 * (1.0',
            ),
            Mutant(
                "the drawn fill does not lean",
                THEORY,
                "(1 + rho**2) * visible",
                "(1 + 3 * rho**2) * visible",
            ),
            Mutant(
                "leans the other way",
                SYMBOLIC,
                "V - rho * spread * W",
                "V + rho * spread * W",
            ),
            Mutant(
                "a draw correlated with the crop",
                SYMBOLIC,
                "SQUARE_C + SQUARE_C - 2",
                "SQUARE_C + SQUARE_C - 3",
            ),
            Mutant("the blur is not shrunk", SYMBOLIC, "[V, rho * V])", "[V, V])"),
            Mutant(
                "the sample is the crop",
                THEORY,
                "visible + spread * fresh], axis=1),\n    }",
                "visible + spread * true], axis=1),\n    }",
            ),
            Mutant(
                "the variance for its root",
                SYMBOLIC,
                "sp.sqrt(1 - rho**2), sp",
                "(1 - rho**2), sp",
            ),
        ),
        mutant_instances=20,
    )
)
