"""The study of hyperparameters on this machine. A stand-in for the trainer keeps the trials short."""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
import yaml
from conftest import ROOT
from PIL import Image

from mlengine.trainer import options as command_line
from mlengine.trainer import search


@contextlib.contextmanager
def refused(capsys, reason):
    """One line that says so, exit status 2."""
    with pytest.raises(SystemExit) as ended:
        yield
    said = capsys.readouterr().err
    assert ended.value.code == 2 and re.search(reason, said) and said.count("\n") == 1


# what the trainer does, as far as a search sees it; --do K:X lets trial K do something else
STAND_IN = """
import argparse, json, os, signal, sys, time
from pathlib import Path

parser = argparse.ArgumentParser()
for name in "--job-dir", "--steps", "--do", "--hp-rate", "--hp-batch", "--hp-decay":
    parser.add_argument(name)
options = parser.parse_args()
trial, home = os.environ["CLOUD_ML_TRIAL_ID"], Path(options.job_dir)
does = dict(part.split(":") for part in options.do.split(",")).get(trial) if options.do else None

def wait_for(path):
    for _ in range(2000):
        if path.exists():
            return
        time.sleep(0.01)
    sys.exit(f"{path} did not come")

def hear(number, frame):
    (home / "asked").touch()
    if does != "stubborn":
        sys.exit(128 + number)

with open(home / "runs", "a") as runs:
    print(json.dumps([sys.argv[1:], dict(os.environ), os.getpgrp() == os.getpid()]), file=runs)
if does == "fail":
    print("out of order", file=sys.stderr)
    sys.exit("the learning rate is too high")
if does == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if does in ("wait", "stubborn"):
    signal.signal(signal.SIGTERM, hear)
    (home / "pid.part").write_text(str(os.getpid()))
    (home / "pid.part").rename(home / "pid")
    while True:
        signal.pause()
if does in ("SIGINT", "SIGTERM", "SIGHUP"):  # the reader stops the search while trial 1 runs
    wait_for(home.parent / "1" / "pid")
    os.kill(os.getppid(), getattr(signal, does))
    signal.pause()
if does == "meet":
    (home / "here").touch()
    wait_for(home.parent / str(3 - int(trial)) / "here")
if does != "silent":
    accuracy = "nan" if does == "nan" else str(0.9 + float(options.hp_rate))
    lines = [{"accuracy": value, "trial": trial} for value in (accuracy, "0.5" if does != "nan" else "nan")]
    Path(os.environ["CLOUD_ML_HP_METRIC_FILE"]).write_text("".join(json.dumps(x) + "\\n" for x in lines))
(home / "report.json").write_text('{"seconds": 12.3}')
"""

STUDY = {
    "studySpec": {
        "parameters": [
            {
                "parameterId": "hp-rate",
                "scaleType": "UNIT_LOG_SCALE",
                "doubleValueSpec": {"minValue": 0.001, "maxValue": 0.09},
            },
            {"parameterId": "hp-batch", "integerValueSpec": {"minValue": 10, "maxValue": 20}},
            {"parameterId": "hp-decay", "categoricalValueSpec": {"values": ["constant", "cosine"]}},
        ]
    }
}


@pytest.fixture
def study(tmp_path, monkeypatch, capsys):
    """Runs a search with the stand-in in tmp_path/study: (status, what it printed)."""
    (tmp_path / "trainer.py").write_text(STAND_IN)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    monkeypatch.setattr(search, "picture", lambda trials, parameters, path: path.touch())

    def run(*more, kind="random", trials=3, seed=0, side_by_side=2):
        monkeypatch.setattr(search, "SIDE_BY_SIDE", side_by_side)
        folder = str(tmp_path / "study")
        arguments = ["--search", kind, f"--trials={trials}", "--job-dir", folder, *more]
        options = argparse.Namespace(
            search=kind, trials=trials, job_dir=folder, seed=seed, model="convolutional"
        )
        status = search.search(
            options, arguments, tmp_path / "config.yaml", [sys.executable, str(tmp_path / "trainer.py")]
        )
        return status, capsys.readouterr().out

    return run


def runs(tmp_path, trial):
    """[arguments, environment, not reached by Ctrl-C in the terminal] of each run of this trial."""
    file = tmp_path / "study" / "trials" / str(trial) / "runs"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def recorded(tmp_path):
    return json.loads((tmp_path / "study" / "search.json").read_text())["trials"]


# ------------------------------------------------------------------------------------------ which values


def at(parameter, *places):
    return [search.value(parameter, u) for u in places]


def test_values_follow_the_scale_of_their_range():
    linear = {"kind": "double", "low": 0.2, "high": 0.6, "scale": "UNIT_LINEAR_SCALE"}
    assert at(linear, 0, 0.5, 1) == [0.2, 0.4, 0.6]
    assert at({**linear, "low": 0.001, "high": 0.1, "scale": "UNIT_LOG_SCALE"}, 0, 0.5, 1) == [
        0.001,
        0.01,
        0.1,
    ]
    reverse = {**linear, "low": 0.001, "high": 0.1, "scale": "UNIT_REVERSE_LOG_SCALE"}
    assert at(reverse, 0, 0.5, 1) == [0.001, 0.091, 0.1]
    whole = {"kind": "integer", "low": 1, "high": 3, "scale": "UNIT_LINEAR_SCALE"}
    assert at(whole, 0, 0.32, 0.34, 0.66, 0.67, 1) == [1, 1, 2, 2, 3, 3]  # each as likely as the others
    assert at({**whole, "low": 8, "high": 128, "scale": "UNIT_LOG_SCALE"}, 0, 0.5, 1) == [8, 32, 128]
    choices = {"kind": "categorical", "values": ["a", "b", "c"], "scale": "UNIT_LINEAR_SCALE"}
    assert at(choices, 0, 0.5, 1) == ["a", "b", "c"]


def test_random_values_come_again_with_the_same_seed_and_a_longer_study_begins_like_a_shorter_one():
    parameters = search.read(search.CONFIG)
    plan = search.draw(parameters, 20, seed=1)
    assert plan == search.draw(parameters, 20, seed=1) and plan[:8] == search.draw(parameters, 8, seed=1)
    assert plan != search.draw(parameters, 20, seed=2)
    assert len({tuple(values.items()) for values in plan}) == 20
    for parameter in parameters:
        values = [trial[parameter["name"]] for trial in plan]
        allowed = parameter.get("values")
        assert set(values) <= set(allowed) if allowed else parameter["low"] <= min(values)
        assert allowed or max(values) <= parameter["high"]
        assert len(set(values)) > 2


def test_a_random_study_ends_where_there_are_no_other_values():
    two = [{"name": "hp-decay", "kind": "categorical", "values": ["constant", "cosine"], "scale": ""}]
    assert len(search.draw(two, 9, seed=0)) == 2


@pytest.mark.parametrize("trials, counts", [(1, [1, 1, 1]), (4, [2, 2, 1]), (12, [3, 2, 2]), (40, [5, 4, 2])])
def test_a_grid_is_as_fine_as_the_number_of_trials_allows(tmp_path, trials, counts):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    plan = search.grid(search.read(tmp_path / "config.yaml"), trials)
    assert len(plan) == np.prod(counts) <= trials
    assert [len({values[name] for values in plan}) for name in plan[0]] == counts
    rates = sorted({values["hp-rate"] for values in plan})
    if counts[0] > 1:
        assert rates[0] == 0.001 and rates[-1] == 0.09
    steps = np.diff(np.log(rates))
    assert np.allclose(steps, steps[:1], atol=0.01)  # evenly spaced on the scale


def test_the_tuning_config_asks_for_what_the_trainer_has():
    study = yaml.safe_load(search.CONFIG.read_text())["studySpec"]
    assert study["metrics"] == [{"metricId": search.METRIC, "goal": "MAXIMIZE"}]
    for parameter in search.read(search.CONFIG):
        default = vars(command_line.parse("", []))[parameter["name"].replace("-", "_")]
        if default is None:  # the rate
            default = command_line.RATES["adam"]
        assert (
            search.value(parameter, 0) <= default <= search.value(parameter, 1)
            or default in parameter["values"]
        )
        for u in 0, 0.5, 1:
            value = search.value(parameter, u)
            given = vars(command_line.parse("", [f"--{parameter['name']}", str(value)]))
            assert given[parameter["name"].replace("-", "_")] == value


@pytest.mark.parametrize(
    "entry, part",
    [
        ({"parameterId": "hp-x", "integer_value_spec": {"minValue": 1, "maxValue": 2}}, "hp-x"),
        (
            {
                "parameterId": "hp-x",
                "scaleType": "UNIT_LOG_SCALE",
                "doubleValueSpec": {"minValue": 0, "maxValue": 1},
            },
            "above 0",
        ),
    ],
)
def test_a_wrong_config_is_explained(tmp_path, entry, part, capsys):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"studySpec": {"parameters": [entry]}}))
    with refused(capsys, part):
        search.read(tmp_path / "config.yaml")


# -------------------------------------------------------------------------------------------- the trials


def test_trials_run_as_the_service_runs_them(study, tmp_path, monkeypatch):
    monkeypatch.setattr(search, "CORES", 8)
    status, printed = study("--steps", "5", side_by_side=4)
    assert status == 0
    for trial in recorded(tmp_path):
        [[arguments, environment, shielded]] = runs(tmp_path, trial["trial"])
        home = str(tmp_path / "study" / "trials" / str(trial["trial"]))
        given = [text for name, value in trial["values"].items() for text in (f"--{name}", str(value))]
        assert arguments == ["--steps", "5", "--job-dir", home, *given]
        assert environment["CLOUD_ML_TRIAL_ID"] == str(trial["trial"])
        assert environment["CLOUD_ML_HP_METRIC_FILE"].startswith(home)
        assert environment["TF_NUM_INTRAOP_THREADS"] == "2"  # 8 cores for 4 trials
        assert shielded  # Ctrl-C reaches the search alone, which asks its trials once to stop
        assert (
            trial["accuracy"] == pytest.approx(0.9 + trial["values"]["hp-rate"]) and trial["seconds"] == 12.3
        )


def test_the_table_has_the_best_first_and_the_best_can_be_repeated(study, tmp_path):
    status, printed = study("--steps", "5", trials=5)
    table = printed[printed.index("accuracy ") :].splitlines()[1:6]
    accuracies = [float(row.split()[0]) for row in table]
    assert accuracies == sorted(accuracies, reverse=True) and accuracies[0] == pytest.approx(
        max(trial["accuracy"] for trial in recorded(tmp_path)), abs=1e-4
    )
    best = max(recorded(tmp_path), key=lambda trial: trial["accuracy"])["values"]
    command = printed.strip().splitlines()[-1]
    assert f"python -m mlengine.trainer.task --steps 5 --job-dir {tmp_path / 'study' / 'best'} " in command
    assert command.endswith(
        f"--hp-rate {best['hp-rate']} --hp-batch {best['hp-batch']} --hp-decay {best['hp-decay']}"
    )
    assert (tmp_path / "study" / "search.png").exists()


def test_failed_trials_are_reported_and_the_others_go_on(study, tmp_path):
    status, printed = study("--do", "1:fail,2:kill,3:silent,4:nan", trials=5, side_by_side=1)
    assert status == 1
    faults = [trial.get("fault") for trial in recorded(tmp_path)]
    assert faults[0] == "exit status 1: the learning rate is too high"
    assert faults[1] == "killed by SIGKILL"
    assert faults[2] == faults[3] == "it reported no accuracy"
    assert faults[4] is None and recorded(tmp_path)[4]["accuracy"] > 0.9
    assert (
        "[1/5] trial 1 failed  (" in printed
        and ")  exit status 1: the learning rate is too high\n" in printed
    )
    assert printed.count("\n  failed") == 4


def test_where_all_trials_fail_there_is_no_best(study, tmp_path):
    status, printed = study("--do", "1:fail,2:fail,3:fail")
    assert status == 1 and "best" not in printed and not (tmp_path / "study" / "search.png").exists()


def test_the_same_command_runs_only_what_is_not_done(study, tmp_path):
    assert study("--steps", "5")[0] == 0
    (tmp_path / "study" / "trials" / "2" / "report.json").unlink()
    (tmp_path / "study" / "search.json").write_text((tmp_path / "study" / "search.json").read_text())
    status, printed = study("--steps", "5", trials=4)
    assert status == 0 and "2 done before" in printed
    assert [len(runs(tmp_path, k)) for k in (1, 2, 3, 4)] == [1, 2, 1, 1]
    assert all("accuracy" in trial for trial in recorded(tmp_path))


def test_a_folder_has_one_study(study, capsys):
    study("--steps", "5")
    for other in {"seed": 1}, {"kind": "grid"}:
        with refused(capsys, "holds another study"):
            study("--steps", "5", **other)
    with refused(capsys, "holds another study"):
        study("--steps", "6")


@pytest.mark.parametrize("given", [["--hp-batch", "12"], ["--hp-batch=12"]])
def test_a_hyperparameter_with_a_value_is_not_searched_for(study, tmp_path, given):
    assert study(*given, trials=2)[0] == 0
    [[arguments, *_]] = runs(tmp_path, 1)
    assert arguments[: len(given)] == given and "hp-batch" not in " ".join(arguments[len(given) :])
    assert list(recorded(tmp_path)[0]["values"]) == ["hp-rate", "hp-decay"]


def test_what_cannot_be_searched_is_refused(study, tmp_path, capsys):
    with refused(capsys, "nothing is left to search"):
        study("--hp-rate=0.1", "--hp-batch=10", "--hp-decay=cosine")
    bucket = argparse.Namespace(search="grid", trials=2, job_dir="gs://bucket/job", seed=0, model="dense")
    with refused(capsys, "folder of this machine"):
        search.search(bucket, [])
    (tmp_path / "study").write_text("a file, not a folder")
    with refused(capsys, "study cannot be written"):
        study()


def test_trials_run_side_by_side(study):
    assert study("--do", "1:meet,2:meet", trials=2, side_by_side=2)[0] == 0


DRIVER = """
import argparse, signal, sys
from mlengine.trainer import search

signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run where Ctrl-C is not heard
search.SIDE_BY_SIDE, search.GRACE_SECONDS = 2, float(sys.argv[3])
folder, does = sys.argv[1:3]
home = f"{folder}/study"
options = argparse.Namespace(search="random", trials=4, job_dir=home, seed=0, model="convolutional")
trainer = [sys.executable, f"{folder}/trainer.py"]
sys.exit(search.search(options, ["--do", does], f"{folder}/config.yaml", trainer))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS")
@pytest.mark.parametrize(
    "name, trial, grace",
    [("SIGINT", "wait", 60), ("SIGTERM", "wait", 60), ("SIGHUP", "wait", 60), ("SIGINT", "stubborn", 0.1)],
)
def test_a_stopped_search_leaves_no_trial_running(study, tmp_path, name, trial, grace):
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(tmp_path), f"1:{trial},2:{name}", str(grace)],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 128 + getattr(signal, name) and done.stderr == ""
    pid = int((tmp_path / "study" / "trials" / "1" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (tmp_path / "study" / "trials" / "1" / "asked").exists()  # it had the time to save
    assert not runs(tmp_path, 3) and "accuracy" not in recorded(tmp_path)[0]


# ------------------------------------------------------------------------------------------- the picture


DOT = "#4c90c8"  # the blue of a dot, which lets the white behind it through


def pixels(path, colour):
    """[rows, columns] of the pixels that have this colour."""
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    rgb = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    assert picture.shape == (720, 1280, 3)
    return np.nonzero(abs(picture - rgb).max(axis=2) < 8)


def eight_trials(parameters):
    plan = search.draw(parameters, 8, seed=0)
    trials = [{"trial": k, "values": v, "accuracy": 0.99 + k / 1000} for k, v in enumerate(plan, 1)]
    trials[3] = {"trial": 4, "values": plan[3], "fault": "exit status 1"}
    return trials


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_picture_has_a_star_for_the_best_and_a_dot_for_every_other(tmp_path, count):
    parameters = search.read(search.CONFIG)[:count]
    trials = eight_trials(parameters)
    search.picture(trials[-1:], parameters, tmp_path / "one.png")
    search.picture(trials, parameters, tmp_path / "all.png")
    one, several = tmp_path / "one.png", tmp_path / "all.png"
    stars = len(pixels(one, search.RED)[0])
    assert stars > 150 * count and abs(len(pixels(several, search.RED)[0]) - stars) < stars / 4
    assert len(pixels(one, DOT)[0]) < 20 and len(pixels(several, DOT)[0]) > 300 * count


def test_a_trial_that_learned_nothing_does_not_flatten_the_others(tmp_path):
    parameters = search.read(search.CONFIG)[:3]
    trials = eight_trials(parameters)
    spreads = []
    for accuracy in trials[0]["accuracy"], 0.1:
        trials[0]["accuracy"] = accuracy
        search.picture(trials, parameters, tmp_path / "picture.png")
        rows, _ = pixels(tmp_path / "picture.png", DOT)
        spreads.append(np.subtract(*np.percentile(rows, [75, 25])))
    assert spreads[1] > 0.6 * spreads[0] > 60


def test_the_picture_stands_extreme_accuracies(tmp_path):
    parameters = search.read(search.CONFIG)
    plan = search.grid(parameters, 4)
    for accuracies in [0.0] * 4, [1.0] * 4, [0.0, 0.5, 1.0, 1.0]:
        trials = [{"trial": 1, "values": v, "accuracy": a} for v, a in zip(plan, accuracies)]
        search.picture(trials, parameters, tmp_path / "picture.png")
        assert len(pixels(tmp_path / "picture.png", search.RED)[0]) > 100
