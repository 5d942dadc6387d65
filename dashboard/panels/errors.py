"""An error in drawing costs a picture, never a run. NumPy's warnings are silenced there too."""

import contextlib
import sys
import traceback

import numpy as np


class Errors:
    """Each is reported once, in a sentence: those of one kind from one line of code are the same error."""

    def __init__(self):
        self.seen = set()
        self.silent = False  # the window is closed: its toolkit complains about what still comes

    @contextlib.contextmanager
    def reported(self):
        try:
            with np.errstate(all="ignore"):  # networks that fail are full of NaN and infinity
                yield
        except Exception as error:
            kind, place = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
            if self.silent or (kind, place.filename, place.lineno) in self.seen:
                return
            self.seen.add((kind, place.filename, place.lineno))
            words = " ".join(str(error).split())
            print(f"Error in the dashboard, which continues: {kind}: {words}", file=sys.stderr)
            if sys.flags.dev_mode:  # python -X dev
                traceback.print_exc()
