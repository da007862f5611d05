"""Small codecs with dither for sources whose trade-offs are known: a Gaussian, and a coin.

One number goes in, one whole number is sent, one number comes out. Encoder and decoder are
perceptrons, the quantiser is the dithered one of step 1, so that a decoder trains on the latent
plus uniform noise, exactly what it will receive. A learnt law of the latent prices each index given
its dither; the mean price is a cross entropy, an upper bound on H(Q|U) [agustsson2020]_. Many
codecs, of all prices and seeds, are trained at once: their weights are stacked.

References
----------
.. [agustsson2020] E. Agustsson and L. Theis, Universally quantized neural compression, NeurIPS
   2020.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cdot_lib.errors import InvalidArgument
from cdot_lib.progress import progress
from cdot_lib.validate import choice, in_range, positive_int, seed

__all__ = ["SOURCES", "ToyCodecs", "ToyConfig", "train_toys"]

#: Standard normal, squared error; or a coin, and how often it is told wrongly.
SOURCES = ("gaussian", "coin")

#: Components of the learnt law, and the least deviation of one.
_COMPONENTS, _LEAST_STD = 3, 0.005


@dataclass(frozen=True, kw_only=True)
class ToyConfig:
    """What one small codec is trained for.

    Attributes
    ----------
    rate_price : float
        Distortion that a bit may cost.
    rate_bits : float or None
        If given, a rate that is free; beyond it the square of the excess is paid instead, at
        `rate_price`.
    realism_price : float
        Weight of the distance between the laws of output and source: W2^2 from sorted batches for
        the Gaussian, abs(P(Y=1) - P(X=1)) for the coin.
    seed : int
        Of the weights.

    Raises
    ------
    InvalidArgument
        If a price or the rate is negative.
    """

    rate_price: float
    rate_bits: float | None = None
    realism_price: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("rate_price", "realism_price"):
            in_range(name, getattr(self, name), 0.0, 1e6)
        if self.rate_bits is not None:
            in_range("rate_bits", self.rate_bits, 0.0, 100.0)
        seed("seed", self.seed)


class _Layers(nn.Module):
    """A perceptron 1 -> hidden -> hidden -> 1 beside a straight line, one for each codec."""

    def __init__(self, generators: Sequence[torch.Generator], hidden: int) -> None:
        super().__init__()
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in ((1, hidden), (hidden, hidden), (hidden, 1)):
            shape, bound = (fan_in, fan_out), math.sqrt(1.0 / fan_in)
            drawn = [torch.rand(shape, generator=g) for g in generators]
            self.weights.append(nn.Parameter((2.0 * torch.stack(drawn) - 1.0) * bound))
            drawn = [torch.rand((1, fan_out), generator=g) for g in generators]
            self.biases.append(nn.Parameter((2.0 * torch.stack(drawn) - 1.0) * bound))
        self.line = nn.Parameter(torch.ones(len(generators), 1))

    def forward(self, values: Tensor) -> Tensor:
        """Map (codecs, n) to (codecs, n)."""
        hidden = values[..., None]
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias, hidden if k == 0 else torch.tanh(hidden), weight)
        return self.line * values + hidden[..., 0]


class ToyCodecs(nn.Module):
    """Small codecs for one source, trained and evaluated side by side.

    Parameters
    ----------
    source : str
        One of :data:`SOURCES`.
    configs : sequence of ToyConfig
        One a codec.
    q_x : float
        P(X = 1) of the coin, in (0, 1/2].
    hidden : int
        Width of the perceptrons.

    Raises
    ------
    InvalidArgument
        If an argument is out of range, or there is no configuration.
    """

    def __init__(
        self,
        source: str,
        configs: Sequence[ToyConfig],
        *,
        q_x: float = 0.3,
        hidden: int = 12,
    ) -> None:
        super().__init__()
        if not configs:
            raise InvalidArgument.of("configs", configs, "must not be empty", "pass one a codec")
        self.source = choice("source", source, SOURCES)
        self.configs = tuple(configs)
        self.q_x = float(in_range("q_x", q_x, 0.0, 0.5, open_lo=True))
        hidden = positive_int("hidden", hidden)
        generators = [torch.Generator().manual_seed(config.seed) for config in self.configs]
        self.encoder, self.decoder = (
            _Layers(generators, hidden),
            _Layers(generators, hidden),
        )
        size = (len(self.configs), 1, _COMPONENTS)
        self.mean = nn.Parameter(torch.linspace(-1.0, 1.0, _COMPONENTS).expand(size).clone())
        # A coin's latent has two values, and its law should start narrow.
        wide = 0.0 if source == "gaussian" else -3.0
        self.log_std, self.logit = (
            nn.Parameter(torch.full(size, wide)),
            nn.Parameter(torch.zeros(size)),
        )

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw n letters for each codec, shape (codecs, n): the same for all."""
        if self.source == "gaussian":
            letters = torch.randn(n, generator=generator, device=generator.device)
        else:
            coins = torch.rand(n, generator=generator, device=generator.device)
            letters = (coins < self.q_x).float()
        return letters.expand(len(self.configs), n)

    def latent(self, letters: Tensor) -> Tensor:
        """What the encoder puts out, in steps of the quantiser.

        A coin's two stay within a step of each other: beyond, nothing would pull them back.
        """
        if self.source == "gaussian":
            return self.encoder(letters)
        return 0.5 * torch.tanh(self.encoder(2.0 * letters - 1.0))

    def mass(self, received: Tensor) -> Tensor:
        """Probability of the index given the dither, from step Q - U; the same shape."""
        std = _LEAST_STD + torch.nn.functional.softplus(self.log_std)
        far = (received[..., None] - self.mean).abs()  # on the side of the smaller tail
        cell = torch.special.ndtr((0.5 - far) / std) - torch.special.ndtr((-0.5 - far) / std)
        return (torch.softmax(self.logit, dim=-1) * cell).sum(dim=-1)

    def bits(self, received: Tensor) -> Tensor:
        """Price of each index in bits."""
        return -torch.log2(self.mass(received).clamp_min(1e-12))

    def output(self, received: Tensor) -> Tensor:
        """Y; for the coin, how strongly the decoder leans to heads, in (0, 1)."""
        raw = self.decoder(received)
        return raw if self.source == "gaussian" else torch.sigmoid(4.0 * raw)

    def distortion(self, letters: Tensor, output: Tensor) -> Tensor:
        """Mean over letters of (X - Y)^2; for a coin in {0, 1}, of abs(X - Y). Shape (codecs,)."""
        miss = (letters - output).abs()
        return (miss.square() if self.source == "gaussian" else miss).mean(dim=1)

    def realism(self, output: Tensor) -> Tensor:
        """Distance of the output's law from the source's: W2^2, or total variation."""
        if self.source == "coin":
            return (output.mean(dim=1) - self.q_x).abs()
        n = output.shape[1]
        quantiles = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n)
        ordered = torch.sort(output, dim=1).values
        return (ordered - quantiles).square().mean(dim=1)


def train_toys(
    codecs: ToyCodecs,
    *,
    steps: int,
    batch: int = 256,
    lr: float = 1e-2,
    noise_seed: int = 0,
    warm_up: float = 1.0 / 3.0,
) -> ToyCodecs:
    """Train all codecs together, in place, with additive uniform noise for the dither.

    Parameters
    ----------
    codecs : ToyCodecs
    steps, batch : int
        Steps of Adam, and letters in each.
    lr : float
        Its rate at the start; it falls to zero along a half cosine.
    noise_seed : int
        Of letters and noise.
    warm_up : float
        Share of the steps over which the price of rate rises to its value.

    Returns
    -------
    ToyCodecs
        The same object.

    Raises
    ------
    InvalidArgument
        If a number is out of range.
    """
    steps, batch = positive_int("steps", steps), positive_int("batch", batch)
    in_range("lr", lr, 0.0, 1.0, open_lo=True)
    slow = steps * float(in_range("warm_up", warm_up, 0.0, 1.0))
    device = next(codecs.parameters()).device
    generator = torch.Generator(device).manual_seed(seed("noise_seed", noise_seed))
    rows = [
        (c.rate_price, math.nan if c.rate_bits is None else c.rate_bits, c.realism_price)
        for c in codecs.configs
    ]
    price, held, realism = torch.tensor(rows, device=device).T
    adam = torch.optim.Adam(codecs.parameters(), lr=lr, betas=(0.9, 0.99))
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for step in progress(range(steps), desc=f"{len(codecs.configs)} {codecs.source} codecs"):
        letters = codecs.sample(batch, generator)
        noise = torch.rand(letters.shape, generator=generator, device=device) - 0.5
        received = codecs.latent(letters) + noise
        output, bits = codecs.output(received), codecs.bits(received).mean(dim=1)
        beyond = (bits - held.nan_to_num()).clamp_min(0.0)
        over = torch.where(held.isnan(), bits, beyond.square())
        # Bits become dear slowly: the law of the latent has to be learnt first.
        dear = min(1.0, step / slow) if slow else 1.0
        loss = codecs.distortion(letters, output) + dear * price * over
        if bool(realism.any()):
            loss = loss + realism * codecs.realism(output)
        adam.zero_grad(set_to_none=True)
        loss.sum().backward()
        adam.step()
        cosine.step()
    return codecs
