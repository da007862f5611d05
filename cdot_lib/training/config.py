"""Everything that decides a training run, in one frozen object."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cdot_lib import validate
from cdot_lib.errors import InvalidArgument
from cdot_lib.models.codec import Codec, latent_dims

__all__ = ["TrainConfig"]


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Configuration of one codec's training.

    Attributes
    ----------
    rate_bits, levels : int
        Cap on the rate, and quantiser levels a dimension.
    common_randomness : bool
        Whether the decoder knows the dither.
    steps, batch : int
        Codec steps, and images in each.
    warmup_steps : int
        First steps, without the critic: distortion and cross entropy alone, so that the
        latent carries something before the critic starts to judge.
    lambda_d, lambda_p, lambda_c : float
        Weights of the distortion (mean square a pixel), of W1 (Euclidean norm of a whole
        image) and of the cross entropy (nats).
    n_critic : int
        Critic steps for one codec step.
    gp_weight, gp_share : float
        Weight of the gradient penalty, and the share of the batch on which it is evaluated
        (a smaller share is cheaper, and still unbiased).
    lr_codec, lr_critic, beta1, beta2 : float
        Adam; the rates fall linearly over the second half of the steps.
    ema : float
        Decay of the exponential average of the codec's weights, which is what is evaluated.
    hidden, grid, critic_hidden : int
        Sizes of the networks.
    seed : int
        Seeds the weights, both batches, the noise and the dither.

    Raises
    ------
    InvalidArgument
        If a value is out of range.
    """

    rate_bits: int = 8
    levels: int = 4
    common_randomness: bool = True
    steps: int = 3000
    batch: int = 256
    warmup_steps: int = 300
    lambda_d: float = 15.0
    lambda_p: float = 1.0
    lambda_c: float = 1.0
    n_critic: int = 1
    gp_weight: float = 10.0
    gp_share: float = 0.25
    lr_codec: float = 4e-3
    lr_critic: float = 4e-3
    beta1: float = 0.0
    beta2: float = 0.9
    ema: float = 0.99
    hidden: int = 256
    grid: int = 14
    critic_hidden: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        latent_dims(self.rate_bits, self.levels)
        for name in ("steps", "batch", "n_critic", "hidden", "grid", "critic_hidden"):
            validate.positive_int(name, getattr(self, name))
        if self.warmup_steps != 0:
            validate.positive_int("warmup_steps", self.warmup_steps)
        if self.warmup_steps >= self.steps:
            raise InvalidArgument.of(
                "warmup_steps", self.warmup_steps, f"must be less than steps = {self.steps}",
                "the critic needs steps too",
            )
        for name in ("lambda_d", "lambda_p", "lambda_c", "gp_weight"):
            validate.in_range(name, getattr(self, name), 0.0, 1e6)
        for name in ("lr_codec", "lr_critic"):
            validate.in_range(name, getattr(self, name), 0.0, 1e3, open_lo=True)
        for name in ("beta1", "beta2", "ema"):
            validate.in_range(name, getattr(self, name), 0.0, 1.0, open_hi=True)
        validate.in_range("gp_share", self.gp_share, 0.0, 1.0, open_lo=True)
        validate.seed("seed", self.seed)

    @property
    def label(self) -> str:
        """A short name for files and progress bars, e.g. "r08-cr-s0"."""
        shared = "cr" if self.common_randomness else "det"
        return f"r{self.rate_bits:02d}-{shared}-s{self.seed}"

    def codec(self) -> Codec:
        """Return an untrained codec of this configuration."""
        return Codec(
            rate_bits=self.rate_bits, levels=self.levels,
            common_randomness=self.common_randomness, hidden=self.hidden, grid=self.grid,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a plain dictionary, for JSON."""
        return asdict(self)
