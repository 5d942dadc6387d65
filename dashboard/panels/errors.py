"""An error in drawing costs a picture, never a run. NumPy's warnings are silenced there too."""

import contextlib
import sys
import traceback

import numpy as np


class Errors:
    """Each is reported once, in a sentence: those with the same words, or from the same line, are one."""

    def __init__(self):
        self.seen = set()
        self.silent = False  # the window is closed: its toolkit complains about what still comes

    @contextlib.contextmanager
    def reported(self):
        try:
            with np.errstate(all="ignore"):  # networks that fail are full of NaN and infinity
                yield
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
            known = {words, (type(error), place.filename, place.lineno)}
            if self.silent or known & self.seen:
                return
            self.seen |= known
            print(f"Error in the dashboard, which continues: {words}", file=sys.stderr)
            if sys.flags.dev_mode:  # python -X dev
                traceback.print_exc()
