"""The regression of X on what a decoder receives."""

from types import SimpleNamespace

import numpy as np
import pytest

from cdot_lib.errors import InvalidArgument
from cdot_lib.training.nearest import nearest_pictures
from cdot_lib.training.trainer import Trainer


def test_it_is_nearer_than_the_decoder_and_than_a_constant(task, classifiers):
    """A codec of a few steps, all for distortion: its own decoder is hardly nearer."""
    config = task.config(32, steps=80, warmup_steps=79, batch=64, lambda_p=0.0, lambda_c=0.0)
    trainer = Trainer(config, task, classifiers.loss)
    trainer.train(bar=False)
    codec = trainer.average.cpu()
    seen = task.degraded(task.test).images
    near, shown = nearest_pictures(codec, task), codec.transmit(task.features(task.test))[1]
    constant = task.degraded(task.train).images.mean(axis=0)
    error, own, most = (np.square(y - seen).mean() for y in (near, shown, constant))
    assert near.shape == seen.shape and error < 1.1 * own and error < 0.8 * most
    # What is left is orthogonal to the picture, but for what the sample flatters.
    assert abs(((near - seen) * (near - constant)).mean()) < 0.3 * error


def test_other_tasks_are_refused(task):
    with pytest.raises(InvalidArgument, match="codec"):
        nearest_pictures(task.config(8).codec(), SimpleNamespace(name="svhn-denoising"))
