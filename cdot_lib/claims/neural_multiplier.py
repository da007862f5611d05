"""Claims of the chapter ``neural-codec``: what a multiplier reaches, and dither with realism."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import ot
import sympy as sp
from scipy.optimize import linprog, minimize_scalar
from scipy.spatial import ConvexHull
from scipy.special import ndtr, ndtri

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "neural-codec"
THEORY = "cdot_lib.theory.multiplier"
DITHER = "cdot_lib.theory.dithered_realism"
SYMBOLIC = "cdot_lib.symbolic.neural"


def _codes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A cloud of codes around a falling curve."""
    n = int(rng.integers(3, 40))
    rate = rng.uniform(0.0, 3.0, n)
    return rate, 4.0**-rate + rng.uniform(0.0, 0.6, n) * rng.uniform(0.0, 1.0)


def _hull(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The vertices of SciPy's convex hull that face down and to the left."""
    wrong = []
    for _ in range(n):
        rate, distortion = _codes(rng)
        points = np.stack([rate, distortion], axis=1)
        # Two far corners close the hull from above and from the right.
        far = [[rate.min(), 100.0], [100.0, distortion.min()], [100.0, 100.0]]
        corners = set(ConvexHull(np.concatenate([points, far])).vertices.tolist())
        found = set(np.flatnonzero(subject.theory.reached(rate, distortion)).tolist())
        wrong.append(len(found ^ {c for c in corners if c < len(rate)}))
    return CheckResult.of(wrong, tolerance=0)


def _sweeps(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Within its prices a code is the minimiser, and just outside another one is."""
    wrong = []
    for _ in range(n):
        rate, distortion = _codes(rng)
        low, high = subject.theory.prices(rate, distortion)
        for i in np.flatnonzero(low < high):
            top = min(high[i], low[i] + 1.0)
            inside = low[i] + (top - low[i]) * rng.uniform(0.1, 0.9)
            wrong.append(np.argmin(distortion + inside * rate) != i)
            if np.isfinite(high[i]):
                wrong.append(np.argmin(distortion + (high[i] * (1 + 1e-9) + 1e-9) * rate) == i)
            if low[i] > 1e-6:
                wrong.append(np.argmin(distortion + low[i] * (1 - 1e-6) * rate) == i)
    return CheckResult.of(wrong, tolerance=0)


def _mixtures(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """A code is out of reach exactly if some mixture of the others beats it: a linear program."""
    wrong = []
    for _ in range(n):
        rate, distortion = _codes(rng)
        i = int(rng.integers(rate.size))
        others = np.delete(np.arange(rate.size), i)
        best = linprog(
            distortion[others], A_ub=rate[None, others], b_ub=[rate[i]],
            A_eq=np.ones((1, others.size)), b_eq=[1.0],
        )  # fmt: skip
        beaten = best.status == 0 and best.fun < distortion[i] - 1e-9
        wrong.append(beaten == bool(subject.theory.reached(rate, distortion)[i]))
    return CheckResult.of(wrong, tolerance=0)


def _ties(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Codes with whole numbers, many on one line or at one rate, in exact arithmetic."""
    wrong = []
    for _ in range(n):
        rate, distortion = rng.integers(0, 5, (2, int(rng.integers(2, 8)))).tolist()
        codes = list(zip(rate, distortion, strict=True))
        exchange = {Fraction(d - e, s - r) for r, d in codes for s, e in codes if r != s}
        tried = sorted({Fraction(0), *(x for x in exchange if x > 0), Fraction(100)})
        least = [min(d + x * r for r, d in codes) for x in tried]
        low, high = subject.theory.prices(rate, distortion)
        reached = subject.theory.reached(rate, distortion)
        for i, (r, d) in enumerate(codes):
            wins = [float(x) for x, best in zip(tried, least, strict=True) if d + x * r == best]
            wrong.append(bool(reached[i]) != bool(wins))
            if wins:
                wrong.append([low[i], min(high[i], 100.0)] != [wins[0], wins[-1]])
    return CheckResult.of(wrong, tolerance=0, detail="Fractions at every exchange rate")


register(
    Claim(
        id="prop-multiplier",
        title="A multiplier reaches the lower convex hull, and nothing above it",
        source="everett1963; boyd2004",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"\exists\lambda\ge0:\ D_i + \lambda R_i = \min_j (D_j + \lambda R_j)\iff "
            r"\text{no mixture has } \textstyle\sum_j w_jR_j\le R_i,\ \sum_j w_jD_j<D_i"
        ),
        subject={"theory": THEORY},
        checks=(
            Check("independent solver", "SciPy's convex hull", _hull, smoke=20, quick=300),
            Check("property", "sweeps of the price", _sweeps, smoke=10, quick=200, full=5000),
            Check(
                "independent solver", "mixtures, by linear programs", _mixtures, smoke=10,
                quick=100, full=2000,
            ),
            Check(
                "rational points", "ties and codes on a line, exactly", _ties, smoke=30,
                quick=300, full=5000,
            ),
        ),
        mutants=(
            Mutant("corners alone", THEORY, "return low <= high", "return low < high"),
            Mutant("equal rates not compared", THEORY, "& (saved > 0)).any", "& (saved < 0)).any"),
            Mutant("low and high confused", THEORY, "np.where(dearer < 0", "np.where(dearer > 0"),
            Mutant(
                "negative prices", THEORY, "return low <= high", "return high > -np.inf"
            ),
            Mutant("least for greatest", THEORY, "0.0).max(axis=1)", "0.0).min(axis=1)"),
            Mutant("saving with the wrong sign", THEORY, "d[:, None] - d[None, :]",
                   "d[None, :] - d[:, None]"),
        ),
        mutant_instances=10,
    )
)  # fmt: skip


def _posterior_means(v: np.ndarray, step: float) -> np.ndarray:
    """By sums over the source."""
    source = np.linspace(-9.0, 9.0, 18_001)
    mass = np.exp(-(source**2) / 2)
    total, first = (np.concatenate([[0.0], np.cumsum(w)]) for w in (mass, mass * source))
    ends = [np.searchsorted(source, v + sign * step / 2) for sign in (-1, 1)]
    return (first[ends[1]] - first[ends[0]]) / (total[ends[1]] - total[ends[0]])


def _received(step: float) -> tuple[np.ndarray, np.ndarray]:
    """Equally likely received values, and their posterior means."""
    # Equally likely inputs and errors; received values are put into order.
    x = ndtri((np.arange(1500) + 0.5) / 1500)
    v = np.sort((x[:, None] + step * ((np.arange(150) + 0.5) / 150 - 0.5)).ravel())[75::150]
    return v, _posterior_means(v, step)


def _bits(step: float) -> float:
    """H(Q|U): the entropy of the cells at each of many dithers, averaged."""
    edges = np.arange(-40, 41) + 0.5
    u = (np.arange(200) + 0.5) / 200 - 0.5
    mass = np.diff(ndtr(step * (edges - u[:, None])), axis=1).clip(1e-300)
    return float(-(mass * np.log2(mass)).sum(axis=1).mean())


def _really_coded(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Source and dither on grids, rounded and decoded by the proof's function of V."""
    errors, x = [], ndtri((np.arange(1500) + 0.5) / 1500)[:, None]
    for step in rng.uniform(0.5, 6.0, n):
        channel = subject.dither.dithered_channel(float(step))
        u = step * ((np.arange(150) + 0.5) / 150 - 0.5)
        v = (step * np.rint((x + u) / step) - u).ravel()
        mean, order = _posterior_means(v, float(step)), np.argsort(v)
        ranks = ndtri((np.arange(v.size) + 0.5) / v.size)
        normal = np.empty_like(v)
        normal[order] = ranks
        bound = float(rng.uniform(0.0, 1.6) * channel.distance) ** 2
        part = max(0.0, 1.0 - np.sqrt(bound) / channel.distance)
        y = mean + part * (normal - mean)
        far = float(np.mean((np.sort(y) - ranks) ** 2))
        errors.append(max(0.0, np.sqrt(far) - np.sqrt(bound)))
        error = float(np.mean((x - y.reshape(x.size, -1)) ** 2))
        errors.append(abs(error - float(channel.distortion(bound))))
        free = float(np.mean((x - mean.reshape(x.size, -1)) ** 2))
        errors.append(abs(free - float(channel.distortion(4.0))))
    return CheckResult.of(errors, tolerance=6e-3, detail="1500 letters times 150 dithers")


def _by_transport(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The posterior mean, its distance to the source, and the rate; on quantiles and with POT."""
    errors = []
    for step in np.exp(rng.uniform(np.log(0.5), np.log(8.0), n)):
        _, mean = _received(float(step))
        ranks = ndtri((np.arange(mean.size) + 0.5) / mean.size)
        distance = np.sqrt(ot.emd2_1d(mean, ranks, metric="sqeuclidean"))
        found = subject.dither.dithered_channel(float(step))
        errors.append(abs(found.distance - distance))
        errors.append(abs(found.least_mse - (1.0 - np.mean(mean**2))))
        errors.append(abs(found.rate_bits - _bits(float(step))))
    return CheckResult.of(errors, tolerance=6e-3, detail="1500 quantiles; tails beyond them")


def _program_over_outputs(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Couplings of received values with outputs on a grid, and of these with the source."""
    errors, size = [], 12
    for step in rng.uniform(2.0, 6.0, n):
        _, mean = _received(float(step))
        channel = subject.dither.dithered_channel(float(step))
        # Coarse laws of equal weights; outputs on the straight way between, and on a grid.
        m = mean.reshape(size, -1).mean(axis=1)
        x = ndtri((np.arange(mean.size) + 0.5) / mean.size).reshape(size, -1).mean(axis=1)
        share = float(rng.uniform(0.2, 0.8))
        near = share**2 * np.mean((m - x) ** 2)
        y = np.concatenate([share * m + (1 - share) * x, x, m, np.linspace(-3.0, 3.0, 41)])
        move, look = ((y[None, :] - z[:, None]) ** 2 for z in (m, x))
        one = np.kron(np.eye(size), np.ones(y.size))
        zero = np.zeros_like(one)
        both = np.kron(np.ones(size), np.eye(y.size))
        value = linprog(
            np.concatenate([move.ravel(), np.zeros(move.size)]),
            A_ub=np.concatenate([np.zeros(move.size), look.ravel()])[None], b_ub=[near],
            A_eq=np.block([[one, zero], [zero, one], [both, -both]]),
            b_eq=np.concatenate([np.full(2 * size, 1 / size), np.zeros(y.size)]),
        )  # fmt: skip
        coarse = np.sqrt(np.mean((m - x) ** 2))
        errors.append(abs(value.fun - (1 - share) ** 2 * coarse**2))
        # The same share of the fine distance, by the formula under test.
        fine = float(channel.distortion((share * channel.distance) ** 2)) - channel.least_mse
        errors.append(abs(fine - (1 - share) ** 2 * channel.distance**2))
    return CheckResult.of(errors, tolerance=1e-7)


def _priced(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Distortion and realism at a price: the least of their sum, by search and by SymPy."""
    sym, errors = subject.symbolic, []
    left = sp.lambdify((sym.width, sym.lam), sym.price_split())
    for step, price in zip(rng.uniform(0.5, 6.0, n), rng.uniform(0.05, 20.0, n), strict=True):
        channel = subject.dither.dithered_channel(float(step))
        value, realism = channel.at_price(price)
        least = minimize_scalar(
            lambda q: float(channel.distortion(q * q)) + price * q * q,  # noqa: B023
            bounds=(0.0, channel.distance), method="bounded", options={"xatol": 1e-10},
        )  # fmt: skip
        errors.append(abs(float(value + price * realism) - least.fun))
        errors.append(abs(float(np.sqrt(realism)) - left(channel.distance, price)))
    return CheckResult.of(errors, tolerance=1e-8)


register(
    Claim(
        id="prop-dithered-realism",
        title="A dithered quantiser with a bound on the law of its output",
        source="freirich2021; this book",
        status="proved in text",
        chapter=CHAPTER,
        statement=lambda: (
            r"D = E\bigl(X - m(V)\bigr)^2 + "
            r"\max\bigl(0,\,W_2(p_{m(V)}, p_X) - \sqrt P\bigr)^2,\quad V = X + N"
        ),
        subject={"dither": DITHER, "symbolic": SYMBOLIC},
        checks=(
            Check(
                "independent solver", "quantiles, sums and POT", _by_transport, smoke=4, quick=20,
                full=300,
            ),
            Check(
                "independent solver", "a linear program over outputs on a grid",
                _program_over_outputs, smoke=2, quick=10, full=100,
            ),
            Check(
                "independent solver", "really coded and decoded", _really_coded, smoke=4,
                quick=20, full=300,
            ),
            Check("property", "a price of realism", _priced, smoke=5, quick=40, full=1000),
        ),
        mutants=(
            Mutant("an idle bound still costs", DITHER,
                   "np.maximum(0.0, self.distance - near)", "(self.distance - near)"),
            Mutant("rate in nats", DITHER, "float(dithered_bits(2.0 * half))",
                   "float(dithered_bits(2.0 * half) * np.log(2.0))"),
            Mutant("bound not squared", DITHER, "near = np.sqrt(non", "near = (non"),
            Mutant("distance not squared", DITHER, "distance - near) ** 2", "distance - near)"),
            Mutant("price of one forgotten", DITHER, "self.distance / (1.0 + non",
                   "self.distance / (2.0 + non"),
            Mutant("density of a single side", DITHER, "density[0] - density[1]", "density[0]"),
            Mutant("rank of another law", DITHER, "beyond / (2.0 * half)", "beyond / (4.0 * half)"),
            Mutant("counted once", DITHER, "weight = mass / half", "weight = mass / (2.0 * half)"),
            Mutant("derivation: price squared", SYMBOLIC, "lam * q**2", "lam**2 * q**2"),
        ),
        mutant_instances=3,
    )
)  # fmt: skip
