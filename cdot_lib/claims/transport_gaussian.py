"""Claim of the chapter ``optimal-transport``: W2 between Gaussians."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

import numpy as np
import ot
import sympy as sp
from numpy.typing import NDArray

from cdot_lib.claims.gaussian_symbolic import thirty_digits
from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

THEORY = "cdot_lib.theory.transport"
SYMBOLIC = "cdot_lib.symbolic.transport"

#: Two eigenvalue decompositions of matrices of size one, whose roots lose half of the digits of
#: an eigenvalue near zero.
FLOAT = 1e-9

Array = NDArray[np.float64]


def _positive(rng: np.random.Generator, size: int) -> Array:
    """Draw a positive definite matrix of about unit size, with eigenvalues above 0.05."""
    factor = rng.normal(size=(size, size)) / np.sqrt(size)
    return factor @ factor.T + 0.05 * np.eye(size)


def _root(matrix: Array) -> Array:
    """A square factor L with L L' = matrix (Cholesky: nothing of the code under test)."""
    return np.linalg.cholesky(matrix)


def _identities(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    return CheckResult.of(
        _failures(subject.symbolic), tolerance=0, detail="six identities"
    )


@lru_cache(maxsize=8)
def _failures(sym: ModuleType) -> tuple[bool, ...]:
    """Return which identities fail; kept, since most mutants leave this module as it is."""
    plane = sym.plane_certificate()
    gap = (sym.mx - sym.my) ** 2 + (sym.sx - sym.sy) ** 2
    on_line = sym.slack().subs(sym.y, sym.sy / sym.sx * sym.x)
    return (
        sp.expand(sym.quantile_cost() - gap) != 0,
        sp.expand(sym.dual_value() - (sym.sx - sym.sy) ** 2) != 0,
        sp.simplify(on_line) != 0 or not (sym.slack() * sym.sx * sym.sy).is_nonnegative,
        sp.cancel(plane["dual"] - plane["traces"]) != 0,
        sp.cancel(plane["cost"] - plane["traces"]) != 0,
        sp.cancel(plane["slack"] - plane["square"]) != 0,
    )


def _points(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """In the plane and on the line, with thirty digits and no matrix root."""
    value, order = subject.symbolic.plane_w2()
    plane, errors = thirty_digits(value, order), []
    line = thirty_digits(
        subject.symbolic.quantile_cost(),
        tuple(getattr(subject.symbolic, k) for k in ("mx", "my", "sx", "sy")),
    )
    for _ in range(n):
        factors = rng.integers(-9, 10, size=(2, 2, 2))
        laws = [f @ f.T + np.eye(2, dtype=int) for f in factors]
        numbers = [
            sp.Rational(int(v), 10) for m in laws for v in (m[0, 0], m[1, 1], m[0, 1])
        ]
        exact = float(plane(*numbers))
        zero = np.zeros(2)
        found = subject.theory.w2_squared(zero, laws[0] / 10, zero, laws[1] / 10)
        errors.append((found - exact) / max(1.0, exact))
        means = [sp.Rational(int(v), 7) for v in rng.integers(-20, 20, size=2)]
        stds = [sp.Rational(int(v), 7) for v in rng.integers(1, 20, size=2)]
        values = [float(v) for v in (means[0], stds[0], means[1], stds[1])]
        exact = float(line(*means, *stds))
        errors.append(subject.theory.w2_squared_scalar(*values) - exact)
    return CheckResult.of(errors, tolerance=FLOAT, detail="thirty digits")


def _against_pot(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    errors = []
    for _ in range(n):
        size = int(rng.integers(1, 6))
        first, second = _positive(rng, size), _positive(rng, size)
        means = rng.normal(size=(2, size))
        found = subject.theory.w2_squared(means[0], first, means[1], second)
        errors.append(
            found - ot.gaussian.bures_wasserstein_distance(*means, first, second) ** 2
        )
    return CheckResult.of(
        errors, tolerance=1e-7, detail="POT takes a root, which is squared here"
    )


def _programs(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Linear programs on atoms with these moments: equal for an image, never below in general."""
    errors = []
    for _ in range(n):
        size, atoms = int(rng.integers(1, 4)), 12
        first, t, even = (
            _positive(rng, size),
            _positive(rng, size),
            np.full(atoms, 1 / atoms),
        )
        x = _with_moments(rng, atoms, first)
        shift = rng.normal(size=size)
        y = (x @ t + shift)[rng.permutation(atoms)]
        found = subject.theory.w2_squared(np.zeros(size), first, shift, t @ first @ t)
        errors.append(ot.emd2(even, even, ot.dist(x, y)) - found)
        other = _with_moments(rng, atoms, t @ first @ t) + shift
        errors.append(max(0.0, found - ot.emd2(even, even, ot.dist(x, other))))
    return CheckResult.of(
        errors, tolerance=FLOAT, detail="twelve atoms; POT's network simplex"
    )


def _with_moments(rng: np.random.Generator, atoms: int, covariance: Array) -> Array:
    """Draw atoms whose mean is zero and whose covariance is exactly this."""
    raw = rng.normal(size=(atoms, len(covariance)))
    raw = raw - raw.mean(axis=0)
    white = np.linalg.solve(_root(raw.T @ raw / atoms), raw.T).T
    return white @ _root(covariance).T


def _no_coupling_beats(
    subject: Subject, n: int, rng: np.random.Generator
) -> CheckResult:
    """Every cross-covariance is A^(1/2) K B^(1/2) with |K| <= 1; none gives less."""
    sizes, errors = np.arange(1, 5), []
    for size in sizes:
        count = max(1, n // sizes.size)
        first, second = (
            np.stack([_positive(rng, int(size)) for _ in range(count)]) for _ in "xy"
        )
        zero = np.zeros(int(size))
        found = subject.theory.w2_squared(zero, first, zero, second)
        u, _, v = np.linalg.svd(rng.normal(size=(count, size, size)))
        contraction = (u * rng.uniform(0.8, 1.0, (count, 1, size))) @ v
        cross = _root(first) @ contraction @ np.swapaxes(_root(second), 1, 2)
        traces = [np.trace(m, axis1=1, axis2=2) for m in (first, second, cross)]
        errors.append(np.maximum(found - (traces[0] + traces[1] - 2 * traces[2]), 0.0))
        t = subject.theory.gaussian_map(first, second)
        image = np.abs(t @ first @ t - second).max(axis=(1, 2))
        gap = np.eye(size) - t
        cost = np.trace(gap @ first @ np.swapaxes(gap, 1, 2), axis1=1, axis2=2)
        errors += [
            image,
            cost - found,
            np.abs(t - np.swapaxes(t, 1, 2)).max(axis=(1, 2)),
        ]
        errors.append(np.maximum(-np.linalg.eigvalsh(t).min(axis=1), 0.0))
    return CheckResult.of(
        np.concatenate(errors), tolerance=FLOAT, detail="and the map attains it"
    )


def _special(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Numbers as vectors, diagonal and singular laws, points, and the triangle inequality."""
    errors = []
    means, stds = rng.normal(size=(2, n)), rng.exponential(size=(2, n))
    line = subject.theory.w2_squared_scalar(means[0], stds[0], means[1], stds[1])
    square = [(s**2)[:, None, None] for s in stds]
    vector = subject.theory.w2_squared(
        means[0][:, None], square[0], means[1][:, None], square[1]
    )
    errors.append(vector - line)
    spread = rng.exponential(size=(2, n, 3))
    diagonal = [s[:, :, None] ** 2 * np.eye(3) for s in spread]
    zero = np.zeros(3)
    each = ((spread[0] - spread[1]) ** 2).sum(axis=1)
    errors.append(
        subject.theory.w2_squared(zero, diagonal[0], zero, diagonal[1]) - each
    )
    point = subject.theory.w2_squared(zero, diagonal[0], zero, np.zeros((3, 3)))
    errors.append(point - (spread[0] ** 2).sum(axis=1))
    # Laws on two lines: singular, and the cross term is the length of a projection.
    lines = rng.normal(size=(2, n, 3))
    flat = [v[:, :, None] * v[:, None, :] for v in lines]
    sizes = (lines**2).sum(axis=(0, 2))
    exact = sizes - 2 * np.abs((lines[0] * lines[1]).sum(axis=1))
    found = subject.theory.w2_squared(zero, flat[0], zero, flat[1])
    errors.append((found - exact) / np.maximum(1.0, sizes))
    laws = [np.stack([_positive(rng, 2) for _ in range(n)]) for _ in range(3)]
    at = rng.normal(size=(3, n, 2))
    far = [
        np.sqrt(subject.theory.w2_squared(at[i], laws[i], at[j], laws[j]))
        for i, j in ((0, 1), (1, 2), (0, 2))
    ]
    errors.append(np.maximum(far[2] - far[0] - far[1], 0.0))
    return CheckResult.of(
        np.concatenate(errors), tolerance=1e-7, detail="roots of zero eigenvalues"
    )


register(
    Claim(
        id="thm-w2-gaussian",
        title="W2 between Gaussians",
        source="dowson1982; gelbrich1990",
        status="proved in text",
        chapter="optimal-transport",
        statement=lambda: (
            r"W_2^2 = |m_X-m_Y|^2 + \mathrm{tr}\,\Sigma_X + \mathrm{tr}\,\Sigma_Y - 2\,\mathrm{tr}"
            r"\bigl(\Sigma_X^{1/2}\Sigma_Y\Sigma_X^{1/2}\bigr)^{1/2};\quad"
            r"\text{numbers: } (m_X-m_Y)^2 + (\sigma_X-\sigma_Y)^2"
        ),
        subject={"theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("symbolic identity", "quantiles, completed squares", _identities),
            Check(
                "rational points",
                "plane and line, thirty digits",
                _points,
                smoke=20,
                quick=150,
            ),
            Check("independent solver", "POT's Bures distance", _against_pot),
            Check(
                "independent solver",
                "linear programs on atoms",
                _programs,
                smoke=20,
                quick=150,
                full=2000,
            ),
            Check("property", "no Gaussian coupling costs less", _no_coupling_beats),
            Check("property", "numbers, diagonals, lines, points, triangles", _special),
        ),
        mutants=(
            Mutant(
                "means forgotten",
                THEORY,
                "return (shift**2).sum(-1) + np.max",
                "return 0.0 * (shift**2).sum(-1) + np.max",
            ),
            Mutant("cross term once", THEORY, "traces - 2.0 * cross", "traces - cross"),
            Mutant(
                "roots multiplied",
                THEORY,
                "np.trace(_root(half @ second @ half), axis1",
                "np.trace(half @ _root(second), axis1",
            ),
            Mutant(
                "a root too few",
                THEORY,
                "np.trace(_root(half @ second @ half), axis1",
                "np.trace(half @ second @ half, axis1",
            ),
            Mutant(
                "a map that is not symmetric",
                THEORY,
                "return inverse @ _root(half @ second @ half) @ inverse",
                "return _root(second) @ inverse",
            ),
            Mutant(
                "variances for deviations",
                THEORY,
                "(std_x - std_y) ** 2)[()]",
                "np.abs(std_x**2 - std_y**2))[()]",
            ),
            Mutant(
                "no direction without variance",
                THEORY,
                "np.sqrt(np.maximum(values, 0.0))[..., None, :]",
                "np.sqrt(np.maximum(values, 1e-4))[..., None, :]",
            ),
            Mutant(
                "derivation: potentials exchanged",
                SYMBOLIC,
                "(1 - sy / sx) * x**2, (1 - sx / sy) * y**2",
                "(1 - sx / sy) * x**2, (1 - sy / sx) * y**2",
            ),
            Mutant(
                "derivation: a law that runs backwards",
                SYMBOLIC,
                "mx + sx * z - my - sy * z",
                "mx + sx * z - my + sy * z",
            ),
            Mutant(
                "derivation: determinant once",
                SYMBOLIC,
                "2 * sp.sqrt(first.det()",
                "sp.sqrt(first.det()",
            ),
            Mutant(
                "derivation: T for its inverse",
                SYMBOLIC,
                "first.T * (one - t) * first, second.T * (one - inverse) * second",
                "first.T * (one - inverse) * first, second.T * (one - t) * second",
            ),
        ),
        mutant_instances=30,
    )
)
