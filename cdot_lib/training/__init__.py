"""Training of the codecs: configuration, objective, trainer, evaluation, sweeps, records."""

from cdot_lib.training.classifiers import Classifiers, train_classifiers
from cdot_lib.training.config import TrainConfig
from cdot_lib.training.evaluate import Metrics, clean_reference, evaluate
from cdot_lib.training.runs import Record, load_record
from cdot_lib.training.sweep import RunResult, sweep
from cdot_lib.training.tasks import RATES_BITS, Task, super_resolution
from cdot_lib.training.trainer import Trainer

__all__ = [
    "RATES_BITS",
    "Classifiers",
    "Metrics",
    "Record",
    "RunResult",
    "Task",
    "TrainConfig",
    "Trainer",
    "clean_reference",
    "evaluate",
    "load_record",
    "super_resolution",
    "sweep",
    "train_classifiers",
]
