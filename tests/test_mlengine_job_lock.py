"""One job in a folder, here and in a bucket."""

import time

import pytest
import quiet  # noqa: F401

from mlengine.trainer import job_folder, job_lock


def test_a_folder_has_one_job(tmp_path):
    with (
        job_lock.lock(str(tmp_path)),
        pytest.raises(job_folder.JobError, match="another job is running there"),
    ):
        job_lock.lock(str(tmp_path)).__enter__()
    with job_lock.lock(str(tmp_path)):
        pass


def test_a_bucket_has_one_job(monkeypatch):
    """ram:// stands for gs://; both are reached through tf.io.gfile only."""
    clock = [time.time()]
    monkeypatch.setattr(job_lock.time, "time", lambda: clock[0])

    def lock(who):
        monkeypatch.setenv("CLOUD_ML_JOB_ID", who)
        return job_lock.lock("ram://bucket/job")

    def taken():
        return pytest.raises(job_folder.JobError, match=r"running there \(.*\).*remove ram://bucket/job/lock")

    with lock("1"):
        pass
    with lock("2") as second:  # the first one has ended
        with taken():
            lock("3").__enter__()
        lock("2").__enter__()  # the service has started the same job again
        for _ in range(3):
            clock[0] += job_lock.RENEW_SECONDS + 1
            second.renew()
        clock[0] += job_lock.STALE_SECONDS - 1
        with taken():
            lock("3").__enter__()
        clock[0] += 2
        lock("3").__enter__()  # the second one has not renewed its lock
        with taken():
            second.renew()  # and learns that the third one has the folder
    with taken():
        lock("4").__enter__()  # the second one has ended, the third one has not


@pytest.mark.parametrize("content", [b"[]", b"7", b"{}", b'{"who": 7, "when": "now"}'])
def test_a_lock_of_others_is_one_sentence(content, monkeypatch):
    job_folder.write("ram://bucket/other/lock", content)
    with pytest.raises(job_folder.JobError, match="ram://bucket/other/lock is not from this trainer"):
        job_lock.lock("ram://bucket/other").__enter__()
