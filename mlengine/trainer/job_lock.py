"""One job in a folder, here or in a bucket."""

import contextlib
import os
import time

import tensorflow as tf

from mlengine.trainer import forms, job_folder, locks
from mlengine.trainer.job_folder import JobError, files

RENEW_SECONDS, STALE_SECONDS = 30, 180  # of a bucket's lock; a job that has not renewed it is taken for dead


def lock(path):
    """Keeps other jobs out of the folder: `with lock(path) as held`."""
    if "://" in path:
        return BucketLock(path)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise JobError(f"{path} is not a folder. Choose another --job-dir.")
    with job_folder.file_errors(files.join(path, "lock")):
        try:
            return locks.FolderLock(path)
        except locks.Taken as holder:
            raise JobError(
                f"{path}: another job is running there ({holder}). Choose another --job-dir."
            ) from None


class BucketLock:
    """A bucket has no locks: a file names the running job, and when it last renewed this."""

    def __init__(self, bucket):
        self.bucket, self.path = bucket, files.join(bucket, "lock")
        self.me = os.environ.get("CLOUD_ML_JOB_ID") or locks.this_process()
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
                f"{self.bucket}: another job is running there ({other['who']}). Choose another --job-dir; "
                f"or if that job was killed, remove {self.path}."
            )
        job_folder.write_json(self.path, {"who": self.me, "when": time.time()})
        self.renewed = time.time()

    def holder(self):
        """Who has the folder, since when; None for nobody."""
        holder = job_folder.read_json(self.path)
        if holder is not None and not forms.has_form(holder, {"who": "", "when": 0.0}):
            raise JobError(f"{self.path} is not from this trainer. Choose another --job-dir.")
        return holder

    def __exit__(self, *_):
        with contextlib.suppress(JobError, tf.errors.OpError):  # one that stays is stale in a few minutes
            holder = self.holder()
            if holder and holder["who"] == self.me:
                files.remove(self.path)
