"""A traced network for a page: its operations, its weights in 16 bits, and its past in 8."""

import numpy as np

from dashboard.webpage.record import spread

MOST_PAST = 20  # networks
MOST_PAST_BYTES = 4_200_000  # that they take together


def of_network(name, traced, state=(), past=()):
    """`traced` has `operations`, `layers`, `arrays` and the `variables` that these are the values of; `past`
    has networks of before, whose arrays are in the order of `state`.
    """
    places = [place_in(state, variable) for variable in traced.variables]
    weights = sum(array.size for array, place in zip(traced.arrays, places) if place is not None)
    most = min(MOST_PAST, MOST_PAST_BYTES // weights) if weights else 0
    kept = [past[k] for k in spread([one.i for one in past], most)] if most else []
    return {
        "name": name,
        "operations": traced.operations,
        "layers": traced.layers,
        "arrays": [rounded(array, np.int16) for array in traced.arrays],
        "past": [
            {
                "i": one.i,
                "arrays": [None if k is None else rounded(one.arrays[k], np.int8) for k in places],
            }
            for one in kept
        ],
    }


def place_in(variables, variable):
    """Its place among them, or None."""
    return next((k for k, one in enumerate(variables) if one is variable), None)


def rounded(array, kind):
    """Whole numbers of this type, and by what each is multiplied: its column's largest is the type's."""
    array = np.nan_to_num(np.asarray(array, np.float32))
    most = np.iinfo(kind).max
    sizes = np.abs(array).max(axis=tuple(range(array.ndim - 1)), initial=0) if array.ndim else np.abs(array)
    scale = np.where(sizes > 0, sizes / most, 1).astype(np.float32)
    return {
        "shape": array.shape,
        "values": np.asarray(np.rint(array / scale), kind),
        "scale": np.ravel(scale),
    }
