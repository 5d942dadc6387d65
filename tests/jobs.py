"""Jobs of the trainer, as its tests run them."""

import json

import numpy as np

TASK = ("-m", "mlengine.trainer.task")
BRIEF = ("-m", "tests.brief")  # the same, without export and pictures
SIZES = dict(conv1=4, conv2=8, conv3=8, conv4=8, conv5=8, conv6=8, dense=32)
SMALL = tuple(f"--hp-{name}={n}" for name, n in SIZES.items())


def options(*arguments):
    from mlengine.trainer import options as command_line

    return command_line.parse("", [str(argument) for argument in arguments])


def newest(folder):
    """The newest checkpoint's state and arrays."""
    *_, path = sorted((folder / "checkpoints").glob("step-*.npz"))
    found = dict(np.load(path))
    return json.loads(str(found.pop("state"))), found


def different(these, those):
    """The names of the arrays that are not equal."""
    assert these.keys() == those.keys()
    return [name for name in these if not np.array_equal(these[name], those[name])]
