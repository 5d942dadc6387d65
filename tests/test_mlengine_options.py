"""The command line of the trainer."""

import json

import pytest
from jobs import options

from mlengine.trainer import options as command_line


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["--hp-batch=0"], "'0' is not a whole number from 1"),
        (["--hp-batch=1.5"], "'1.5' is not a whole number from 1"),
        (["--hp-dropout=1"], "'1' is not a number from 0 to 0.95"),
        (["--hp-rate=nan"], "'nan' is not a number"),
        (["--epochs=1", "--steps=1"], "not allowed with"),
        (["--hp-dense=2147483647"], "is not a whole number from 1 to 1,000,000"),
        (["--hp-conv6=10001"], "is not a whole number from 1 to 10,000"),
        (["--hp-batch=1000000"], "is not a whole number from 1 to 100,000"),
        (["--job-dir=ram://x"], "'ram://x' is neither a folder of this machine nor gs://"),
        (["--job-dir=\udcff"], "is not UTF-8"),
        (["--trials=1"], "--trials is for --search"),
        (["--from=nowhere/job.json"], "nowhere/job.json: No such file or directory"),
        ([f"--from={__file__}"], "not the job.json of an earlier run"),
        (["--hp-conv9=1"], "unrecognized arguments: --hp-conv9=1"),
        (["--hp-optimizer=best"], "'best' is none of sgd, momentum"),
        (["--model=deep"], "'deep' is none of convolutional, dense"),
        (["--model=dense", "--hp-conv1=8"], "--hp-conv1 is for --model convolutional"),
        (["--hp-dense", "200", "--model=dense"], "--hp-dense is for --model convolutional"),
    ],
)
def test_wrong_use_is_one_line(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as ended:
        options(*arguments)
    printed = capsys.readouterr().err
    assert ended.value.code == 2 and complaint in printed and printed.count("\n") == 1


def test_a_tilde_is_the_home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert options("--job-dir=~/jobs").job_dir == "/home/ada/jobs"
    assert options("--job-dir=gs://bucket/~").job_dir == "gs://bucket/~"


def test_from_an_earlier_run(tmp_path):
    earlier = {**vars(options("--steps=40", "--hp-dense=7", "--seed=5")), "job_dir": "there"}
    (tmp_path / "job.json").write_text(json.dumps({"options": earlier}))
    same = options("--from", tmp_path / "job.json")
    assert (same.steps, same.hp_dense, same.seed, same.job_dir) == (40, 7, 5, None)
    longer = options("--from", tmp_path / "job.json", "--epochs=2", "--seed=6")
    assert (longer.steps, longer.epochs, longer.hp_dense, longer.seed) == (None, 2, 7, 6)


WRONG_JOBS = {
    "hp_batch": [0, -3, 1.5, "many", None, False, [], 10**30],
    "hp_dropout": [2, "x", float("nan"), {}],
    "model": ["deep", 7, ["dense"]],
    "require_gpu": ["yes", 1.5],
    "seed": [True],
}


@pytest.mark.parametrize("name, value", [(name, value) for name in WRONG_JOBS for value in WRONG_JOBS[name]])
def test_the_values_of_an_earlier_run_are_checked(tmp_path, capsys, name, value):
    (tmp_path / "job.json").write_text(json.dumps({"options": {name: value}}))
    with pytest.raises(SystemExit) as ended:
        options("--from", tmp_path / "job.json")
    printed = capsys.readouterr().err
    assert ended.value.code == 2 and printed.count("\n") == 1
    assert f"--from {tmp_path / 'job.json'}: " in printed and f"--{name.replace('_', '-')}" in printed


NO_JOBS = [b"\xff", b"[" * 100_000, b"{}", b"null", b'{"options": "steps"}', b"9" * 5000]


@pytest.mark.parametrize("content", NO_JOBS, ids=lambda content: str(content[:30]))
def test_an_earlier_run_that_is_none_is_one_line(tmp_path, capsys, content):
    (tmp_path / "job.json").write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        options("--from", tmp_path / "job.json")
    printed = capsys.readouterr().err
    assert ended.value.code == 2 and printed.count("\n") == 1 and "not the job.json of" in printed


def test_a_tuning_service_writes_whole_numbers_as_it_likes():
    assert options("--hp-conv1", "32.0", "--hp-batch=64").hp_conv1 == 32


def test_help_explains_every_option(capsys):
    with pytest.raises(SystemExit):
        options("--help")
    text = capsys.readouterr().out
    for name in vars(options()):
        assert f"--{name.replace('_', '-')} ".replace("--earlier-job", "--from") in text


def test_which_options_are_given():
    """However they are written, and where the value is the default, too."""
    arguments = ["--hp-batch", "100", "--hp-rate=0.003", "--require-gpu"]
    assert command_line.given(arguments) == {"hp_batch", "hp_rate", "require_gpu"}
    assert command_line.given([]) == set()


def test_a_dense_network_can_follow_a_convolutional_one(tmp_path):
    (tmp_path / "job.json").write_text(json.dumps({"options": vars(options("--hp-dense=7"))}))
    assert options("--from", tmp_path / "job.json", "--model=dense").model == "dense"
