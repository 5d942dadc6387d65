"""The job's folder: its files, here and in a bucket."""

from pathlib import Path

import pytest
import quiet  # noqa: F401

from mlengine.trainer import job_folder


def test_a_file_is_written_completely_or_not_at_all(tmp_path):
    path = str(tmp_path / "a folder" / "file")
    job_folder.write(path, b"before")
    with pytest.raises(TypeError):
        job_folder.write(path, object())
    assert Path(path).read_bytes() == b"before"
    with pytest.raises(job_folder.JobError, match="file/below: cannot be written: .+"):
        job_folder.write(f"{path}/below", b"")


@pytest.mark.parametrize("content, occupied", [(None, False), ({}, False), ({"a": ""}, True)])
def test_an_empty_folder_is_not_occupied(tmp_path, content, occupied):
    if content is not None:
        (tmp_path / "folder").mkdir()
        for name in content:
            (tmp_path / "folder" / name).write_text("")
    assert job_folder.is_occupied(str(tmp_path / "folder")) is occupied


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000, b" " * 20_000_000])
def test_a_damaged_json_is_one_sentence(tmp_path, content):
    (tmp_path / "job.json").write_bytes(content)
    with pytest.raises(job_folder.JobError, match="job.json is damaged"):
        job_folder.read_json(str(tmp_path / "job.json"))


def test_the_service_names_the_folders(monkeypatch):
    assert job_folder.folders(None) == (
        "mnist-job",
        "mnist-job/checkpoints",
        "mnist-job/logs",
        "mnist-job/model",
    )
    monkeypatch.setenv("AIP_MODEL_DIR", "gs://bucket/jobs/7/model/")
    monkeypatch.setenv("AIP_CHECKPOINT_DIR", "gs://bucket/jobs/7/checkpoints/")
    monkeypatch.setenv("AIP_TENSORBOARD_LOG_DIR", "gs://bucket/jobs/7/logs/")
    assert job_folder.folders(None).file("report.json") == "gs://bucket/jobs/7/report.json"
    assert job_folder.folders(None).model == "gs://bucket/jobs/7/model/"
    assert job_folder.folders("here").job == "here"
