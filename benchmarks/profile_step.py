"""Where the time of one codec step goes, by torch.profiler, on one thread.

    CDOT_DATA=... python benchmarks/profile_step.py
"""

from __future__ import annotations

import torch
from torch.profiler import ProfilerActivity, profile

from cdot_lib.data import load_digits
from cdot_lib.models import LossClassifier
from cdot_lib.training import TrainConfig, Trainer


def main() -> None:
    torch.set_num_threads(1)
    config = TrainConfig(steps=10**6, warmup_steps=1)
    trainer = Trainer(config, load_digits("test"), LossClassifier(), device=torch.device("cpu"))
    trainer.train(until=20, bar=False)
    with profile(activities=[ProfilerActivity.CPU]) as measured:
        trainer.train(until=70, bar=False)
    print(measured.key_averages().table(sort_by="self_cpu_time_total", row_limit=14))


if __name__ == "__main__":
    main()
