"""Claims of the chapter ``universal-quantization``: lattices, and a stream of real bits."""

from __future__ import annotations

import numpy as np
import sympy as sp

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "universal-quantization"
THEORY = "cdot_lib.theory.universal"
LATTICES = "cdot_lib.coding.lattices"
SYMBOLIC = "cdot_lib.symbolic.universal"
STREAM = "cdot_lib.coding.gaussian_stream"


def _moments(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Measured moments, in standard errors."""
    errors = []
    for chosen in subject.lattices.LATTICES.values():
        moment, spread = subject.lattices.measured_second_moment(chosen, 100 * n, rng)
        errors.append(abs(moment - chosen.second_moment) / spread)
    # Five standard errors: one in a million for each lattice.
    return CheckResult.of(errors, tolerance=5.0, detail=f"standard errors, {100 * n:,} points each")


def _exact(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """The library's moments against those from mirrors; and the losses that the box prints."""
    printed = {"Z": 0.2546, "A2": 0.2269, "D4": 0.1939, "E8": 0.1460}
    errors = []
    for name, chosen in subject.lattices.LATTICES.items():
        exact = subject.symbolic.second_moment(name)
        errors.append(abs(chosen.second_moment / float(exact) - 1.0))
        # The box gives four digits: what is beyond half a unit of the last one.
        loss = float(sp.log(2 * sp.pi * sp.E * exact, 2) / 2)
        errors.append(max(abs(loss - printed[name]) - 5e-5, 0.0))
        errors.append(abs(float(subject.theory.space_filling_loss(chosen.second_moment)) - loss))
    # The 24-cell without any roots: x1 + x2 <= 1, x1 >= x2 >= x3 >= x4 >= 0 is one simplex of D4.
    half = sp.Rational(1, 2)
    corners = sp.Matrix([[1, 0, 0, 0], [half] * 2 + [0] * 2, [half] * 3 + [0], [half] * 4])
    by_hand = subject.symbolic.simplex_moment(corners * corners.T) / (4 * sp.sqrt(2))
    errors.append(float(sp.simplify(by_hand - subject.symbolic.second_moment("D4")) != 0))
    return CheckResult.of(errors, tolerance=1e-12, detail="moments, losses, and D4 by hand")


def _shared(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Errors of the quantiser: in the cell of 0, and with the moment of a dither at any input."""
    outside, apart = [0.0], []
    for chosen in subject.lattices.LATTICES.values():
        x = np.repeat(rng.normal(scale=3.0, size=(5, chosen.dims)), 40 * n, axis=0)
        u = chosen.dither(len(x), rng)
        received = chosen.quantise(x, u) + u
        coefficients = received @ np.linalg.inv(chosen.generator)
        outside.append(np.abs(coefficients - np.rint(coefficients)).max())
        error = received - u - x
        outside.append(np.abs(chosen.nearest(error)).max())
        squares = (error**2).sum(axis=1).reshape(5, -1)
        scale = chosen.dims * chosen.volume ** (2.0 / chosen.dims)
        spread = squares.std(axis=1) / np.sqrt(squares.shape[1])
        apart.append(np.abs(squares.mean(axis=1) - scale * chosen.second_moment) / spread)
    # Twenty inputs at five standard errors each; a step outside the cell counts as beyond.
    beyond = 1e9 * (max(outside) > 1e-9)
    return CheckResult.of([*np.ravel(apart), beyond], tolerance=5.0, detail="standard errors")


def _decoders(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Nearest points are lattice points, and no random lattice point nearby is nearer."""
    errors = []
    for chosen in subject.lattices.LATTICES.values():
        points = rng.normal(scale=4.0, size=(n, chosen.dims))
        near = chosen.nearest(points)
        coefficients = near @ np.linalg.inv(chosen.generator)
        errors.append(np.abs(coefficients - np.rint(coefficients)).max())
        best = ((points - near) ** 2).sum(axis=1)
        for _ in range(200):
            # Round after a random push: lattice points all around.
            other = chosen.nearest(points + rng.normal(scale=0.7, size=points.shape))
            lead = best - ((points - other) ** 2).sum(axis=1)
            errors.append(max(float(lead.max()), 0.0))
        for row in np.concatenate([chosen.generator, -chosen.generator]):
            lead = best - ((points - near - row) ** 2).sum(axis=1)
            errors.append(max(float(lead.max()), 0.0))
    return CheckResult.of(errors, tolerance=1e-9)


register(
    Claim(
        id="prop-lattices",
        title="Rounder cells lose less: Z, hexagonal, D4, E8",
        source="conway1982, zamir1996",
        status="checked symbolically",
        chapter=CHAPTER,
        statement=lambda: (
            r"\tfrac12\log_2(2\pi e\,G):\quad G_{\mathbb Z} = \tfrac1{12},\ "
            r"G_{A_2} = \tfrac{5}{36\sqrt3},\ G_{D_4} = \tfrac{13}{120\sqrt2},\ "
            r"G_{E_8} = \tfrac{929}{12960}"
        ),
        subject={"lattices": LATTICES, "theory": THEORY, "symbolic": SYMBOLIC},
        checks=(
            Check("property", "no lattice point nearby is nearer", _decoders, smoke=50, quick=500),
            Check("symbolic identity", "second moments from mirrors, losses", _exact),
            Check("instance", "moments, in standard errors", _moments, smoke=200, quick=1000),
            Check(
                "property", "errors at five inputs, in standard errors", _shared,
                smoke=50, quick=200, full=500,
            ),
        ),
        mutants=(
            Mutant("parity forgotten", LATTICES, "% 2 == 1", "% 2 == 2"),
            Mutant(
                "the best entry gives way", LATTICES, "np.abs(error).argmax(axis=-1)",
                "np.abs(error).argmin(axis=-1)",
            ),
            Mutant("E8 is D8", LATTICES, "_nearest_even(x - 0.5) + 0.5)", "_nearest_even(x))"),
            Mutant(
                "square lattice", LATTICES, "np.array([1.0, _SQRT3]), np",
                "np.array([1.0, 1.0]), np",
            ),
            Mutant("moment of a ball", LATTICES, "929.0 / 12960.0", "0.0693"),
            Mutant("one unit off in E8", LATTICES, "929.0 / 12960.0", "928.0 / 12960.0"),
            Mutant("one unit off in D4", LATTICES, "(120.0 * math", "(121.0 * math"),
            Mutant("loss in nats", THEORY, "np.log2(moment / least)", "np.log(moment / least)"),
            Mutant("half forgotten", THEORY, "0.5 * np.log2(moment", "np.log2(moment"),
            Mutant("dither subtracted twice", LATTICES, "+ shift) - shift", "- shift) - shift"),
            Mutant(
                "corners not on the mirror", SYMBOLIC, "dual[i, j] / (highest[i] * highest[j])",
                "dual[i, j]",
            ),
            Mutant("branch of E8 at the wrong place", SYMBOLIC, "(4, 7)", "(3, 7)"),
            Mutant("n for n + 2", SYMBOLIC, "((n + 1) * (n + 2))", "((n + 1) * n)"),
        ),
        mutant_instances=100,
    )
)


def _stream_length(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Bits of real streams against H(Q|U), and the decoded error against half a step."""
    errors = []
    for seed, std in enumerate((0.1, 1.0, 10.0)):
        step = std * float(np.exp(rng.uniform(np.log(0.3), np.log(3.0))))
        x = rng.normal(scale=std, size=2000 * n)
        code = subject.stream.GaussianCode(step=step, std=std, seed=seed)
        coded = code.encode(x)
        entropy = float(subject.theory.dithered_bits(step, std))
        # The mean code length of a sample strays by about 1.5 bits over the root of its size. Short
        # streams are allowed four times that; a million samples must keep the promise as it stands.
        luck = 6.0 / (entropy * np.sqrt(x.size)) if x.size < 1_000_000 else 0.0
        errors.append(max(abs(coded.bits / entropy - 1.0) - luck, 0.0))
        errors.append(abs(coded.bits - coded.ideal_bits) / entropy)
        off = np.abs(code.decode(coded.payload, x.size) - x).max()
        errors.append(max(off - step / 2 * (1 + 1e-12), 0.0))
    return CheckResult.of(errors, tolerance=5e-3, detail=f"{2000 * n:,} samples a stream")


register(
    Claim(
        id="prop-universal-stream",
        title="A stream of the dithered quantiser costs its entropy",
        source="this book",
        status="checked numerically only",
        chapter=CHAPTER,
        statement=lambda: (
            r"\Bigl|\tfrac{\text{bits}}{\text{samples}} - H(Q|U)\Bigr| \le 0.005\,H(Q|U)"
            r"\quad(10^6\text{ samples, }0.3 \le \Delta/\sigma \le 3)"
        ),
        subject={"stream": STREAM, "theory": THEORY},
        checks=(
            Check(
                "instance", "three streams of a million samples", _stream_length,
                smoke=10, quick=500, full=500,
            ),
        ),
        mutants=(
            Mutant(
                "the law does not know the dither", STREAM, "return u / self.step, np.full",
                "return 0.0 * u, np.full",
            ),
            Mutant(
                "dither not subtracted", STREAM, "return indices * self.step - u",
                "return indices * self.step",
            ),
            Mutant(
                "deviation in samples, not cells", STREAM, "np.full(u.size, self.std / self.step)",
                "np.full(u.size, self.std)",
            ),
            Mutant(
                "a deviation of one for all", STREAM, "np.full(u.size, self.std / self.step)",
                "np.full(u.size, 1.0 / self.step)",
            ),
            Mutant(
                "ideal bits forget the deviation", STREAM, "- u) / self.std\n", "- u)\n",
            ),
            Mutant(
                "bits of words, not of bytes", STREAM, "return 8.0 * len", "return 32.0 * len",
            ),
        ),
        mutant_instances=10,
    )
)
