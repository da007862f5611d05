"""Our codec beside the predecessor's networks and recipe, in one run.

The predecessor (:mod:`cdot_lib.training.predecessor`) has 0.80 M parameters in encoder and decoder and
1.03 M in the critic, 5x5 convolutions, batches of 64. Both train on the same data, with one critic
step for one codec step, in the same process. Reported are training images a second of wall time and
of processor time (the latter does not suffer from whatever else the machine does), then what each
reaches in equal wall time: the predecessor with its own recipe, and with our prices.

    CDOT_DATA=... python benchmarks/codec_speed.py --seconds 60
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time

import torch

from cdot_lib.training import (
    TASKS,
    TrainConfig,
    Trainer,
    evaluate,
    predecessor_config,
    task,
    train_classifiers,
)

_ENDLESS = 10**6


def speed(trainer: Trainer, seconds: float) -> tuple[float, float]:
    """Return images a second of wall time and of processor time, critic included."""
    trainer.train(until=trainer.step + 4, bar=False)
    step, wall, cpu = trainer.step, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        trainer.train(until=trainer.step + 3, bar=False)
    images = (trainer.step - step) * trainer.config.batch
    return images / (time.perf_counter() - wall), images / (time.process_time() - cpu)


def shortened(config: TrainConfig, steps: int) -> TrainConfig:
    """Return the configuration with so many steps, the first fifth at most without a critic."""
    before = {
        name: min(getattr(config, name), steps // 5) for name in ("warmup_steps", "pretrain_steps")
    }
    return dataclasses.replace(config, steps=steps, **before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=TASKS, default=TASKS[0])
    parser.add_argument("--seconds", type=float, default=45.0, help="equal wall time for each")
    parser.add_argument("--rounds", type=int, default=3, help="alternating speed measurements")
    parser.add_argument("--rates", type=int, nargs="+", default=[8], metavar="BITS")
    chosen = parser.parse_args()
    data = task(chosen.task)
    torch.set_num_threads(1)
    classifiers = train_classifiers(data, bar=False)
    ours = {rate: data.config(rate) for rate in chosen.rates}
    theirs = {
        rate: predecessor_config(chosen.task, rate, _ENDLESS, mask=config.mask)
        for rate, config in ours.items()
    }
    first = chosen.rates[0]
    # From the first step on with the critic and on the task's own images.
    whole = {"warmup_steps": 0, "pretrain_steps": 0, "steps": _ENDLESS}
    contenders = {
        "predecessor, 2 threads": (dataclasses.replace(theirs[first], **whole), 2),
        "ours, 2 threads": (dataclasses.replace(ours[first], **whole), 2),
        "ours, 1 thread": (dataclasses.replace(ours[first], **whole), 1),
    }
    networks = theirs[first].codec(), theirs[first].critic()
    sizes = [sum(p.numel() for p in network.parameters()) for network in networks]
    print(f"data: {data.train.description}; parameters of the predecessor: {sizes}")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(chosen.rounds):  # alternating, so that a busy minute hits all alike
        for name, (config, threads) in contenders.items():
            torch.set_num_threads(threads)
            found[name].append(speed(Trainer(config, data, classifiers.loss), 4.0))
    median = {
        name: [sorted(column)[len(rounds) // 2] for column in zip(*rounds, strict=True)]
        for name, rounds in found.items()
    }
    for name, (wall, cpu) in median.items():
        print(f"{name:24s} {wall:8.0f} images/s of wall time {cpu:8.0f} of processor time", flush=True)
    best = max(("ours, 2 threads", "ours, 1 thread"), key=lambda name: median[name][0])
    print(json.dumps({
        "ratio_wall": median[best][0] / median["predecessor, 2 threads"][0],
        "ratio_cpu": median["ours, 1 thread"][1] / median["predecessor, 2 threads"][1],
    }))
    for rate in chosen.rates:
        prices = {name: getattr(ours[rate], name) for name in ("lambda_d", "lambda_p", "lambda_c")}
        races = {
            "predecessor": (theirs[rate], "predecessor, 2 threads"),
            "predecessor, our prices": (
                dataclasses.replace(theirs[rate], **prices), "predecessor, 2 threads"
            ),
            "ours": (ours[rate], best),
        }
        print(f"equal wall time, {rate} bits")
        for name, (config, measured) in races.items():
            torch.set_num_threads(contenders[measured][1])
            steps = max(20, int(chosen.seconds * median[measured][0] / config.batch))
            trainer = Trainer(shortened(config, steps), data, classifiers.loss, check_every=20)
            trainer.train(seconds=chosen.seconds, bar=False)
            metrics, _ = evaluate(trainer.average, data, classifiers)
            print(
                f"{name:24s} {trainer.seconds:5.1f} s, {trainer.step} of {steps} steps: E|X-Y|^2 "
                f"{metrics.distortion_degraded:.4f}, accuracy {metrics.accuracy:.4f}, to clean "
                f"{metrics.distortion_clean:.4f}, sliced W2 {metrics.sliced_w2:.4f}, Frechet "
                f"{metrics.frechet:.1f}", flush=True,
            )


if __name__ == "__main__":
    main()
