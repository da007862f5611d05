"""Entropies against hand-computed values and against each other."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cdot_lib.errors import InvalidArgument
from cdot_lib.information import conditional_entropy, entropy, h_b, mutual_information
from cdot_lib.units import bits_to_nats, nats_to_bits

#: A few roundings of numbers of order one.
ROUNDING = 1e-12

TABLES = arrays(np.float64, (3, 4), elements=st.floats(0.0, 1.0)).filter(lambda t: t.sum() > 1e-3)


def test_values_by_hand():
    assert h_b(0.0) == 0.0 and h_b(1.0) == 0.0 and h_b(0.5) == 1.0
    assert h_b(0.25) == pytest.approx(2.0 - 0.75 * np.log2(3.0), abs=ROUNDING)
    assert entropy([0.5, 0.25, 0.25]) == 1.5
    assert conditional_entropy(np.eye(4) / 4) == 0.0
    assert mutual_information(np.eye(4) / 4) == 2.0
    assert conditional_entropy(np.full((2, 8), 1 / 16)) == pytest.approx(1.0, abs=ROUNDING)


# On a busy machine even twelve numbers take long to draw.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_chain_rule_and_bounds(table):
    joint = table / table.sum()
    h_a, h_ab = entropy(joint.sum(1)), entropy(joint.ravel())
    h_given, information = conditional_entropy(joint), mutual_information(joint)
    assert h_given == pytest.approx(h_ab - entropy(joint.sum(0)), abs=ROUNDING)
    assert information == pytest.approx(h_a - h_given, abs=ROUNDING)
    assert -ROUNDING <= h_given <= h_a + ROUNDING
    # Symmetry is not in the code: the transposed table takes another path.
    assert information == pytest.approx(mutual_information(joint.T), abs=ROUNDING)


def test_batches_and_units():
    joint = np.random.default_rng(0).dirichlet(np.ones(6), 5).reshape(5, 2, 3)
    assert conditional_entropy(joint).shape == (5,)
    assert conditional_entropy(joint)[3] == conditional_entropy(joint[3])
    assert nats_to_bits(bits_to_nats(3.0)) == pytest.approx(3.0) and bits_to_nats(1.0) == np.log(2)


@pytest.mark.parametrize("bad", [[0.5, 0.5], [[0.5, 0.6]], [[-0.1, 1.1]], [[np.nan, 1.0]]])
def test_a_joint_that_is_none_is_refused(bad):
    with pytest.raises(InvalidArgument, match="joint"):
        conditional_entropy(bad)
