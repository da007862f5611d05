"""Our codec beside one of the size and kind that earlier papers used, in one run.

The reference is our own network, written to the published size: 0.80 M parameters in encoder
and decoder and 1.03 M in the critic, 5x5 convolutions, batches of 64. Both train on the same
objective and the same data, with the same number of critic steps, in the same process.
Reported are training images a second of wall time and of processor time (the latter does not
suffer from whatever else the machine does), then what each reaches in equal wall time.

    CDOT_DATA=... python benchmarks/codec_speed.py --seconds 60
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time

import torch
from torch import Tensor, nn

from cdot_lib.data import bicubic_matrix, load_digits
from cdot_lib.models import Codec
from cdot_lib.training import TrainConfig, Trainer, evaluate, train_classifiers
from cdot_lib.training.tasks import levels_at

SLOPE = 0.2


class ReferenceCodec(Codec):
    """Convolutions on the 784 pixels of the degraded image, and transposed ones back."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.register_buffer("up", torch.from_numpy(bicubic_matrix(7, 28).copy()), persistent=False)
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Conv2d(32, 64, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Conv2d(64, 128, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Flatten(), nn.Linear(128 * 16, self.dims), nn.Tanh(),
        )
        self.decoder = nn.Sequential(
            nn.Linear(self.dims, 128), nn.LeakyReLU(SLOPE),
            nn.Linear(128, 128 * 16), nn.LeakyReLU(SLOPE), nn.Unflatten(1, (128, 4, 4)),
            nn.ConvTranspose2d(128, 64, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(64, 32, 5, 2, 2, output_padding=1), nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(32, 1, 5, 2, 2, output_padding=1), nn.Sigmoid(), nn.Flatten(),
        )

    def latent(self, low: Tensor) -> Tensor:
        degraded = self.up @ low.view(-1, 1, 7, 7) @ self.up.T
        return (1.0 - 1.0 / self.levels) * self.encoder(degraded)

    def reconstruct(self, received: Tensor) -> Tensor:
        return self.decoder(received)


class ReferenceCritic(nn.Module):
    """5x5 convolutions; its input gradient comes from automatic differentiation."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 64, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Conv2d(64, 128, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Conv2d(128, 256, 5, 2, 2), nn.LeakyReLU(SLOPE),
            nn.Flatten(), nn.Linear(256 * 16, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).squeeze(1)

    def input_gradient(self, images: Tensor) -> Tensor:
        images = images.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(self(images).sum(), images, create_graph=True)
        return gradient


class ReferenceTrainer(Trainer):
    """The same trainer around the other two networks."""

    def _make_codec(self) -> nn.Module:
        c = self.config
        return ReferenceCodec(
            rate_bits=c.rate_bits, levels=c.levels, common_randomness=c.common_randomness
        )

    def _make_critic(self) -> nn.Module:
        return ReferenceCritic()


def speed(trainer: Trainer, seconds: float) -> tuple[float, float]:
    """Return images a second of wall time and of processor time, critic included."""
    trainer.train(until=trainer.config.warmup_steps + 3, bar=False)
    step, wall, cpu = trainer.step, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        trainer.train(until=trainer.step + 3, bar=False)
    images = (trainer.step - step) * trainer.config.batch
    return images / (time.perf_counter() - wall), images / (time.process_time() - cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=45.0, help="equal wall time for each")
    parser.add_argument("--rounds", type=int, default=3, help="alternating speed measurements")
    parser.add_argument("--rate", type=int, default=8)
    parser.add_argument("--prices", type=float, nargs="+", default=[15.0, 60.0, 120.0],
                        help="values of lambda_d, the same for both networks in each race")
    chosen = parser.parse_args()
    train, test = load_digits("train"), load_digits("test")
    torch.set_num_threads(1)
    classifiers = train_classifiers(train, epochs=3, bar=False)
    base = TrainConfig(rate_bits=chosen.rate, levels=levels_at(chosen.rate), steps=10**6, warmup_steps=1)
    rates = (1e-3, 3e-4)
    reference = dataclasses.replace(base, batch=64, gp_share=1.0, lr_codec=1e-3, lr_critic=1e-3)
    contenders = {
        "reference, 2 threads": (ReferenceTrainer, reference, 2),
        "ours, 2 threads": (Trainer, base, 2),
        "ours, 1 thread": (Trainer, base, 1),
    }
    sizes = {
        "codec": sum(p.numel() for p in ReferenceTrainer(reference, test, classifiers.loss).codec.parameters()),
        "critic": sum(p.numel() for p in ReferenceCritic().parameters()),
    }
    print(f"data: {train.description}; reference parameters: {sizes}")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(chosen.rounds):  # alternating, so that a busy minute hits all alike
        for name, (kind, config, threads) in contenders.items():
            torch.set_num_threads(threads)
            found[name].append(speed(kind(config, train, classifiers.loss), 4.0))
    median = {n: [sorted(column)[len(v) // 2] for column in zip(*v, strict=True)] for n, v in found.items()}
    for name, (wall, cpu) in median.items():
        print(f"{name:22s} {wall:8.0f} images/s of wall time {cpu:8.0f} images/s of processor time", flush=True)
    best = max(("ours, 2 threads", "ours, 1 thread"), key=lambda n: median[n][0])
    print(json.dumps({"ratio_wall": median[best][0] / median["reference, 2 threads"][0],
                      "ratio_cpu": median["ours, 1 thread"][1] / median["reference, 2 threads"][1]}))
    for price in chosen.prices:
        print(f"equal wall time, {chosen.rate} bits, lambda_d = {price:g} for both")
        races = [
            (f"reference, lr {lr:g}", ReferenceTrainer,
             dataclasses.replace(reference, lr_codec=lr, lr_critic=lr), 2, "reference, 2 threads")
            for lr in rates
        ]
        races.append(("ours", *contenders[best], best))
        for label, kind, config, threads, measured in races:
            torch.set_num_threads(threads)
            steps = max(20, int(chosen.seconds * median[measured][0] / config.batch))
            warmup = max(1, min(300, steps // 5))
            config = dataclasses.replace(config, lambda_d=price, steps=steps, warmup_steps=warmup)
            trainer = kind(config, train, classifiers.loss)
            started = time.perf_counter()
            while trainer.step < steps and time.perf_counter() - started < chosen.seconds:
                trainer.train(until=trainer.step + max(1, steps // 100), bar=False)
            wall = time.perf_counter() - started
            metrics, _ = evaluate(trainer.average, train, test, classifiers)
            print(
                f"{label:20s} {wall:5.1f} s, {trainer.step} of {steps} steps: E|X-Y|^2 "
                f"{metrics.distortion_degraded:.4f}, accuracy {metrics.accuracy:.4f}, to clean "
                f"{metrics.distortion_clean:.4f}, sliced W2 {metrics.sliced_w2:.4f}, Frechet "
                f"{metrics.frechet:.1f}", flush=True,
            )


if __name__ == "__main__":
    main()
