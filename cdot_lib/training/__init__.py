"""Training of the codecs: configuration, objective, trainer, evaluation, sweeps, records."""

from cdot_lib.training.cells import Cell, RunResult
from cdot_lib.training.classifiers import Classifiers, train_classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.defaults import TASKS
from cdot_lib.training.evaluate import Metrics, clean_reference, evaluate
from cdot_lib.training.predecessor import predecessor_config
from cdot_lib.training.pretrained import Pretrained, load_pretrained
from cdot_lib.training.runs import Record, load_record
from cdot_lib.training.sweep import grid, sweep
from cdot_lib.training.tasks import (
    RATES_BITS,
    Task,
    denoising,
    inpainting,
    super_resolution,
    task,
)
from cdot_lib.training.trainer import Trainer

__all__ = [
    "RATES_BITS",
    "TASKS",
    "Cell",
    "Classifiers",
    "Metrics",
    "Pretrained",
    "Record",
    "RunResult",
    "Task",
    "TrainConfig",
    "Trainer",
    "clean_reference",
    "denoising",
    "evaluate",
    "grid",
    "inpainting",
    "load_pretrained",
    "load_record",
    "predecessor_config",
    "super_resolution",
    "sweep",
    "task",
    "train_classifiers",
]
