"""The network's own past: copies of everything that training changes."""

import math
from typing import NamedTuple

import numpy as np

MOST_NETWORKS = 20  # that are kept of a run: more of its start, where most happens
MOST_BYTES = 100_000_000  # that they take together


class Network(NamedTuple):
    """A copy of it."""

    i: int  # iterations done
    arrays: list[np.ndarray]

    @property
    def bytes(self):
        return sum(array.nbytes for array in self.arrays)


def is_state(state):
    """Whether each of these variables can be read and put back."""
    return state is None or (
        isinstance(state, (list, tuple))
        and all(
            hasattr(variable, "assign") or isinstance(variable, np.ndarray) and variable.flags.writeable
            for variable in state
        )
    )


def copy_of(i, state):
    """A network as its variables are after i iterations; None if it would be too large to be kept twice."""
    network = Network(i, [np.array(variable) for variable in state])
    return network if 2 * network.bytes <= MOST_BYTES else None


def put_back(network, state):
    for variable, array in zip(state, network.arrays):
        if hasattr(variable, "assign"):
            variable.assign(array)
        else:  # it is an array
            variable[...] = array


def thinned(networks):
    """As many as may be kept; between their iterations' square roots, distances are about the same."""
    kept = list(networks)
    while len(kept) > 2 and (len(kept) > MOST_NETWORKS or sum(one.bytes for one in kept) > MOST_BYTES):
        roots = [math.sqrt(one.i) for one in kept]
        gaps = [after - before for before, after in zip(roots, roots[2:])]
        del kept[1 + gaps.index(min(gaps))]
    return kept
