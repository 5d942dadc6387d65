"""An error in drawing costs a picture, never a run. NumPy's warnings are silenced there too."""

import contextlib
import sys
import traceback

import numpy as np


class Errors:
    """Each is reported once, in a sentence."""

    def __init__(self):
        self.seen = set()
        self.silent = False  # the window is closed: its toolkit complains about what still comes

    @contextlib.contextmanager
    def reported(self):
        try:
            with np.errstate(all="ignore"):  # networks that fail are full of NaN and infinity
                yield
        except Exception as error:
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
            if self.silent or words in self.seen:
                return
            self.seen.add(words)
            print(f"Error in the dashboard, which continues: {words}", file=sys.stderr)
            if sys.flags.dev_mode:  # python -X dev
                traceback.print_exc()
