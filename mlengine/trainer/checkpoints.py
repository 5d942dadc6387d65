"""Checkpoints: the state of training, in a file for each of the last epochs."""

import contextlib
import io
import json
import re
import zipfile

import numpy as np
import tensorflow as tf

from mlengine.trainer import forms
from mlengine.trainer.job_folder import TEMPORARY, JobError, file_errors, files, write

NAME = r"step-\d{8,}\.npz"
MOST = 3  # where the newest is damaged, the one before is used
LARGEST = 1 << 33  # bytes; the default network's has 8 million


def save(folder, step, state, arrays):
    """One file: `state`, which JSON can hold, and the arrays. Then the oldest checkpoints are removed."""
    data = io.BytesIO()
    np.savez(data, state=json.dumps(state), **arrays)
    path = files.join(folder, f"step-{step:08}.npz")
    write(path, data.getvalue())
    before = [other for other in paths(folder) if other < path]
    damaged = [other for other in paths(folder) if other > path]  # else this run had resumed there
    unfinished = [files.join(folder, name) for name in matching(folder, NAME + re.escape(TEMPORARY))]
    for unneeded in damaged + unfinished + before[MOST - 1 :]:
        with contextlib.suppress(tf.errors.OpError):  # an old file that stays does no harm
            files.remove(unneeded)


def paths(folder):
    """The paths, newest first."""
    return [files.join(folder, name) for name in sorted(matching(folder, NAME), reverse=True)]


def matching(folder, pattern):
    """The names of this trainer's own files in the folder."""
    with file_errors(folder, "read"):
        names = files.listdir(folder) if files.exists(folder) else []
    return [name for name in names if re.fullmatch(pattern, name)]


def newest(folder, fits, say):
    """State and arrays of the newest checkpoint that is not damaged, or None.

    `fits` tells whether this trainer can use them.
    """
    for path in paths(folder):
        with file_errors(path, "read"), files.GFile(path, "rb") as file:
            data = file.read(LARGEST + 1)
        try:
            state, arrays = unpack(data)
        except Exception:  # whatever a damaged file makes zipfile, zlib, numpy and json raise
            say(f"{path} is damaged: skipped.")
            continue
        if not fits(state, arrays):
            raise JobError(
                f"{path} is from another version of this trainer, of TensorFlow or of Keras. "
                "Use that version, or choose another --job-dir."
            )
        return state, arrays


def unpack(data):
    """State and arrays of a checkpoint's bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("not packed by this trainer: a few bytes may become gigabytes")
    arrays = dict(np.load(io.BytesIO(data), allow_pickle=False))  # each has a checksum
    return forms.parse(str(arrays.pop("state"))), arrays
