"""Small networks in torch: the codec, the critic, the two classifiers, the predecessor.

Importing this package imports torch, and nothing below it does.
"""

try:
    import torch  # noqa: F401
except ImportError as exc:  # pragma: no cover - exercised by the torch-free environment test
    from cdot_lib.errors import MissingDependency

    raise MissingDependency(
        "cdot_lib.models needs torch: pip install 'cdot-lib[torch]'"
    ) from exc

from cdot_lib.models.classifier import LossClassifier, ReportingClassifier
from cdot_lib.models.codec import Codec
from cdot_lib.models.critic import Critic
from cdot_lib.models.predecessor import PredecessorCodec, PredecessorCritic

__all__ = [
    "Codec",
    "Critic",
    "LossClassifier",
    "PredecessorCodec",
    "PredecessorCritic",
    "ReportingClassifier",
]
