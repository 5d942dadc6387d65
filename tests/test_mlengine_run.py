"""Whole jobs, each in a process of its own, and what ends one before it trains."""

import importlib.metadata
import itertools
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import idx
from jobs import BRIEF, SMALL, TASK, different, newest, options
from processes import ROOT, finish, run, start, wait_for
from quiet import tf

import mnistdata
from mlengine.trainer import checkpoints, job_folder, job_lock, machines, task
from mlengine.trainer import run as run_job

LENGTH = ("--epochs=3", "--hp-batch=20.0", "--checkpoint-steps=30", *SMALL)


@pytest.fixture(scope="module")
def whole_job(digits_folder, tmp_path_factory):
    """A job from its start to its end, as a trial of a tuning job."""
    folder = tmp_path_factory.mktemp("jobs") / "finished"
    trial = {"CLOUD_ML_TRIAL_ID": 3, "CLOUD_ML_HP_METRIC_FILE": folder / "metrics" / "output.metrics"}
    done = run(*TASK, "--data", digits_folder, "--job-dir", folder, *LENGTH, **trial)
    assert done.returncode == 0 and done.stderr == ""
    report = json.loads((folder / "report.json").read_text())
    return SimpleNamespace(folder=folder, text=done.stdout, report=report)


@pytest.fixture
def train_here(digits_folder, monkeypatch, capsys):
    """Runs the trainer in this process, for what ends before training: status, output, errors."""

    def train(*arguments):
        command = ["task", "--data", digits_folder, *arguments]
        monkeypatch.setattr(sys, "argv", [str(word) for word in command])
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(SystemExit) as end:
            task.main()
        out, err = capsys.readouterr()
        code = end.value.code
        return (1, out, f"{err}{code}\n") if isinstance(code, str) else (code, out, err)

    return train


def wait_for_checkpoint(folder, process, step):
    path = folder / "checkpoints" / f"step-{step:08}.npz"
    wait_for(lambda: path.exists() or process.poll() is not None, path.name, seconds=200)


# ---------------------------------------------------------------------------------------- from start to end


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS")
def test_ctrl_c_while_tensorflow_starts_ends_it_at_once(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import time\nprint('starting', flush=True)\ntime.sleep(60)")
    process = start(*TASK, PYTHONPATH=tmp_path)
    assert process.stdout.readline() == "starting\n"
    process.send_signal(signal.SIGINT)
    done = finish(process, 30)
    assert done.returncode in (130, -signal.SIGINT) and (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("what", ["console", "log"])
def test_what_was_learned_is_saved_before_anything_is_printed(tmp_path, monkeypatch, what):
    """The output's reader may have left, or the disk of the logs may be full."""

    def fail(_):
        raise BrokenPipeError

    saved = []
    monkeypatch.setattr(checkpoints, "save", lambda *what: saved.append(what))
    chief = run_job.Chief(job_folder.folders(str(tmp_path)), SimpleNamespace(renew=lambda: None))
    chief.log = SimpleNamespace(update=lambda _: None)
    setattr(chief, what, SimpleNamespace(update=fail))
    training = SimpleNamespace(progress=SimpleNamespace(step=7, history=[]), snapshot=lambda: ({}, {}))
    with pytest.raises((BrokenPipeError, job_folder.JobError)):
        chief.update(training, save=True)
    assert len(saved) == 1


def test_tensorflow_may_be_installed_by_another_name(monkeypatch):
    """As tensorflow-cpu, or a version of every night: then no package is called tensorflow."""

    def not_found(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", not_found)
    facts = run_job.describe(options(), [np.zeros(1)], "made up", ["CPU:0"], 1)
    assert facts["versions"]["tensorflow"] == tf.__version__


def test_it_reports_what_it_has_learned(whole_job):
    report = whole_job.report
    assert "epoch 1: loss" in whole_job.text and "epoch 3: loss" in whole_job.text
    assert f"final test accuracy: {report['accuracy']:.4f}" in whole_job.text
    assert np.sum(report["confusion"]) == report["digits"] == 1000
    assert np.trace(report["confusion"]) / 1000 == report["accuracy"] > 0.5


def test_the_exported_model_has_the_accuracy_of_the_report(whole_job, digits_folder):
    model = tf.saved_model.load(str(whole_job.folder / "model"))
    *_, images, labels = mnistdata.read_folder(digits_folder)
    answers = model.signatures["serving_default"](tf.constant(images / 255, tf.float32))["classes"]
    # some of the built-in digits are larger than MNIST's: they are made smaller, and may be read otherwise
    assert np.mean(answers == labels) == pytest.approx(whole_job.report["accuracy"], abs=0.003)


def test_its_curves_are_for_tensorboard(whole_job):
    paths = (whole_job.folder / "logs").rglob("*tfevents*")
    assert {(path.parent.name, tag) for path in paths for tag in tags(path)} == {
        ("training", "loss"), ("training", "learning rate"),
        ("validation", "loss"), ("validation", "accuracy"),
        ("test", "accuracy"), ("test", "confusion matrix"), ("test", "wrong digits"),
    }  # fmt: skip


def tags(path):
    events = tf.compat.v1.train.summary_iterator(str(path))
    return [value.tag for event in events for value in event.summary.value]


def test_the_same_command_repeats_the_report_of_a_finished_job(whole_job, train_here):
    status, out, err = train_here("--job-dir", whole_job.folder, *LENGTH)
    assert status == 0 and err == "" and "This job is finished" in out
    assert f"final test accuracy: {whole_job.report['accuracy']:.4f}" in out


def test_other_options_are_another_job(whole_job, train_here):
    status, out, err = train_here("--job-dir", whole_job.folder, *LENGTH, "--hp-rate=0.1")
    assert status == 2 and out == "" and err.count("\n") == 1
    assert "--hp-rate was None, is 0.1" in err


@pytest.mark.slow
def test_repeated_killed_and_stopped_it_ends_with_the_same_weights(whole_job, digits_folder, tmp_path):
    """With the options of another job's job.json. (tests/endurance.py kills and stops: many times over)"""
    repeated = (
        *BRIEF,
        "--from",
        whole_job.folder / "job.json",
        "--data",
        digits_folder,
        "--job-dir",
        tmp_path,
    )
    killed = start(*repeated)
    wait_for_checkpoint(tmp_path, killed, 30)
    killed.kill()
    assert finish(killed).returncode == -signal.SIGKILL

    stopped = start(*repeated)
    wait_for_checkpoint(tmp_path, stopped, 120)
    stopped.send_signal(signal.SIGTERM)
    done = finish(stopped)
    assert done.returncode == 128 + signal.SIGTERM and done.stderr == ""
    last = newest(tmp_path)[0]["step"]  # it has saved first
    assert f"Stopped after step {last}. The same command resumes the job." in done.stdout

    done = run(*repeated)
    assert done.returncode == 0 and "Resumed after step" in done.stdout
    assert not different(newest(whole_job.folder)[1], newest(tmp_path)[1])


class FourTurns:
    """A training of four turns, as a chief watches it, and when it is told to stop."""

    def __init__(self, told_in=None):
        self.machines, self.requests, self.told_in, self.saved = self, [], told_in, []

    def turns(self):
        for self.step in 1, 2, 3, 4:
            self.receive("turn")
            if self.step % 2 == 0:
                self.saved.append(self.step)
            self.receive("update")
            yield self.step % 2 == 0

    def receive(self, place):
        if self.told_in == (place, self.step):
            self.requests.append(signal.SIGTERM)

    def asked_to_stop(self, requests):
        return requests[0] if requests else None


@pytest.mark.parametrize("told_in", [*itertools.product(["turn", "update"], [1, 2, 3, 4])], ids=str)
def test_it_stops_after_the_very_step_in_which_it_is_told(told_in):
    training = FourTurns(told_in)
    assert run_job.train(training.turns(), training, training.requests) == signal.SIGTERM
    assert training.step == told_in[1]
    assert run_job.train(None, training, [signal.SIGINT]) == signal.SIGINT  # before the first step, too


def test_without_being_told_it_trains_to_the_end():
    training = FourTurns()
    assert run_job.train(training.turns(), training, training.requests) is None
    assert training.saved == [2, 4]


def test_a_tuning_trial_reports_its_accuracy(whole_job):
    metrics = (whole_job.folder / "metrics" / "output.metrics").read_text()
    last = json.loads(metrics.splitlines()[-1])
    assert last["trial"] == "3" and float(last["accuracy"]) == whole_job.report["validation_accuracy"]


def test_a_trial_that_was_killed_after_its_last_step_reports_its_accuracy(
    whole_job, tmp_path, train_here, monkeypatch
):
    folder = tmp_path / "killed"
    shutil.copytree(whole_job.folder, folder)
    (folder / "report.json").unlink()
    monkeypatch.setenv("CLOUD_ML_TRIAL_ID", "3")
    monkeypatch.setenv("CLOUD_ML_HP_METRIC_FILE", str(tmp_path / "metrics" / "output.metrics"))
    monkeypatch.setattr(run_job.export, "export", lambda *_: None)
    monkeypatch.setattr(run_job.report, "pictures", lambda *_: {})
    status, out, err = train_here("--job-dir", folder, *LENGTH)
    assert status == 0 and "Resumed after step" in out
    [line] = (tmp_path / "metrics" / "output.metrics").read_text().splitlines()
    assert float(json.loads(line)["accuracy"]) == whole_job.report["validation_accuracy"]


def test_the_model_card_tells_what_the_network_is(whole_job):
    card = (whole_job.folder / "model" / "README.md").read_text()
    report, facts = whole_job.report, json.loads((whole_job.folder / "job.json").read_text())
    assert (
        f"{report['wrong']} of 1,000 test digits are wrong: an accuracy of {report['accuracy']:.4f}" in card
    )
    assert "with seed 0" in card and facts["digits"] in card and facts["source"] in card
    assert "`--epochs 3`, `--hp-batch 20`, `--hp-conv1 4`" in card and "checkpoint-steps" not in card
    assert f"| 7 | {report['per_digit'][7]:.4f} |" in card and "{" not in card


# --------------------------------------------------------------------------------------------- what ends it


@pytest.mark.slow
def test_a_full_disk_leaves_the_last_checkpoint_complete(tmp_path, digits_folder):
    """No file may become larger than 30,000 bytes: as if the disk were full, but for this process only."""
    resource = pytest.importorskip("resource", reason="no limit on the size of files on this system")
    process = start(*BRIEF, "--data", digits_folder, "--job-dir", tmp_path, *LENGTH)
    wait_for_checkpoint(tmp_path, process, 30)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (30_000, 30_000))
    done = finish(process)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "cannot be written: File too large" in done.stderr
    state, arrays = newest(tmp_path)
    assert state["step"] >= 30 and len(arrays) > 10
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_is_no_folder_is_one_sentence(tmp_path, train_here):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in "file", "dangling":
        ended = train_here("--job-dir", tmp_path / name)
        assert ended == (1, "", f"{tmp_path / name} is not a folder. Choose another --job-dir.\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no fifos")
def test_nobody_waits_for_a_fifo(tmp_path, train_here):
    os.mkfifo(tmp_path / "job.json")
    status, out, err = train_here("--job-dir", tmp_path)
    assert (
        status == 1 and err == f"{tmp_path / 'job.json'} is not a regular file. Choose another --job-dir.\n"
    )
    status, out, err = train_here("--from", tmp_path / "job.json")
    assert status == 2 and "not a regular file" in err


def test_an_unwritable_folder_is_one_sentence(tmp_path, train_here):
    (tmp_path / "file").touch()
    status, out, err = train_here("--job-dir", tmp_path / "file" / "job")
    assert status == 1 and out == ""
    assert err.count("\n") == 1 and "cannot be written: Not a directory" in err


def test_a_job_that_is_running_is_one_sentence(tmp_path, train_here):
    with job_lock.lock(str(tmp_path)):
        status, out, err = train_here("--job-dir", tmp_path)
    assert status == 1 and out == ""
    assert err.count("\n") == 1 and "another job is running there" in err


def test_fewer_digits_than_devices_are_one_sentence(tmp_path, train_here, monkeypatch):
    monkeypatch.setattr(machines, "devices_here", lambda options, machines: ["CPU:0"] * 4)
    ended = train_here("--job-dir", tmp_path, "--hp-batch=3")
    assert ended == (2, "", "--hp-batch 3 is too few for 4 devices.\n")


OTHERS = [
    "model/network.h5", "model.old/network.h5", "model.new/network.h5", "checkpoints/note.tmp",
    "checkpoints/step-99.npz", "logs/monday.txt", "report.json",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_others_are_never_overwritten(tmp_path, train_here, name):
    """Without a job.json, a folder is none of the trainer's."""
    path = tmp_path / "project" / name
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    status, out, err = train_here("--job-dir", tmp_path / "project", "--model=dense", "--steps=1")
    assert status == 2 and out == ""
    assert err.count("\n") == 1 and "no job.json" in err and str(tmp_path / "project") in err
    assert [found for found in (tmp_path / "project").rglob("*") if found.is_file()] == [path]


@pytest.mark.parametrize("content", ["{}", "[]", "null", '{"options": 7}', '{"options": []}', '"options"'])
def test_a_job_json_of_others_is_never_overwritten(tmp_path, train_here, content):
    (tmp_path / "job.json").write_text(content)
    status, out, err = train_here("--job-dir", tmp_path, "--model=dense", "--steps=1")
    assert status == 2 and out == "" and err.count("\n") == 1 and "not from this trainer" in err
    assert (tmp_path / "job.json").read_text() == content


def test_a_model_folder_that_the_service_names_is_not_overwritten_either(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "network.h5").touch()
    monkeypatch.setenv("AIP_MODEL_DIR", f"{tmp_path / 'elsewhere'}/")
    with pytest.raises(machines.WrongUse, match="elsewhere is there, but no job.json"):
        run_job.run(options("--job-dir", tmp_path / "job"))


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_a_damaged_job_json_is_one_sentence(tmp_path, train_here, content):
    (tmp_path / "job.json").write_bytes(content)
    status, out, err = train_here("--job-dir", tmp_path, "--model=dense", "--steps=1")
    assert status == 1 and out == "" and err.count("\n") == 1 and "job.json is damaged" in err


WRONG = {"accuracy": float("inf"), "wrong": -5, "validation_accuracy": 1.5, "seconds": float("nan")}


@pytest.mark.parametrize(
    "content",
    ["[7]", '"good"', '{"accuracy": 1}', "{}", "\\", "[" * 100_000, *WRONG],
    ids=lambda text: text[:20],
)
def test_a_damaged_report_is_one_sentence(whole_job, tmp_path, train_here, content):
    shutil.copy(whole_job.folder / "job.json", tmp_path)
    if content in WRONG:
        content = json.dumps({**whole_job.report, content: WRONG[content]})
    (tmp_path / "report.json").write_text(content)
    status, out, err = train_here("--job-dir", tmp_path, *LENGTH)
    assert status == 1 and out == "" and err.count("\n") == 1 and "report.json is damaged" in err


def test_too_few_digits_are_one_sentence(tmp_path, digits, train_here):
    few = [array[:9] for array in digits]
    for name, array in zip(mnistdata.FILES, few):
        (tmp_path / f"{name}").write_bytes(idx(array))
    status, out, err = train_here("--job-dir", tmp_path / "job", "--data", tmp_path, "--hp-batch=2")
    assert (status, out, err.count("\n")) == (2, "", 1) and "9 training digits" in err
    assert not (tmp_path / "job" / "job.json").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="for shells")
def test_it_runs_unattended(tmp_path, digits_folder):
    """With its outputs closed, and whatever the environment says of matplotlib."""
    command = [
        sys.executable,
        *TASK,
        "--data",
        digits_folder,
        "--model=dense",
        "--steps=2",
        "--job-dir",
        tmp_path,
    ]
    words = shlex.join(str(word) for word in command)
    environment = {**os.environ, "MPLBACKEND": "no-such-thing"}
    done = subprocess.run(f"{words} <&- >&- 2>&-", shell=True, cwd=ROOT, env=environment, timeout=300)
    assert done.returncode == 0
    assert json.loads((tmp_path / "report.json").read_text())["steps"] == 2


def test_too_little_memory_is_one_sentence(tmp_path, train_here, monkeypatch):
    def too_large(options):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(run_job, "run", too_large)
    assert train_here("--job-dir", tmp_path) == (1, "", f"{task.NO_MEMORY}\n")
