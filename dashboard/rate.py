"""The learner's hand on the learning rate."""

import numpy as np

MOST_TURNS = 1024.0  # times faster, or slower, than the lesson's own rate


class Rate:
    """Turns a variable: anything that NumPy can read and that has an `assign`."""

    def __init__(self, variable):
        self.variable, self.factor = variable, 1.0  # how many times what it would be without the learner

    def turn(self, factor):
        """Multiply it; True if that was possible."""
        turned = self.factor * factor
        if not 1 / MOST_TURNS <= turned <= MOST_TURNS:
            return False
        self.variable.assign(float(np.asarray(self.variable)) * factor)
        self.factor = turned
        return True
