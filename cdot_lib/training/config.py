"""Everything that decides a training run, in one frozen object."""

from __future__ import annotations

from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from torch import nn

from cdot_lib import validate
from cdot_lib.data.degradation import Degradation
from cdot_lib.errors import InvalidArgument
from cdot_lib.models.codec import Codec, latent_dims
from cdot_lib.models.critic import Critic, sharpening
from cdot_lib.models.predecessor import PredecessorCodec, PredecessorCritic
from cdot_lib.training.defaults import NETWORKS, defaults, degradation

__all__ = ["CLASS_TERMS", "TrainConfig"]

#: The class term: of the true label, or of the classifier's own doubt, which needs no label.
CLASS_TERMS = ("cross-entropy", "entropy")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Configuration of one codec's training.

    Attributes
    ----------
    task : str
        One of :data:`cdot_lib.training.defaults.TASKS`.
    mask : str or None
        What inpainting hides; None for the other tasks.
    network : str
        "small" or "predecessor", see :mod:`cdot_lib.models.predecessor`.
    rate_bits, levels : int
        Cap on the rate, and quantiser levels a dimension.
    common_randomness : bool
        Whether the decoder knows the dither.
    paired : bool
        Supervised: the distortion is to the clean image behind X, and no longer to X.
    class_term : str
        "cross-entropy" or "entropy", see :func:`cdot_lib.training.objective.class_loss`.
    augment : bool
        Whether images are moved and relit at random.
    steps, batch : int
        Codec steps, and images in each.
    pretrain_steps : int
        First steps, on the task's rendered images.
    warmup_steps : int
        First steps, without the critic: distortion and class term alone, so that the
        latent carries something before the critic starts to judge.
    lambda_d, lambda_p, lambda_c : float
        Weights of the distortion (mean square a pixel), of W1 (Euclidean norm of a whole
        image) and of the class term (nats).
    n_critic : int
        Critic steps for one codec step.
    gp_weight, gp_share : float
        Weight of the gradient penalty, and the share of the batch on which it is evaluated
        (a smaller share is cheaper, and still unbiased).
    lr_codec, lr_critic, beta1, beta1_critic, beta2 : float
        Adam, with a momentum for the codec and one for the critic; the rates fall linearly over
        the second half of the steps.
    ema : float
        Decay of the exponential average of the codec's weights, which is what is evaluated.
    hidden, grid, critic_hidden : int
        Sizes of the small networks.
    seed : int
        Seeds the weights, both batches, the noise and the dither.

    Raises
    ------
    InvalidArgument
        If a value is out of range.
    """

    task: str = "mnist-super-resolution"
    mask: str | None = None
    network: str = "small"
    rate_bits: int = 8
    levels: int = 4
    common_randomness: bool = True
    paired: bool = False
    class_term: str = "cross-entropy"
    augment: bool = False
    steps: int = 3000
    batch: int = 256
    pretrain_steps: int = 0
    warmup_steps: int = 300
    lambda_d: float = 30.0
    lambda_p: float = 1.0
    lambda_c: float = 1.0
    n_critic: int = 1
    gp_weight: float = 10.0
    gp_share: float = 0.25
    lr_codec: float = 4e-3
    lr_critic: float = 4e-3
    beta1: float = 0.0
    beta1_critic: float = 0.0
    beta2: float = 0.9
    ema: float = 0.99
    hidden: int = 256
    grid: int = 14
    critic_hidden: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        degradation(self.task, self.mask)
        validate.choice("network", self.network, NETWORKS)
        validate.choice("class_term", self.class_term, CLASS_TERMS)
        latent_dims(self.rate_bits, self.levels)
        for name in ("steps", "batch", "n_critic", "hidden", "grid", "critic_hidden"):
            validate.positive_int(name, getattr(self, name))
        for name, remedy in (
            ("warmup_steps", "the critic needs steps too"),
            ("pretrain_steps", "the task's own images need steps too"),
        ):
            first = getattr(self, name)
            if first != 0 and validate.positive_int(name, first) >= self.steps:
                raise InvalidArgument.of(
                    name, first, f"must be less than steps = {self.steps}", remedy
                )
        for name in ("lambda_d", "lambda_p", "lambda_c", "gp_weight"):
            validate.in_range(name, getattr(self, name), 0.0, 1e6)
        for name in ("lr_codec", "lr_critic"):
            validate.in_range(name, getattr(self, name), 0.0, 1e3, open_lo=True)
        for name in ("beta1", "beta1_critic", "beta2", "ema"):
            validate.in_range(name, getattr(self, name), 0.0, 1.0, open_hi=True)
        validate.in_range("gp_share", self.gp_share, 0.0, 1.0, open_lo=True)
        validate.seed("seed", self.seed)

    @property
    def degradation(self) -> Degradation:
        """What happens to the images."""
        return degradation(self.task, self.mask)

    @property
    def label(self) -> str:
        """A short name for files and progress bars, e.g. "r08-cr-s0".

        What differs from the task's default stands in between: "r08-det-c0-s0" has no common
        randomness and no class term, "r32-cr-paired-s0" is supervised, and so on.
        """
        usual = {f.name: f.default for f in fields(self) if f.default is not MISSING}
        usual |= defaults(self.task, self.network)
        parts = [f"r{self.rate_bits:02d}", "cr" if self.common_randomness else "det"]
        for letter in "dpc":
            price = getattr(self, f"lambda_{letter}")
            if price != usual[f"lambda_{letter}"]:
                parts.append(f"{letter}{price:g}")
        if self.mask != usual["mask"]:
            parts.append(str(self.mask))
        words = {
            "paired": self.paired, "h": self.class_term == "entropy",
            "pred": self.network == "predecessor",
        }
        parts += [word for word, said in words.items() if said]
        return "-".join([*parts, f"s{self.seed}"])

    def codec(self) -> Codec:
        """Return an untrained codec of this configuration."""
        kind = PredecessorCodec if self.network == "predecessor" else Codec
        return kind(
            picture=self.degradation.picture, inputs=self.degradation.inputs,
            rate_bits=self.rate_bits, levels=self.levels,
            common_randomness=self.common_randomness, hidden=self.hidden, grid=self.grid,
        )

    def critic(self) -> nn.Module:
        """Return an untrained critic of this configuration."""
        picture = self.degradation.picture
        if self.network == "predecessor":
            return PredecessorCritic(picture)
        sharpen = sharpening(picture.side) if picture.channels > 1 else None
        return Critic(inputs=picture.size, hidden=self.critic_hidden, sharpen=sharpen)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a plain dictionary, for JSON."""
        return asdict(self)
