"""Claims of the chapter ``universal-encoder``: one representation, many decoders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp
from scipy.linalg import sqrtm
from scipy.optimize import linprog, minimize

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "universal-encoder"
THEORY = "cdot_lib.theory.universal_encoder"
PERCEPTION = "cdot_lib.theory.perception"
SYMBOLIC = "cdot_lib.symbolic.universal_encoder"
PLANE = "cdot_lib.symbolic.perception"

#: Points of the grid on which the linear program may put Y.
_GRID = 61


def _drawn(subject: Subject, n: int, rng: np.random.Generator) -> Iterator[Any]:
    """Yield representations of numbers, references and bounds on perception."""
    for _ in range(n):
        size, letters, atoms = rng.integers(2, 7), rng.integers(1, 4), rng.integers(1, 4)
        joint = rng.dirichlet(np.full(int(size * letters), 0.5)).reshape(size, letters) + 1e-3
        given = subject.theory.Representation(rng.normal(size=size), joint / joint.sum())
        places, law = rng.normal(0, 1.5, atoms), rng.dirichlet(np.ones(atoms))
        far = given.distance(places, law)
        # Now and then nothing is forgiven, or all.
        bound = rng.choice([0.0, 1.1, rng.uniform(0.05, 0.95)]) * far
        yield given, bound**2, places, law


def _attained(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The mixture keeps its bound and has the stated distortion, counted from the joint law."""
    errors = []
    for given, bound, places, law in _drawn(subject, n, rng):
        weights, outputs = given.decoder(bound, places, law)
        errors += [np.abs(weights.sum(0) - law).max(), np.abs(weights.sum(1) - given.p_t).max()]
        # X and the dice are independent given T.
        three = given.joint[:, :, None] / given.p_t[:, None] * weights
        cost = (three * (given.x[:, None, None] - outputs) ** 2).sum()
        moved = (weights * (outputs - places) ** 2).sum()
        errors += [cost - given.distortion(bound, places, law), max(0.0, moved - bound)]
    return CheckResult.of(errors, tolerance=1e-10)


def _program(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A linear program over all laws of (T, Y, reference) on a grid: never better, and near."""
    errors = []
    for given, bound, places, law in _drawn(subject, n, rng):
        ends = np.concatenate([given.means, places])
        grid = np.linspace(ends.min(), ends.max() + 1e-9, _GRID)
        step = grid[1] - grid[0]
        error = given.joint[:, :, None] * (given.x[:, None, None] - grid) ** 2
        cost = (error.sum(axis=0) / given.p_t[:, None])[:, :, None] + 0.0 * places
        apart = ((grid[:, None] - places) ** 2)[None] + 0.0 * cost
        index = np.indices(cost.shape).reshape(3, -1)
        rows = [index[0] == t for t in range(len(given.p_t))]
        rows += [index[2] == j for j in range(len(law))]
        # What a grid point may be off costs at most step^2/4; the bound is widened by as much.
        widened = (np.sqrt(bound) + step) ** 2
        found = linprog(
            cost.ravel(),
            A_ub=[apart.ravel()],
            b_ub=[widened],
            A_eq=np.array(rows, dtype=float),
            b_eq=np.concatenate([given.p_t, law]),
        )
        least = given.distortion(widened, places, law)
        reach = given.distance(places, law) + step
        errors.append(max(0.0, least - found.fun) if found.success else 1.0)
        # Not far above, either: twice the way times a step.
        errors.append(max(0.0, found.fun - least - 4 * reach * step - step**2))
    return CheckResult.of(errors, tolerance=1e-7)


def _double(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """With the law of X as reference, perfect realism costs at most twice the least error."""
    errors = []
    for given, *_ in _drawn(subject, n, rng):
        real = given.distortion(0.0, given.x, given.joint.sum(axis=1))
        errors.append(max(0.0, float(real) - 2.0 * given.least))
    return CheckResult.of(errors, tolerance=1e-12)


register(
    Claim(
        id="prop-universal-decoders",
        title="What an encoder decides for all decoders",
        source="freirich2021; zhang2021",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D_T(P) = E\|X-\hat X\|^2 + \bigl(W_2(p_{\hat X},p_{\rm ref})-\sqrt P\bigr)_+^2"
        ),
        subject={"theory": THEORY},
        checks=(
            Check("property", "the mixture attains it", _attained, quick=200, full=5000),
            Check(
                "independent solver",
                "a linear program over all decoders",
                _program,
                smoke=5,
                quick=25,
                full=400,
            ),
            Check("property", "realism costs at most the double", _double, quick=200, full=5000),
        ),
        mutants=(
            Mutant(
                "P is forgiven, and not its root",
                THEORY,
                "self.distance(places, law) - room) ** 2",
                "self.distance(places, law) - room**2) ** 2",
            ),
            Mutant(
                "the mixture starts at the other end",
                THEORY,
                "(1.0 - share) * self.means[:, None] + share *",
                "share * self.means[:, None] + (1.0 - share) *",
            ),
            Mutant("distance without its square", THEORY, ")) ** 2\n", ")) ** 4\n"),
            Mutant(
                "what is real is drawn without looking",
                THEORY,
                "return monotone_coupling(self.means, self.p_t, places, law)",
                "return np.outer(self.p_t, law)",
            ),
            Mutant(
                "more than enough realism is paid for",
                THEORY,
                "self.least + np.maximum(0.0, self.distance(places, law) - room) ** 2",
                "self.least + (self.distance(places, law) - room) ** 2",
            ),
            Mutant(
                "error of a constant",
                THEORY,
                "(x[:, None] - means) ** 2",
                "(x[:, None] - x.mean()) ** 2",
            ),
        ),
        mutant_instances=30,
    )
)


def _algebra(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """One T: its affine pictures have the distortion of the projection, and one correlation."""
    sym, plane = subject.symbolic, subject.plane
    mean, std = sym.blend()
    # The mixture's place in the half-plane, from the reference: 1 - w times that of E[X|T].
    far = plane.wasserstein().subs({plane.m: plane.mx, plane.s: plane.rho * plane.sx})
    apart = plane.wasserstein().subs({plane.m: mean, plane.s: std})
    wrong = [
        sp.expand(sym.affine_distortion() - plane.distortion_split()) != 0,
        sp.expand(apart - (1 - sym.w) ** 2 * far) != 0,
        sp.expand(sym.blend_distortion() - plane.sx**2 * (1 - plane.rho**2) - sym.w**2 * far) != 0,
        bool(sym.label_correlation().has(plane.s)),
        sym.label_correlation() != sym.rho_xs * plane.rho,
    ]
    return CheckResult.of(wrong, tolerance=0, detail="by algebra")


def _meets(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The moments of m + s T, at random laws: distortion, W2 and h(S|Y) are those of D(R,P,C)."""
    mean_x, mean_ref = rng.normal(size=(2, n))
    std_x, std_ref, std_s = rng.uniform(0.3, 2.0, (3, n))
    rate, bound = rng.uniform(0.05, 4.0, n), rng.exponential(0.3, n)
    tie = rng.uniform(-0.95, 0.95, n)
    rho = np.sqrt(1.0 - np.exp2(-2.0 * rate))
    best = subject.perception.distortion(
        mean_x=mean_x,
        std_x=std_x,
        mean_ref=mean_ref,
        std_ref=std_ref,
        rate_bits=rate,
        perception=bound,
        std_s=std_s,
        cov_xs=tie * std_x * std_s,
        class_bits=np.inf,
    )
    far = np.hypot(mean_x - mean_ref, rho * std_x - std_ref)
    share = subject.theory.blend_share(far, bound)
    mean = (1 - share) * mean_x + share * mean_ref
    std = (1 - share) * rho * std_x + share * std_ref
    cost = std_x**2 + std**2 - 2 * rho * std_x * std + (mean_x - mean) ** 2
    moved = np.hypot(mean - mean_ref, std - std_ref)
    # Gaussian S given Y = m + s T: the correlation is tie * rho for every (m, s).
    told = 0.5 * np.log2(2 * np.pi * np.e * std_s**2 * (1 - (tie * rho) ** 2))
    errors = np.concatenate([
        cost - best.value,
        np.maximum(0.0, moved - np.sqrt(bound)),
        mean - best.mean,
        std - best.std,
        told - best.class_bits,
    ])
    return CheckResult.of(errors, tolerance=1e-9)


register(
    Claim(
        id="prop-universal-gaussian",
        title="One Gaussian code for all perceptions and class losses",
        source="zhang2021; nguyen2025",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"Y_P=(1-w)\,E[X|T]+w\,(m_T+\sigma_T T),\ w=(1-\sqrt P/\Delta)_+,\quad "
            r"E(X-Y_P)^2=D(R,P,C)\ \forall P"
        ),
        subject={
            "theory": THEORY,
            "perception": PERCEPTION,
            "symbolic": SYMBOLIC,
            "plane": PLANE,
        },
        checks=(
            Check("symbolic identity", "mixtures in the half-plane", _algebra, quick=1, full=1),
            Check("property", "moments at random laws", _meets),
        ),
        mutants=(
            Mutant("share upside down", THEORY, "1.0 - room / far, 0.0", "room / far, 0.0"),
            Mutant("mixture of squares", SYMBOLIC, "(1 - w) * rho * sx + w * st", "(1 - w) * sx + w * st"),
            Mutant("T is not standard", SYMBOLIC, "[rho * sx, 1]", "[rho * sx, 2]"),
        ),
    )
)


def _components(rng: np.random.Generator, size: int) -> tuple[Any, Any]:
    """Draw deviations and bits of independent components, now and then none for one of them."""
    return rng.uniform(0.3, 1.5, size), rng.exponential(0.6, size) * (rng.random(size) < 0.8)


def _by_deviations(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Given the bits of each component, the best deviations of Y by a solver of its own."""
    errors = []
    for _ in range(n):
        std, bits = _components(rng, int(rng.integers(1, 4)))
        rho = np.sqrt(1.0 - np.exp2(-2.0 * bits))

        def cost(s: Any, std: Any = std, rho: Any = rho) -> float:
            return float((std**2 + s**2 - 2 * rho * std * s).sum())

        bound = float(rng.uniform(0.05, 1.2)) ** 2 * ((std - rho * std) ** 2).sum()
        room = {
            "type": "ineq",
            "fun": lambda s, std=std, bound=bound: bound - ((s - std) ** 2).sum(),
        }
        start = std - 0.5 * np.sqrt(bound / len(std)) * (rho < 1)
        found = minimize(cost, start, constraints=[room], method="SLSQP", options={"ftol": 1e-14})
        split = subject.theory.split_distortion
        errors.append(found.fun - split(std**2, bits, bound))
        errors.append(cost(std) - split(std**2, bits, 0.0))
    return CheckResult.of(errors, tolerance=1e-8)


def _divisions(rate: float, points: int) -> Any:
    shares = rate * np.linspace(0.0, 1.0, points)
    return np.stack([shares, rate - shares], axis=-1)


def _codes_of_both(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Gaussian codes of two components together, by covariances: none beats the best division."""
    errors, split = [], subject.theory.split_distortion
    for _ in range(n):
        std, bits = _components(rng, 2)
        bits += 0.02
        rho = np.sqrt(1.0 - np.exp2(-2.0 * bits))
        s = std * (rho + rng.uniform(0.0, 1.0) * (1.0 - rho))
        # Y = A X + B noise: the best decoder of these bits, and then something else.
        apart = rng.choice([0.0, 0.01, 0.1, 0.5])
        a = np.diag(s * rho / std) + apart * rng.normal(size=(2, 2))
        b = np.diag(s * np.sqrt(1.0 - rho**2)) + apart * rng.normal(size=(2, 2))
        cov = a * std**2 @ a.T + b @ b.T
        rate = 0.5 * np.log2(np.linalg.det(cov) / np.linalg.det(b) ** 2)
        both = sqrtm(std[:, None] * cov * std)
        moved = max(0.0, (std**2).sum() + np.trace(cov) - 2.0 * float(np.trace(both).real))
        cost = (std**2).sum() + np.trace(cov) - 2.0 * (np.diag(a) * std**2).sum()
        ways = np.vstack([_divisions(rate, 4001), bits * rate / bits.sum()])
        errors.append(max(0.0, float(split(std**2, ways, moved).min()) - cost))
    return CheckResult.of(errors, tolerance=1e-6, detail="4001 divisions of the rate")


def _only_equal(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Equal variances: halves are best at every P. Unequal: least error is not best at P = 0."""
    wrong, split = [], subject.theory.split_distortion
    for _ in range(n):
        rate, ways = rng.uniform(0.1, 4.0), 2001
        bits = _divisions(rate, ways)
        half = split([1.0, 1.0], bits[:, None], np.linspace(0.0, 1.0, 5) ** 2)
        wrong.append((half[ways // 2] > half.min(axis=0) + 1e-12).any())
        variances = np.array([1.0, 1.0 / rng.uniform(1.5, 5.0)])
        real, least = (split(variances, bits, bound) for bound in (0.0, 1e6))
        chosen = least.argmin()
        # Reverse water-filling: equal errors, or nothing for the weak component.
        filled = np.clip(0.5 * rate - 0.25 * np.log2(variances[1]), 0.0, rate)
        wrong.append(abs(bits[chosen, 0] - filled) > rate / (ways - 1))
        wrong.append(not real[chosen] > real.min() + 1e-7)
        wrong.append(real.argmin() in (0, ways - 1))
    return CheckResult.of(wrong, tolerance=0, detail="2001 divisions of the rate")


register(
    Claim(
        id="prop-universal-components",
        title="One encoder for several Gaussian components",
        source="zhang2021",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D(R,P)=\min_{\sum b_i=R}\ \sum_i\sigma_i^2 4^{-b_i}+\Bigl(\sqrt{\textstyle\sum_i"
            r"\sigma_i^2(1-\rho_i)^2}-\sqrt P\Bigr)_+^2,\quad \rho_i^2=1-4^{-b_i}"
        ),
        subject={"theory": THEORY},
        checks=(
            Check(
                "independent solver",
                "best deviations, by SLSQP",
                _by_deviations,
                smoke=10,
                quick=100,
                full=2000,
            ),
            Check(
                "property",
                "Gaussian codes of both components at once",
                _codes_of_both,
                smoke=30,
                quick=300,
                full=5000,
            ),
            Check(
                "property",
                "least error is best for all only with equal variances",
                _only_equal,
                smoke=20,
                quick=100,
                full=2000,
            ),
        ),
        mutants=(
            Mutant(
                "nats for bits",
                THEORY,
                "np.exp2(-2.0 * non_negative",
                "np.exp(-2.0 * non_negative",
            ),
            Mutant(
                "correlation for its square",
                THEORY,
                "(1.0 - np.sqrt(1.0 - lost)) ** 2",
                "(1.0 - (1.0 - lost)) ** 2",
            ),
            Mutant(
                "distances are added, not their squares",
                THEORY,
                "np.sqrt((variances * (1.0 - np.sqrt(1.0 - lost)) ** 2).sum(axis=-1))",
                "np.sqrt(variances * (1.0 - np.sqrt(1.0 - lost)) ** 2).sum(axis=-1)",
            ),
            Mutant(
                "each component has all of P",
                THEORY,
                "(variances * lost).sum(axis=-1) + np.maximum(0.0, distance - room) ** 2",
                "(variances * lost).sum(axis=-1) + np.maximum(0.0, distance - 1.4 * room) ** 2",
            ),
        ),
        mutant_instances=20,
    )
)
