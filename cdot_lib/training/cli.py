"""The command line of training: ``python -m cdot_lib.training --help``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cdot_lib.errors import CdotError
from cdot_lib.profiles import PROFILES
from cdot_lib.training import commands
from cdot_lib.training.config import CLASS_TERMS
from cdot_lib.training.defaults import HIDING, NETWORKS, TASKS
from cdot_lib.training.workers import BACKENDS

__all__ = ["main", "parser"]

_ABOUT = """\
Train, measure and use the book's neural codecs.

tasks
  mnist-super-resolution   digits, from 7x7 to 28x28 pixels
  svhn-denoising           house numbers, without their noise
  svhn-inpainting          house numbers, with the hidden square filled in
"""

_EXAMPLES = """\
examples
  one codec of 8 bits, in seconds, to see that everything works:
    python -m cdot_lib.training run mnist-super-resolution --rate-bits 8 --profile smoke
  the same in earnest, and kept:
    python -m cdot_lib.training run mnist-super-resolution --rate-bits 8 \\
      --profile full --out mine.safetensors
  every combination of three rates and two prices, two at a time:
    python -m cdot_lib.training sweep svhn-denoising --rates 16 32 64 --lambda-c 0 1 --workers 2
  send a hundred test digits through the codec that comes with the book:
    python -m cdot_lib.training encode mnist-super-resolution --rate-bits 8 \\
      --test 0:100 --out digits.cdot
    python -m cdot_lib.training decode mnist-super-resolution digits.cdot --rate-bits 8 \\
      --out digits.png

Whatever is killed goes on where it was when the same command is given again. Data sets are
fetched, or taken from the folder that CDOT_DATA names. Each command has a --help of its own.
"""

_OF_SWEEP = """\
examples
  python -m cdot_lib.training sweep mnist-super-resolution --rates 4 8 --lambda-c 0 1 4
  python -m cdot_lib.training sweep svhn-inpainting --rates 16 128 --paired no yes --profile smoke
on many machines, with a scheduler and, for each core, one `dask worker --nthreads 1 ADDRESS`:
  python -m cdot_lib.training sweep mnist-super-resolution --rates 4 8 16 24 32 \\
    --backend dask --scheduler tcp://host:8786
"""

_YES_NO = {"no": False, "yes": True}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0, or 2 after an error, which is told in one line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    """
    chosen = parser().parse_args(arguments)
    if getattr(chosen, "profile", None):
        os.environ["CDOT_PROFILE"] = chosen.profile
    try:
        chosen.action(chosen)
    except (CdotError, OSError) as exc:
        print(f"error: {' '.join(str(exc).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each names its function as ``action``."""
    top = argparse.ArgumentParser(
        prog="python -m cdot_lib.training",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, action: object, what: str, **more: str) -> argparse.ArgumentParser:
        made = group.add_parser(
            name,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **more,
        )
        made.set_defaults(action=action)
        return made

    run = command("run", commands.run, "train one codec and measure it")
    _task(run)
    _which(run, required=True)
    _prices(run)
    run.add_argument("--levels", type=int, metavar="L", help="quantiser levels a dimension")
    _effort(run)
    run.add_argument(
        "--out", type=Path, metavar="FILE", help="write the codec, ready to encode with"
    )

    many = command(
        "sweep", commands.sweep_grid, "train codecs for a grid of settings", epilog=_OF_SWEEP
    )
    _task(many)
    many.add_argument("--rates", type=int, nargs="+", metavar="BITS", help="default: the task's")
    for name, what in (("d", "the distortion"), ("p", "realism (W1)"), ("c", "the class loss")):
        many.add_argument(
            f"--lambda-{name}", type=float, nargs="+", metavar="X", help=f"prices of {what}"
        )
    many.add_argument("--common-randomness", nargs="+", choices=_YES_NO, default=["yes"])
    many.add_argument("--paired", nargs="+", choices=_YES_NO, default=["no"], help="supervised")
    many.add_argument("--seeds", type=int, nargs="+", default=[0], metavar="N")
    _effort(many)
    _workers(many)
    many.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")

    score = command("evaluate", commands.evaluate_codec, "measure a codec on the test images")
    _task(score)
    _source(score)
    _effort(score, steps=False)

    _records(command("records", commands.list_records, "show the book's records, or make one"))

    encode = command("encode", commands.encode, "turn images into a file of a few bits each")
    _task(encode)
    _source(encode)
    what = encode.add_mutually_exclusive_group(required=True)
    what.add_argument("--images", type=Path, metavar="FILE.npy", help="clean images, uint8")
    what.add_argument("--test", metavar="FROM:TO", help="these test images, e.g. 0:100")
    encode.add_argument(
        "--dither-seed", type=int, default=0, metavar="N", help="shared; stands in the file"
    )
    encode.add_argument("--out", type=Path, required=True, metavar="FILE")

    decode = command("decode", commands.decode, "turn such a file into images")
    _task(decode)
    decode.add_argument("stream", type=Path, metavar="FILE")
    _source(decode)
    decode.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".npy, or .png to look at"
    )
    return top


def _task(one: argparse.ArgumentParser) -> None:
    one.add_argument("task", choices=TASKS, metavar="TASK", help=", ".join(TASKS))


def _which(one: argparse.ArgumentParser, *, required: bool) -> None:
    """Name a codec; what is not said is the task's default."""
    one.add_argument(
        "--rate-bits", type=int, required=required, metavar="R", help="cap, in bits an image"
    )
    one.add_argument(
        "--without-common-randomness",
        dest="common_randomness",
        action="store_const",
        const=False,
        help="the decoder does not know the dither",
    )
    one.add_argument("--lambda-c", type=float, metavar="X", help="price of the class loss")
    one.add_argument(
        "--paired", action="store_const", const=True, help="supervised, by the clean images"
    )
    one.add_argument("--seed", type=int, metavar="N")
    one.add_argument("--class-term", choices=CLASS_TERMS)
    one.add_argument("--network", choices=NETWORKS)


def _prices(one: argparse.ArgumentParser) -> None:
    one.add_argument("--lambda-d", type=float, metavar="X", help="price of the distortion")
    one.add_argument("--lambda-p", type=float, metavar="X", help="price of realism (W1)")
    one.add_argument("--mask", choices=tuple(HIDING), help="what inpainting hides")


def _source(one: argparse.ArgumentParser) -> None:
    """Say where a trained codec is."""
    one.add_argument("--weights", type=Path, metavar="FILE", help="a codec that `run --out` wrote")
    _which(one, required=False)
    one.add_argument(
        "--results",
        type=Path,
        metavar="DIR",
        help="the records, by default the book's, in which --rate-bits and the like choose a codec",
    )


def _effort(one: argparse.ArgumentParser, *, steps: bool = True) -> None:
    one.add_argument(
        "--profile", choices=PROFILES, help="how much work: seconds, minutes, a GPU's minutes"
    )
    if steps:
        one.add_argument("--steps", type=int, metavar="N", help="instead of the profile's")
    one.add_argument("--epochs", type=int, metavar="N", help="of the classifiers")
    one.add_argument(
        "--work",
        type=Path,
        default=Path(".cache/runs"),
        metavar="DIR",
        help="where runs are kept, to go on from (default: %(default)s)",
    )


def _workers(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--workers", type=int, metavar="N", help="codecs at a time; default: one a core"
    )
    one.add_argument("--backend", choices=BACKENDS, default="loky", help="this machine, or Dask's")
    one.add_argument("--scheduler", metavar="ADDRESS", help="of Dask, e.g. tcp://host:8786")


def _records(top: argparse.ArgumentParser) -> None:
    top.set_defaults(task=None, results=None)
    group = top.add_subparsers(metavar="list|make")
    listed = group.add_parser("list", help="print the stamps and the codecs that are kept")
    listed.add_argument("task", choices=TASKS, metavar="TASK", nargs="?")
    listed.add_argument("--results", type=Path, metavar="DIR", help="default: the book's")
    made = group.add_parser(
        "make", help="train a task's record (hours on two cores), group by group"
    )
    _task(made)
    _effort(made)
    _workers(made)
    made.add_argument(
        "--groups", type=int, metavar="N", help="the first N groups of the recipe only"
    )
    made.add_argument(
        "--results",
        type=Path,
        default=Path("book/results"),
        metavar="DIR",
        help="default: %(default)s",
    )
    made.set_defaults(action=commands.make, profile="full")
