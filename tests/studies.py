"""A small study, and a stand-in for the trainer that keeps its trials short."""

import contextlib
import re

import pytest


@contextlib.contextmanager
def refused(capsys, reason):
    """One line with this reason, exit status 2."""
    with pytest.raises(SystemExit) as ended:
        yield
    printed = capsys.readouterr().err
    assert ended.value.code == 2 and re.search(reason, printed) and printed.count("\n") == 1


# what the trainer does, as far as a search sees it; with DO=K:X, trial K does something else
STAND_IN = """
import argparse, json, os, signal, sys, time
from pathlib import Path

parser = argparse.ArgumentParser()
for name in "--job-dir", "--steps", "--hp-rate", "--hp-batch", "--hp-decay":
    parser.add_argument(name)
options = parser.parse_args()
trial, home = os.environ["CLOUD_ML_TRIAL_ID"], Path(options.job_dir)
does = dict(part.split(":") for part in os.environ["DO"].split(",") if part).get(trial)
metric = Path(os.environ["CLOUD_ML_HP_METRIC_FILE"])

def wait_for(path):
    for _ in range(2000):
        if path.exists():
            return
        time.sleep(0.01)
    sys.exit(f"{path} is missing")

def receive(number, frame):
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
if does in ("wait", "stubborn", "behind"):
    signal.signal(signal.SIGTERM, receive)
    if does == "behind":  # after the first epoch
        metric.write_text(json.dumps({"accuracy": 0.1, "global_step": 10}))
    else:
        sys.path.insert(0, os.environ["ROOT"])
        from mlengine.trainer import locks
        lock = locks.FolderLock(home)
        (home / "locked").touch()
    while True:
        signal.pause()
if does in ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"):  # somebody stops the search while trial 1 runs
    wait_for(home.parent / "1" / "locked")
    os.kill(os.getppid(), getattr(signal, does))
    signal.pause() if does != "SIGKILL" else sys.exit()
if does == "meet":
    (home / "here").touch()
    wait_for(home.parent / str(3 - int(trial)) / "here")
if does != "silent":
    accuracy = "nan" if does == "nan" else str(0.9 + float(options.hp_rate))
    reports = [{"accuracy": x, "global_step": 10} for x in (accuracy, "0.5" if does != "nan" else "nan")]
    metric.write_text("".join(json.dumps(report) + "\\n" for report in reports))
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
