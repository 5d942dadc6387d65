"""The job's folder, here or in a bucket (gs://).

    job.json         every option used, the versions and devices
    checkpoints/     the state of training after each of the last epochs, to resume from
    logs/            for TensorBoard
    model/           the trained network, a SavedModel
    report.json      how good it is; the job is finished
    lock             keeps other jobs out

Checkpoints and .json files are written aside, then renamed: nobody ever finds half of one.
"""

import contextlib
import io
import json
import os
import re
import socket
import time
import zipfile
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mlengine.trainer import forms, locks

files = tf.io.gfile
ASIDE = ".aside"  # the suffix of a file that is being written
CHECKPOINT = r"step-\d{8,}\.npz"
MOST_CHECKPOINTS = 3  # where the newest is damaged, the one before is used
LARGEST_CHECKPOINT = 1 << 33  # bytes; the default network's has 8 million
RENEW_SECONDS, STALE_SECONDS = 30, 180  # of a bucket's lock; a job that has not renewed it is taken for dead


class JobError(Exception):
    """What is wrong with the job folder, in one sentence."""


class Folders(NamedTuple):
    job: str
    checkpoints: str
    logs: str
    model: str

    def file(self, name):
        return files.join(self.job, name)


def folders(job):
    """The folders of a job; those that the service sets take precedence."""
    environment = os.environ.get
    job = job or os.path.dirname(environment("AIP_MODEL_DIR", "").rstrip("/")) or "mnist-job"
    return Folders(
        job,
        environment("AIP_CHECKPOINT_DIR") or files.join(job, "checkpoints"),
        environment("AIP_TENSORBOARD_LOG_DIR") or files.join(job, "logs"),
        environment("AIP_MODEL_DIR") or files.join(job, "model"),
    )


def exists(path):
    with file_errors(path, "read"):
        return files.exists(path)


def is_occupied(path):
    """Is there a file, or a folder with something in it?"""
    with file_errors(path, "read"):
        return files.exists(path) and (not files.isdir(path) or len(files.listdir(path)) > 0)


@contextlib.contextmanager
def file_errors(path, what="written"):
    """Raise JobError for whatever the system reports, in one sentence."""
    try:
        yield
    except OSError as error:
        raise JobError(f"{path}: cannot be {what}: {error.strerror}.") from None
    except tf.errors.OpError as error:  # '...; No space left on device'
        raise JobError(f"{path}: cannot be {what}: {error.message.rsplit('; ', 1)[-1]}.") from None


def write(path, data):
    """Write aside, then rename: the file is complete, or what it was before."""
    aside = path + ASIDE
    with file_errors(path):
        try:
            files.makedirs(os.path.dirname(path))
            with files.GFile(aside, "wb") as file:
                file.write(data)
            files.rename(aside, path, overwrite=True)
        except tf.errors.OpError:
            if files.exists(aside):
                files.remove(aside)
            raise


def write_json(path, content):
    write(path, json.dumps(content, indent=1).encode())


def read_json(path):
    """The content of the file, or None where there is no file."""
    with file_errors(path, "read"):
        if not files.exists(path):
            return None
        with files.GFile(path, "rb") as file:
            content = file.read(forms.LARGEST + 1)
    try:
        return forms.parse(content)
    except ValueError:
        raise JobError(f"{path} is damaged. Choose another --job-dir.") from None


# ---------------------------------------------------------------------------------------- one job in a folder


def lock(folder):
    """Keeps other jobs out of the folder: `with lock(folder) as held`."""
    if "://" in folder:
        return BucketLock(folder)
    with file_errors(files.join(folder, "lock")):
        try:
            return locks.FolderLock(folder)
        except locks.Taken:
            raise JobError(f"{folder}: another job is running there. Choose another --job-dir.") from None


class BucketLock:
    """A bucket has no locks: a file names the running job, and when it last renewed this."""

    def __init__(self, folder):
        self.folder, self.path = folder, files.join(folder, "lock")
        self.me = os.environ.get("CLOUD_ML_JOB_ID") or f"{socket.gethostname()}, process {os.getpid()}"
        self.renewed = 0.0

    def __enter__(self):
        self.renew()
        return self

    def renew(self):
        """Note now and then that this job is running; another may have taken the folder meanwhile."""
        if time.time() - self.renewed < RENEW_SECONDS:
            return
        other = self.holder()
        if other and other["who"] != self.me and time.time() - other["when"] < STALE_SECONDS:
            raise JobError(
                f"{self.folder}: another job is running there ({other['who']}). Choose another --job-dir; "
                f"or if that job was killed, remove {self.path}."
            )
        write_json(self.path, {"who": self.me, "when": time.time()})
        self.renewed = time.time()

    def holder(self):
        """Who has the folder, since when; None for nobody."""
        holder = read_json(self.path)
        if holder is not None and not forms.has_form(holder, {"who": "", "when": 0.0}):
            raise JobError(f"{self.path} is not from this trainer. Choose another --job-dir.")
        return holder

    def __exit__(self, *_):
        with contextlib.suppress(JobError, tf.errors.OpError):  # one that stays is stale in a few minutes
            holder = self.holder()
            if holder and holder["who"] == self.me:
                files.remove(self.path)


# ------------------------------------------------------------------------------------------------ checkpoints


def save_checkpoint(folder, step, state, arrays):
    """One file: `state`, which JSON can hold, and the arrays. Then the oldest checkpoints are removed."""
    data = io.BytesIO()
    np.savez(data, state=json.dumps(state), **arrays)
    path = files.join(folder, f"step-{step:08}.npz")
    write(path, data.getvalue())
    before = [other for other in checkpoints(folder) if other < path]
    damaged = [other for other in checkpoints(folder) if other > path]  # else this run had resumed there
    unfinished = [files.join(folder, name) for name in matching(folder, CHECKPOINT + re.escape(ASIDE))]
    for unneeded in damaged + unfinished + before[MOST_CHECKPOINTS - 1 :]:
        with contextlib.suppress(tf.errors.OpError):  # an old file that stays does no harm
            files.remove(unneeded)


def checkpoints(folder):
    """The paths, newest first."""
    return [files.join(folder, name) for name in sorted(matching(folder, CHECKPOINT), reverse=True)]


def matching(folder, pattern):
    """The names of this trainer's own files in the folder."""
    with file_errors(folder, "read"):
        names = files.listdir(folder) if files.exists(folder) else []
    return [name for name in names if re.fullmatch(pattern, name)]


def newest_checkpoint(folder, fits, say):
    """State and arrays of the newest checkpoint that is not damaged, or None.

    `fits` tells whether this trainer can use them.
    """
    for path in checkpoints(folder):
        with file_errors(path, "read"), files.GFile(path, "rb") as file:
            data = file.read(LARGEST_CHECKPOINT + 1)
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
