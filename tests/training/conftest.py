"""Small synthetic sets and quickly trained classifiers, shared by the training tests."""

import pytest
import torch

from cdot_lib.data import synthetic_digits
from cdot_lib.training import TrainConfig, train_classifiers


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Several test processes may share the cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def train():
    return synthetic_digits("train", 3000)


@pytest.fixture(scope="session")
def test():
    return synthetic_digits("test", 500)


@pytest.fixture(scope="session")
def classifiers(train):
    return train_classifiers(train, epochs=3, device=torch.device("cpu"), bar=False)


@pytest.fixture
def tiny():
    """A configuration that trains in a second."""
    return TrainConfig(
        rate_bits=8, steps=40, warmup_steps=10, batch=32, hidden=32, critic_hidden=32
    )
