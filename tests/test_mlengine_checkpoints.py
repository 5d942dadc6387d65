"""Checkpoints, here and in a bucket."""

import io
import zipfile

import numpy as np
import pytest
from quiet import tf

from mlengine.trainer import checkpoints, job_folder


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
        checkpoints.save(str(tmp_path), step, {"step": step}, {"a": np.arange(500), "b": np.ones(500)})
    assert len(checkpoints.paths(str(tmp_path))) == checkpoints.MOST
    newest = tmp_path / "step-00000011.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    lines = []
    state, arrays = checkpoints.newest(str(tmp_path), anything, lines.append)
    assert state == {"step": 10} and np.array_equal(arrays["a"], np.arange(500))
    assert lines == [f"{newest} is damaged: skipped."]


def test_a_checkpoint_of_another_version_is_one_sentence_and_stays(tmp_path):
    """It is not damaged: the version that wrote it can use it."""
    checkpoints.save(str(tmp_path), 11, {"step": 11}, {"a": np.ones(5)})
    with pytest.raises(job_folder.JobError, match="step-00000011.npz is from another version .*--job-dir.$"):
        checkpoints.newest(str(tmp_path), lambda state, arrays: False, print)
    assert checkpoints.newest(str(tmp_path), anything, print)[0] == {"step": 11}


def test_an_old_checkpoint_that_cannot_be_removed_ends_nothing(tmp_path, monkeypatch):
    def refuse(path):
        raise tf.errors.PermissionDeniedError(None, None, path)

    monkeypatch.setattr(checkpoints.files, "remove", refuse)
    for step in (1, 2, 3, 4, 5):
        checkpoints.save(str(tmp_path), step, {"step": step}, {})
    assert checkpoints.newest(str(tmp_path), anything, print)[0] == {"step": 5}


def test_checkpoints_saved_after_damaged_ones_are_kept(tmp_path):
    for step in (80, 90, 100):
        checkpoints.save(str(tmp_path), step, {"step": step}, {})
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    assert checkpoints.newest(str(tmp_path), anything, print) is None
    for step in (10, 20):
        checkpoints.save(str(tmp_path), step, {"step": step}, {})
        assert checkpoints.newest(str(tmp_path), anything, print) == ({"step": step}, {})


def test_a_checkpoint_that_cannot_be_read_is_not_called_damaged(tmp_path):
    (tmp_path / "step-00000001.npz").mkdir()
    with pytest.raises(job_folder.JobError, match="cannot be read: .*directory"):
        checkpoints.newest(str(tmp_path), anything, print)


def test_only_its_own_files_are_removed_from_a_folder(tmp_path):
    others = ["step-99.npz", "note.tmp", "step-00000001.npz.txt", "step-x.npz.tmp"]
    unfinished = tmp_path / f"step-00000007.npz{checkpoints.TEMPORARY}"
    for path in [*(tmp_path / name for name in others), unfinished]:
        path.write_text("of somebody else")
    for step in (1, 2, 3, 4, 5):
        checkpoints.save(str(tmp_path), step, {"step": step}, {})
    assert all((tmp_path / name).read_text() == "of somebody else" for name in others)
    assert len(list(tmp_path.iterdir())) == len(others) + checkpoints.MOST


def test_checkpoints_in_a_bucket():
    for step in range(5):
        checkpoints.save("ram://bucket/checkpoints", step, {"step": step}, {})
    assert len(checkpoints.paths("ram://bucket/checkpoints")) == checkpoints.MOST
    assert checkpoints.newest("ram://bucket/checkpoints", anything, print) == ({"step": 4}, {})
