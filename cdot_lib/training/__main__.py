"""``python -m cdot_lib.training``: make a record, see :mod:`cdot_lib.training.runs`."""

from cdot_lib.training.runs import main

if __name__ == "__main__":
    main()
