"""The job's folder, here or in a bucket (gs://): who may write to it, and its checkpoints.

job.json         every option used, the versions and devices
checkpoints/     the newest moments of training, to go on from
logs/            for TensorBoard
model/           the trained network, a SavedModel
report.json      how good it is
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
KEPT = 3  # checkpoints; the newest may be damaged, and then the one before is used
STALE_SECONDS = 900  # a job in a bucket that has not saved anything for so long is taken for dead


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
def complaints(path):
    """What the system has against writing there, in one sentence."""
    try:
        yield
    except OSError as fault:
        raise JobError(f"{path}: cannot be written: {fault.strerror}.") from None
    except tf.errors.OpError as fault:  # '...; No space left on device'
        raise JobError(f"{path}: cannot be written: {fault.message.rsplit('; ', 1)[-1]}.") from None


def write(path, data):
    """Write aside, then rename: the file is there whole, or it is what it was."""
    aside = f"{path}.aside"
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
    if not files.exists(path):
        return None
    try:
        with files.GFile(path) as file:
            return json.loads(file.read())
    except ValueError:
        raise JobError(f"{path}: damaged. Remove it to start anew, or take another --job-dir.") from None


# ---------------------------------------------------------------------------------------- one job in a folder


class Lock:
    """Keeps other jobs out of a folder for as long as this process lives, however it ends."""

    def __init__(self, folder):
        self.path = files.join(folder, "lock")
        self.me = os.environ.get("CLOUD_ML_JOB_ID") or f"{socket.gethostname()}, process {os.getpid()}"
        self.in_bucket = "://" in folder
        if self.in_bucket:
            found = read_json(self.path)
            if found and found["who"] != self.me and time.time() - found["when"] < STALE_SECONDS:
                raise JobError(
                    f"{folder}: another job is at work there ({found['who']}). Take another --job-dir; "
                    f"or if it was killed, remove {self.path}."
                )
            self.renew()
        else:
            with complaints(self.path):
                os.makedirs(folder, exist_ok=True)
                self.file = open(self.path, "a")  # noqa: SIM115 (open for as long as the process lives)
            if not lock_file(self.file):
                raise JobError(f"{folder}: another job is at work there. Take another --job-dir.")

    def renew(self):
        """A bucket knows no locks: there, the file says when the job was last seen."""
        if self.in_bucket:
            write_json(self.path, {"who": self.me, "when": time.time()})


def lock_file(file):
    """Whether nobody else had it; the system frees it when this process ends, also by kill -9."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# ------------------------------------------------------------------------------------------------ checkpoints


def save_checkpoint(folder, step, state, arrays):
    """One file: `state`, which JSON can hold, and the arrays. Then the oldest ones go."""
    data = io.BytesIO()
    np.savez(data, state=json.dumps(state), **arrays)
    write(files.join(folder, f"step-{step:08}.npz"), data.getvalue())
    for old in checkpoints(folder)[KEPT:]:
        files.remove(old)


def checkpoints(folder):
    """The paths, newest first."""
    names = files.listdir(folder) if files.exists(folder) else []
    return [
        files.join(folder, name)
        for name in sorted(names, reverse=True)
        if re.fullmatch(r"step-\d+\.npz", name)
    ]


def newest_checkpoint(folder, say):
    """State and arrays of the newest checkpoint that is whole, or None."""
    for path in checkpoints(folder):
        try:
            with files.GFile(path, "rb") as file:
                found = dict(
                    np.load(io.BytesIO(file.read()), allow_pickle=False)
                )  # each array has a checksum
            return json.loads(str(found.pop("state"))), found
        except Exception:  # whatever a damaged file makes zipfile, zlib, numpy and json raise
            say(f"{path}: damaged; the one before is taken.")
