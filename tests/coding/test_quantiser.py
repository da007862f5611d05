"""The quantiser: its law is checked against what the theorem says, not against its code."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cdot_lib.coding import UniversalQuantiser, shared_dither
from cdot_lib.coding.dither import DITHER_BITS
from cdot_lib.errors import InvalidArgument

LEVELS = st.integers(2, 64)
SEEDS = st.integers(0, 2**63 - 1)

#: The first dithers of seed 20260407, images 0, 1 and 10^12, step 1/2, as integers
#: k = 2^24 (U/step + 1/2) - 1/2. A change of one bit would make old streams undecodable.
GOLDEN = [[13496404.0, 10801922.0, 11342333.0], [13001823.0, 1355639.0, 2945107.0], [5353849.0, 13520998.0, 10408782.0]]


def latents(levels, n, dims, seed):
    limit = 1 - 1 / levels
    return np.random.default_rng(seed).uniform(-limit, limit, (n, dims))


@settings(deadline=None, max_examples=60)
@given(levels=LEVELS, seed=SEEDS, cr=st.booleans(), data=st.integers(0, 2**32))
def test_error_is_at_most_half_a_step_and_indices_fit(levels, seed, cr, data):
    q = UniversalQuantiser(levels=levels, seed=seed, common_randomness=cr)
    f, images = latents(levels, 20, 3, data), np.arange(20)
    f[0], f[1] = q.limit, -q.limit  # the ends of the allowed range
    indices = q.encode(f, images)
    assert indices.min() >= 0 and indices.max() < levels
    error = q.decode(indices, images) - f
    # Half a step, and the rounding of three operations on numbers below 2.
    assert np.abs(error).max() <= q.step / 2 + 8 * np.finfo(float).eps


@settings(deadline=None, max_examples=60)
@given(levels=LEVELS, cr=st.booleans(), data=st.integers(0, 2**32))
def test_index_to_value_to_index_is_the_identity(levels, cr, data):
    q = UniversalQuantiser(levels=levels, seed=5, common_randomness=cr)
    indices = np.random.default_rng(data).integers(0, levels, (10, 4)).astype(np.int32)
    values = q.decode(indices, np.arange(10))
    inside = np.abs(values) <= q.limit
    assert np.array_equal(q.encode(np.clip(values, -q.limit, q.limit), np.arange(10))[inside],
                          indices[inside])


@pytest.mark.parametrize("levels", [2, 3, 4, 16])
def test_error_is_uniform_whatever_the_latent(levels):
    """KS at level 1e-4 a latent: a correct law fails one of these 16 tests once in 600 seeds."""
    q = UniversalQuantiser(levels=levels, seed=7)
    for latent in (-q.limit, -0.1234, 0.0, q.limit):
        f = np.full((1000, 4), latent)
        error = (q.decode(q.encode(f, np.arange(1000)), np.arange(1000)) - f).ravel()
        law = stats.uniform(-q.step / 2, q.step)
        assert stats.kstest(error, law.cdf).pvalue > 1e-4


def test_without_common_randomness_the_error_follows_the_latent():
    """The negative control of the test above: the deterministic error is one number."""
    q = UniversalQuantiser(levels=4, common_randomness=False)
    f = np.full((50, 2), 0.1)
    error = q.decode(q.encode(f, np.arange(50)), np.arange(50)) - f
    assert np.ptp(error) == 0.0
    np.testing.assert_allclose(error, 0.15, atol=1e-15)  # 0.1 lies in [0, 0.5): midpoint 0.25


def test_error_is_uncorrelated_with_a_varying_latent():
    q, n = UniversalQuantiser(levels=4, seed=11), 4000
    f = latents(4, n, 2, 0)
    error = q.decode(q.encode(f, np.arange(n)), np.arange(n)) - f
    # Of 8,000 independent pairs the correlation has standard deviation 1/sqrt(8000).
    assert abs(np.corrcoef(f.ravel(), error.ravel())[0, 1]) < 4 / np.sqrt(f.size)


def test_dither_golden_values():
    u = shared_dither(20260407, [0, 1, 10**12], dims=3, step=0.5)
    k = (u / 0.5 + 0.5) * 2**DITHER_BITS - 0.5
    assert k.tolist() == GOLDEN


def test_dither_is_the_same_in_a_fresh_process():
    code = (
        "from cdot_lib.coding import shared_dither; "
        "print(shared_dither(3, [41, 42], dims=5, step=0.25).tobytes().hex())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == shared_dither(3, [41, 42], dims=5, step=0.25).tobytes().hex()


@settings(deadline=None, max_examples=30)
@given(seed=SEEDS, image=st.integers(0, 2**62), dims=st.integers(1, 40))
def test_any_image_can_be_decoded_alone(seed, image, dims):
    together = shared_dither(seed, [7, image, 8], dims=dims, step=1.0)
    alone = shared_dither(seed, [image], dims=dims, step=1.0)
    assert np.array_equal(together[1], alone[0])
    assert np.abs(alone).max() < 0.5


def test_wrong_seed_decodes_to_something_else():
    f, images = latents(4, 200, 4, 1), np.arange(200)
    q = UniversalQuantiser(levels=4, seed=1)
    wrong = UniversalQuantiser(levels=4, seed=2).decode(q.encode(f, images), images)
    assert np.abs(wrong - f).max() > q.step / 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: UniversalQuantiser(levels=1),
        lambda: UniversalQuantiser(levels=2.5),
        lambda: UniversalQuantiser(levels=2**17),
        lambda: UniversalQuantiser(levels=4, seed=-1),
        lambda: UniversalQuantiser(levels=4).encode([[0.9]], [0]),
        lambda: UniversalQuantiser(levels=4).encode([[np.nan]], [0]),
        lambda: UniversalQuantiser(levels=4).encode([0.1], [0]),
        lambda: UniversalQuantiser(levels=4).encode([[0.1]], [0, 1]),
        lambda: UniversalQuantiser(levels=4).encode([[0.1]], [-1]),
        lambda: UniversalQuantiser(levels=4).encode([[0.1]], [0.5]),
        lambda: UniversalQuantiser(levels=4).decode([[4]], [0]),
        lambda: UniversalQuantiser(levels=4).decode([[-1]], [0]),
        lambda: UniversalQuantiser(levels=4).decode([[1.5]], [0]),
        lambda: shared_dither(0, [0], dims=0, step=1.0),
        lambda: shared_dither(0, [0], dims=1, step=0.0),
        lambda: shared_dither("a", [0], dims=1, step=1.0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidArgument, match="must"):
        call()
