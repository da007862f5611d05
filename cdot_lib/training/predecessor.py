"""The recipe of the predecessor [liu2022]_, as a configuration of our trainer.

Networks of the published size, levels 4, batches of 64, Adam with 1e-4 and (0.5, 0.999), one
critic step for one codec step, 0.001 on W1 beside the mean square. The published codec has no class
term; it is given the same price as W1, as in our recipe, so that accuracy is not lost for the
lack of one.

References
----------
.. [liu2022] H. Liu, G. Zhang, J. Chen, A. Khisti, Cross-domain lossy compression as entropy
   constrained optimal transport, 2022.
"""

from __future__ import annotations

from typing import Any

from cdot_lib.training.config import TrainConfig
from cdot_lib.training.defaults import defaults

__all__ = ["predecessor_config"]


def predecessor_config(task: str, rate_bits: int, steps: int, **changes: Any) -> TrainConfig:
    """Return the predecessor's configuration for a task.

    Parameters
    ----------
    task : str
        One of :data:`cdot_lib.training.defaults.TASKS`.
    rate_bits : int
        A multiple of 2, since there are four levels.
    steps : int
        Codec steps; the learning rates fall over the second half of them.
    changes : Any
        Further fields of :class:`~cdot_lib.training.config.TrainConfig`.

    Raises
    ------
    InvalidArgument
        If a value is out of range.
    """
    chosen = defaults(task, "predecessor")
    if "pretrain_steps" in chosen:  # no more of a short run than of a long one
        chosen["pretrain_steps"] = min(chosen["pretrain_steps"], steps // 4)
    base = {"task": task, "network": "predecessor", "rate_bits": rate_bits, "steps": steps}
    return TrainConfig(**{**chosen, **base, **changes})
