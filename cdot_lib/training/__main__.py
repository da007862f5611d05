"""``python -m cdot_lib.training``: see :mod:`cdot_lib.training.cli`."""

import sys

from cdot_lib.training.cli import main

if __name__ == "__main__":
    sys.exit(main())
