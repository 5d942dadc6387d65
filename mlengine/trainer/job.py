"""The job's folder, here or in a bucket (gs://).

    job.json         every option used, the versions and devices
    checkpoints/     the newest moments of training, to go on from
    logs/            for TensorBoard
    model/           the trained network, a SavedModel
    report.json      how good it is; the job is finished
    lock             keeps other jobs out

Checkpoints and .json files are there whole, or not at all.
"""

import contextlib
import io
import json
import os
import re
import socket
import time
from typing import NamedTuple

import numpy as np
import tensorflow as tf

files = tf.io.gfile
ASIDE = ".aside"  # what is being written
KEPT = 3  # checkpoints; the newest may be damaged, and then the one before is used
RENEW_SECONDS, STALE_SECONDS = 30, 180  # a job in a bucket that was not seen for so long is taken for dead


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
    """The folders of a job; those that the service sets go before."""
    environment = os.environ.get
    job = job or os.path.dirname(environment("AIP_MODEL_DIR", "").rstrip("/")) or "mnist-job"
    return Folders(
        job,
        environment("AIP_CHECKPOINT_DIR", files.join(job, "checkpoints")),
        environment("AIP_TENSORBOARD_LOG_DIR", files.join(job, "logs")),
        environment("AIP_MODEL_DIR", files.join(job, "model")),
    )


@contextlib.contextmanager
def complaints(path, what="written"):
    """What the system has against it, in one sentence."""
    try:
        yield
    except OSError as fault:
        raise JobError(f"{path}: cannot be {what}: {fault.strerror}.") from None
    except tf.errors.OpError as fault:  # '...; No space left on device'
        raise JobError(f"{path}: cannot be {what}: {fault.message.rsplit('; ', 1)[-1]}.") from None


def write(path, data):
    """Write aside, then rename: the file is there whole, or it is what it was."""
    aside = path + ASIDE
    with complaints(path):
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
    """What stands in the file, or None where there is none."""
    with complaints(path, "read"):
        if not files.exists(path):
            return None
        with files.GFile(path) as file:
            content = file.read()
    try:
        return json.loads(content)
    except ValueError:
        raise JobError(f"{path}: damaged. Remove it to start anew, or take another --job-dir.") from None


# ---------------------------------------------------------------------------------------- one job in a folder


def lock(folder):
    """Keeps other jobs out of the folder: `with lock(folder) as held`."""
    return BucketLock(folder) if "://" in folder else FolderLock(folder)


class FolderLock:
    """The system frees it when this process ends, also by kill -9."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        path = files.join(self.folder, "lock")
        with complaints(path):
            os.makedirs(self.folder, exist_ok=True)
            self.file = open(path, "a")
            try:
                lock_file(self.file)
            except (BlockingIOError, PermissionError):
                raise JobError(
                    f"{self.folder}: another job is at work there. Take another --job-dir."
                ) from None
        return self

    def renew(self):
        """Nothing to do: it holds."""

    def __exit__(self, *_):
        self.file.close()


def lock_file(file):
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class BucketLock:
    """A bucket knows no locks: a file says who is at work there, and when he was last seen."""

    def __init__(self, folder):
        self.folder, self.path = folder, files.join(folder, "lock")
        self.me = os.environ.get("CLOUD_ML_JOB_ID") or f"{socket.gethostname()}, process {os.getpid()}"
        self.renewed = 0.0

    def __enter__(self):
        self.renew()
        return self

    def renew(self):
        """Say that this job is at work, now and then; the folder may have been taken by another."""
        if time.time() - self.renewed < RENEW_SECONDS:
            return
        other = read_json(self.path)
        if other and other["who"] != self.me and time.time() - other["when"] < STALE_SECONDS:
            raise JobError(
                f"{self.folder}: another job is at work there ({other['who']}). Take another --job-dir; "
                f"or if it was killed, remove {self.path}."
            )
        write_json(self.path, {"who": self.me, "when": time.time()})
        self.renewed = time.time()

    def __exit__(self, *_):
        held = read_json(self.path)
        if held and held["who"] == self.me:
            files.remove(self.path)


# ------------------------------------------------------------------------------------------------ checkpoints


def save_checkpoint(folder, step, state, arrays):
    """One file: `state`, which JSON can hold, and the arrays. Then the oldest ones go."""
    data = io.BytesIO()
    np.savez(data, state=json.dumps(state), **arrays)
    path = files.join(folder, f"step-{step:08}.npz")
    write(path, data.getvalue())
    before = [other for other in checkpoints(folder) if other < path]
    damaged = [other for other in checkpoints(folder) if other > path]  # or this run had begun there
    halves = [files.join(folder, name) for name in files.listdir(folder) if name.endswith(ASIDE)]
    for needless in damaged + halves + before[KEPT - 1 :]:
        files.remove(needless)


def checkpoints(folder):
    """The paths, newest first."""
    with complaints(folder, "read"):
        names = files.listdir(folder) if files.exists(folder) else []
    return [
        files.join(folder, name)
        for name in sorted(names, reverse=True)
        if re.fullmatch(r"step-\d+\.npz", name)
    ]


def newest_checkpoint(folder, say):
    """State and arrays of the newest checkpoint that is whole, or None."""
    for path in checkpoints(folder):
        with complaints(path, "read"), files.GFile(path, "rb") as file:
            data = file.read()
        try:
            arrays = dict(np.load(io.BytesIO(data), allow_pickle=False))  # each has a checksum
            return json.loads(str(arrays.pop("state"))), arrays
        except Exception:  # whatever a damaged file makes zipfile, zlib, numpy and json raise
            say(f"{path}: damaged, and passed over.")
