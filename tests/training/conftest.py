"""Small synthetic sets and quickly trained classifiers, shared by the training tests."""

import pytest
import torch

from cdot_lib.data import synthetic_digits
from cdot_lib.data.house_numbers import synthetic_house_numbers
from cdot_lib.training import Task, TrainConfig, train_classifiers
from cdot_lib.training.defaults import defaults, degradation


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


def make_task(name, train, test, pretrain=None, *, mask=None):
    return Task(
        name=name, degradation=degradation(name, mask), train=train, test=test, pretrain=pretrain,
        rates_bits=(4, 8, 32), epochs=3, effort={}, defaults={**defaults(name), "mask": mask},
    )


@pytest.fixture(scope="session")
def task(train, test):
    return make_task("mnist-super-resolution", train, test)


@pytest.fixture(scope="session")
def house_task():
    """Return a task on rendered house numbers, which stand in for real ones."""
    train, test = (synthetic_house_numbers(part, count) for part, count in (("train", 300), ("test", 60)))
    rendered = synthetic_house_numbers("train", 200, seed=1)

    def of(name, mask=None):
        return make_task(name, train, test, rendered, mask=mask)

    return of


@pytest.fixture(scope="session")
def classifiers(task):
    return train_classifiers(task, device=torch.device("cpu"), bar=False)


@pytest.fixture(scope="session")
def house_classifiers(house_task):
    return train_classifiers(house_task("svhn-denoising"), epochs=1, device=torch.device("cpu"), bar=False)


@pytest.fixture
def tiny():
    """A configuration that trains in a second."""
    return TrainConfig(
        rate_bits=8, steps=40, warmup_steps=10, batch=32, hidden=32, critic_hidden=32
    )


@pytest.fixture
def tiny_house():
    """The same for house numbers, as changes of a task's configuration."""
    return {"steps": 12, "warmup_steps": 6, "pretrain_steps": 4, "batch": 16, "hidden": 16, "critic_hidden": 16}
