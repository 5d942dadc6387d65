"""The job's folder: files, locks, checkpoints, here and in a bucket."""

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from quiet import tf

from mlengine.trainer import job


def test_a_file_is_written_completely_or_not_at_all(tmp_path):
    path = str(tmp_path / "a folder" / "file")
    job.write(path, b"before")
    with pytest.raises(TypeError):
        job.write(path, object())
    assert Path(path).read_bytes() == b"before"
    with pytest.raises(job.JobError, match="file/below: cannot be written: .+"):
        job.write(f"{path}/below", b"")


def anything(state, arrays):
    """Any checkpoint fits."""
    return True


DAMAGES = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "overwritten": lambda data: data[:900] + b"?" * 9 + data[909:],
    "with a name changed": lambda data: data.replace(b"state.npy", b"stage.npy"),
    "packed": lambda data: repacked(data),
}


def repacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out := io.BytesIO(), "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_where_a_checkpoint_is_damaged_the_one_before_is_used(tmp_path, damage):
    for step in (8, 9, 10, 11):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {"a": np.arange(500), "b": np.ones(500)})
    assert len(job.checkpoints(str(tmp_path))) == job.MOST_CHECKPOINTS
    newest = tmp_path / "step-00000011.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    lines = []
    state, arrays = job.newest_checkpoint(str(tmp_path), anything, lines.append)
    assert state == {"step": 10} and np.array_equal(arrays["a"], np.arange(500))
    assert lines == [f"{newest} is damaged: skipped."]


def test_a_checkpoint_of_another_version_is_one_sentence_and_stays(tmp_path):
    """It is not damaged: the version that wrote it can use it."""
    job.save_checkpoint(str(tmp_path), 11, {"step": 11}, {"a": np.ones(5)})
    with pytest.raises(job.JobError, match="step-00000011.npz is from another version .*--job-dir.$"):
        job.newest_checkpoint(str(tmp_path), lambda state, arrays: False, print)
    assert job.newest_checkpoint(str(tmp_path), anything, print)[0] == {"step": 11}


def test_an_old_checkpoint_that_cannot_be_removed_ends_nothing(tmp_path, monkeypatch):
    def refuse(path):
        raise tf.errors.PermissionDeniedError(None, None, path)

    monkeypatch.setattr(job.files, "remove", refuse)
    for step in (1, 2, 3, 4, 5):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
    assert job.newest_checkpoint(str(tmp_path), anything, print)[0] == {"step": 5}


def test_checkpoints_saved_after_damaged_ones_are_kept(tmp_path):
    for step in (80, 90, 100):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    assert job.newest_checkpoint(str(tmp_path), anything, print) is None
    for step in (10, 20):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
        assert job.newest_checkpoint(str(tmp_path), anything, print) == ({"step": step}, {})


def test_a_checkpoint_that_cannot_be_read_is_not_called_damaged(tmp_path):
    (tmp_path / "step-00000001.npz").mkdir()
    with pytest.raises(job.JobError, match="cannot be read: .*directory"):
        job.newest_checkpoint(str(tmp_path), anything, print)


def test_only_its_own_files_are_removed_from_a_folder(tmp_path):
    others = ["step-99.npz", "note.aside", "step-00000001.npz.txt", "step-x.npz.aside"]
    unfinished = tmp_path / f"step-00000007.npz{job.ASIDE}"
    for path in [*(tmp_path / name for name in others), unfinished]:
        path.write_text("of somebody else")
    for step in (1, 2, 3, 4, 5):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
    assert all((tmp_path / name).read_text() == "of somebody else" for name in others)
    assert len(list(tmp_path.iterdir())) == len(others) + job.MOST_CHECKPOINTS


def test_a_folder_has_one_job(tmp_path):
    with job.lock(str(tmp_path)), pytest.raises(job.JobError, match="another job is running there"):
        job.lock(str(tmp_path)).__enter__()
    with job.lock(str(tmp_path)):
        pass


@pytest.mark.parametrize("content, occupied", [(None, False), ({}, False), ({"a": ""}, True)])
def test_an_empty_folder_is_not_occupied(tmp_path, content, occupied):
    if content is not None:
        (tmp_path / "folder").mkdir()
        for name in content:
            (tmp_path / "folder" / name).write_text("")
    assert job.is_occupied(str(tmp_path / "folder")) is occupied


def test_a_bucket_has_one_job(monkeypatch):
    """ram:// stands for gs://; both are reached through tf.io.gfile only."""
    clock = [time.time()]
    monkeypatch.setattr(job.time, "time", lambda: clock[0])

    def lock(who):
        monkeypatch.setenv("CLOUD_ML_JOB_ID", who)
        return job.lock("ram://bucket/job")

    def taken():
        return pytest.raises(job.JobError, match=r"running there \(.*\).*remove ram://bucket/job/lock")

    with lock("1"):
        pass
    with lock("2") as second:  # the first one has ended
        with taken():
            lock("3").__enter__()
        lock("2").__enter__()  # the service has started the same job again
        for _ in range(3):
            clock[0] += job.RENEW_SECONDS + 1
            second.renew()
        clock[0] += job.STALE_SECONDS - 1
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
    job.write("ram://bucket/other/lock", content)
    with pytest.raises(job.JobError, match="ram://bucket/other/lock is not from this trainer"):
        job.lock("ram://bucket/other").__enter__()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000, b" " * 20_000_000])
def test_a_damaged_json_is_one_sentence(tmp_path, content):
    (tmp_path / "job.json").write_bytes(content)
    with pytest.raises(job.JobError, match="job.json is damaged"):
        job.read_json(str(tmp_path / "job.json"))


def test_checkpoints_in_a_bucket():
    for step in range(5):
        job.save_checkpoint("ram://bucket/checkpoints", step, {"step": step}, {})
    assert len(job.checkpoints("ram://bucket/checkpoints")) == job.MOST_CHECKPOINTS
    assert job.newest_checkpoint("ram://bucket/checkpoints", anything, print) == ({"step": 4}, {})


def test_the_service_names_the_folders(monkeypatch):
    assert job.folders(None) == ("mnist-job", "mnist-job/checkpoints", "mnist-job/logs", "mnist-job/model")
    monkeypatch.setenv("AIP_MODEL_DIR", "gs://bucket/jobs/7/model/")
    monkeypatch.setenv("AIP_CHECKPOINT_DIR", "gs://bucket/jobs/7/checkpoints/")
    monkeypatch.setenv("AIP_TENSORBOARD_LOG_DIR", "gs://bucket/jobs/7/logs/")
    assert job.folders(None).file("report.json") == "gs://bucket/jobs/7/report.json"
    assert job.folders(None).model == "gs://bucket/jobs/7/model/"
    assert job.folders("here").job == "here"
