"""Where the time of one codec step goes, by torch.profiler, on one thread.

    CDOT_DATA=... python benchmarks/profile_step.py svhn-denoising
"""

from __future__ import annotations

import sys
from dataclasses import replace

import torch
from torch.profiler import ProfilerActivity, profile

from cdot_lib.models import LossClassifier
from cdot_lib.training import TASKS, Trainer, task


def main() -> None:
    torch.set_num_threads(1)
    data = task(sys.argv[1] if len(sys.argv) > 1 else TASKS[0])
    config = replace(data.config(data.rates_bits[-1]), steps=10**6, warmup_steps=1, pretrain_steps=0)
    classifier = LossClassifier(data.degradation.picture)
    trainer = Trainer(config, data, classifier, device=torch.device("cpu"))
    trainer.train(until=20, bar=False)
    with profile(activities=[ProfilerActivity.CPU]) as measured:
        trainer.train(until=70, bar=False)
    print(measured.key_averages().table(sort_by="self_cpu_time_total", row_limit=14))


if __name__ == "__main__":
    main()
