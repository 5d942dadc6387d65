"""The job's folder, here or in a bucket (gs://).

    job.json         every option used, the versions and devices
    checkpoints/     the state of training after each of the last epochs, to resume from
    logs/            for TensorBoard
    model/           the trained network, a SavedModel
    report.json      how good it is; the job is finished
    lock             keeps other jobs out

Checkpoints and .json files are written under a temporary name, then renamed: nobody ever finds half of one.
"""

import contextlib
import json
import os
from typing import NamedTuple

import tensorflow as tf

from mlengine.trainer import forms

files = tf.io.gfile
TEMPORARY = ".tmp"  # the suffix of a file that is being written


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
    """The file is complete, or what it was before."""
    temporary = path + TEMPORARY
    with file_errors(path):
        try:
            files.makedirs(os.path.dirname(path))
            with files.GFile(temporary, "wb") as file:
                file.write(data)
            files.rename(temporary, path, overwrite=True)
        except tf.errors.OpError:
            if files.exists(temporary):
                files.remove(temporary)
            raise


def write_json(path, content):
    write(path, json.dumps(content, indent=1).encode())


def read_json(path):
    """The content of the file, or None where there is no file."""
    with file_errors(path, "read"):
        if not files.exists(path):
            return None
        if os.path.lexists(path) and not os.path.isfile(path):
            raise JobError(f"{path} is not a regular file. Choose another --job-dir.")
        with files.GFile(path, "rb") as file:
            content = file.read(forms.LARGEST + 1)
    try:
        return forms.parse(content)
    except ValueError:
        raise JobError(f"{path} is damaged. Choose another --job-dir.") from None
