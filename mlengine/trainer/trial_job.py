"""A trial of a search: a process of its own, run as the cloud's tuning service would run it."""

import contextlib
import math
import os
import signal
import socket
import subprocess
import time

from mlengine.trainer import forms, locks, space

METRIC = "accuracy"  # what a trial reports, of the validation digits; the highest is the best
CORES = getattr(os, "process_cpu_count", os.cpu_count)() or 1
SIDE_BY_SIDE = max(1, CORES // 2)  # trials at a time: TensorFlow needs two cores to run well
POLL_SECONDS, GRACE_SECONDS = 0.2, 20  # the second: for a trial that is asked to stop, to save its state
OF_ONE_JOB = "TF_CONFIG", "AIP_MODEL_DIR", "AIP_CHECKPOINT_DIR", "AIP_TENSORBOARD_LOG_DIR"  # no trial's


def start(trial, home, command):
    environment = {
        **{name: value for name, value in os.environ.items() if name not in OF_ONE_JOB},
        "CLOUD_ML_TRIAL_ID": str(trial.number + 1),
        "CLOUD_ML_HP_METRIC_FILE": str(home.absolute() / "metric.jsonl"),
        "TF_NUM_INTRAOP_THREADS": str(max(1, CORES // SIDE_BY_SIDE)),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # else the first trial reserves all memory of the GPU
    }
    with open(home / "output.txt", "ab") as output, open(home / "errors.txt", "wb") as errors:
        return subprocess.Popen(
            [*command, "--job-dir", str(home), *hyperparameters(trial)],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            start_new_session=True,  # Ctrl-C is for the search, which then asks its trials to stop
        )  # fmt: skip


def hyperparameters(trial):
    """As the service gives them: a name, a value."""
    return [text for name, value in trial.params.items() for text in (f"--{name}", space.as_text(value))]


def reports(home):
    """(step, accuracy) of what the trial has reported."""
    try:
        found = [forms.parse(line) for line in (home / "metric.jsonl").read_text("utf-8").splitlines()]
        pairs = [(int(report.get("global_step", 0)), float(report[METRIC])) for report in found]
    except (OSError, ValueError, KeyError):  # nothing yet, or half a line
        return []
    return [(step, accuracy) for step, accuracy in pairs if math.isfinite(accuracy)]


def take_over(home, requests):
    """A trial that a killed search has left running is asked to save and stop, so that it can be resumed."""
    told = False
    while not requests:
        try:
            return locks.FolderLock(home).file.close()
        except locks.Taken as holder:
            host, _, process = str(holder).rpartition(", process ")
            if not told:
                print(f"{home}: still running ({holder}). When it has stopped, it is resumed.", flush=True)
                if host == socket.gethostname():
                    with contextlib.suppress(OSError):
                        os.kill(int(process), signal.SIGTERM)
            told = True
            time.sleep(POLL_SECONDS)


def stop(processes, requests):
    """End the trials that still run, with time to save, and return when all have ended."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    while any(process.poll() is None for process in processes):
        if time.monotonic() > deadline or len(requests) > 1:  # too slow, or told a second time
            for process in processes:
                process.kill()
        time.sleep(POLL_SECONDS)
