"""Claims of the chapter ``universal-quantization``: lattices, and a stream of real bits."""

from __future__ import annotations

import numpy as np

from cdot_lib.claims.ledger import Check, CheckResult, Claim, Subject, register
from cdot_lib.claims.mutation import Mutant

__all__: list[str] = []

CHAPTER = "universal-quantization"
THEORY = "cdot_lib.theory.universal"
LATTICES = "cdot_lib.coding.lattices"
STREAM = "cdot_lib.coding.gaussian_stream"


def _moments(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Measured moments, in standard errors; and their losses in bits."""
    errors = []
    for chosen in subject.lattices.LATTICES.values():
        moment, spread = subject.lattices.measured_second_moment(chosen, 100 * n, rng)
        errors.append(abs(moment - chosen.second_moment) / spread)
    # Five standard errors: one in a million for each lattice.
    return CheckResult.of(errors, tolerance=5.0, detail=f"standard errors, {100 * n:,} points each")


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
        status="checked numerically only",
        chapter=CHAPTER,
        statement=lambda: (
            r"\tfrac12\log_2(2\pi e\,G):\quad G_{\mathbb Z} = \tfrac1{12},\ "
            r"G_{A_2} = \tfrac{5}{36\sqrt3},\ G_{D_4} = \tfrac{13}{120\sqrt2},\ "
            r"G_{E_8} = \tfrac{929}{12960}"
        ),
        subject={"lattices": LATTICES, "theory": THEORY},
        checks=(
            Check("property", "no lattice point nearby is nearer", _decoders, smoke=50, quick=500),
            Check("instance", "measured second moments", _moments, smoke=200, quick=1000),
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
        ),
        mutant_instances=100,
    )
)


def _stream_length(subject: Subject, n: int, rng: np.random.Generator) -> CheckResult:
    """Bits of real streams against H(Q|U), and the decoded error against half a step."""
    errors = []
    for seed in range(3):
        step = float(np.exp(rng.uniform(np.log(0.3), np.log(3.0))))
        x = rng.normal(size=2000 * n)
        code = subject.stream.GaussianCode(step=step, seed=seed)
        coded = code.encode(x)
        entropy = float(subject.theory.dithered_bits(step))
        # The mean code length of a sample strays by about 1.5 bits over the root of its size.
        errors.append(max(abs(coded.bits / entropy - 1.0) - 6.0 / (entropy * np.sqrt(x.size)), 0.0))
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
        ),
        subject={"stream": STREAM, "theory": THEORY},
        checks=(
            Check(
                "instance", "streams of a million samples (full profile: three)", _stream_length,
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
        ),
        mutant_instances=10,
    )
)
