"""A study of hyperparameters on this machine, as the cloud's tuning service runs one.

    python -m mlengine.trainer.task --search random --trials 12 --steps 600 --job-dir study

The ranges are those of mlengine/config-hptune.yaml, which the service reads too. A hyperparameter that is
given on the command line (--hp-batch 100) keeps its value and is not searched for. Every trial is a process
of its own, run as the service would run it, in study/trials/1, 2, ...; study/search.json and study/search.png
show how far the study is. The same command resumes a study that was interrupted, and with a larger --trials
a random one grows.
"""

import argparse
import contextlib
import dataclasses
import json
import math
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from mlengine.trainer import forms, locks, results, space
from mlengine.trainer import options as command_line
from mlengine.trainer.results import Trial, ranking
from startup import SIGNALLED, give_up, written_aside

TRAINER = (sys.executable, "-m", "mlengine.trainer.task")
METRIC = "accuracy"  # what a trial reports, of the validation digits; the highest is the best
CORES = getattr(os, "process_cpu_count", os.cpu_count)() or 1
SIDE_BY_SIDE = max(1, CORES // 2)  # trials at a time: TensorFlow needs two cores to run well
POLL_SECONDS = 0.05
OF_ONE_JOB = "TF_CONFIG", "AIP_MODEL_DIR", "AIP_CHECKPOINT_DIR", "AIP_TENSORBOARD_LOG_DIR"  # no trial's
GRACE_SECONDS = 20  # for a trial that is asked to stop, to save its state
ENDINGS = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]  # Windows has no SIGHUP


def search(options, arguments, config=space.CONFIG, trainer=TRAINER):
    """Run the study and return the exit status. A trial gets `arguments`, less the options of the search."""
    if "://" in (options.job_dir or ""):
        give_up("--search runs on this machine, and --job-dir must be a folder of this machine")
    folder = Path(options.job_dir or "mnist-search")
    fixed = command_line.given(arguments)
    if options.model == "dense":
        fixed |= command_line.CONVOLUTIONAL_ONLY
    parameters = [p for p in space.read(config) if p.name.replace("-", "_") not in fixed]
    if not parameters:
        give_up("every hyperparameter has a value on the command line: nothing is left to search for")
    if options.search == "grid":
        plan = space.grid(parameters, options.trials)
    else:
        plan = space.draw(parameters, options.trials, options.seed)
    trials = [Trial(number, values) for number, values in enumerate(plan, 1)]
    arguments = arguments_of_trials(arguments)
    study = {"search": options.search, "seed": options.seed, "arguments": arguments}
    try:
        lock = locks.FolderLock(folder)
    except locks.Taken:
        give_up(f"{folder}: another search is running there: choose another --job-dir")
    except OSError as error:
        give_up(f"{folder} cannot be written: {error.strerror}")
    with lock:
        return run_study(folder, study, trials, parameters, trainer)


def run_study(folder, study, trials, parameters, trainer):
    """The exit status."""
    arguments = study["arguments"]
    check_same_study(folder / "search.json", arguments, [trial.values for trial in trials])
    for trial in trials:
        read_result(folder, trial)

    def save():
        """search.json and search.png."""
        content = {**study, "trials": [dataclasses.asdict(trial) for trial in trials]}
        try:
            with written_aside(folder / "search.json") as path:
                path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            if ranking(trials):
                with written_aside(folder / "search.png") as path:
                    results.picture(trials, parameters, path)
        except OSError as error:
            give_up(f"{folder} cannot be written: {error.strerror}")

    save()
    names = ", ".join(results.label(parameter.name) for parameter in parameters)
    print(f"{len(trials)} trials of {names}; {SIDE_BY_SIDE} at a time, {len(ranking(trials))} done before")
    try:
        with ended_by(*ENDINGS):
            run_all(trials, folder, [*trainer, *arguments], save)
    except KeyboardInterrupt:
        print("Stopped. The same command resumes the search.")
        return SIGNALLED + signal.SIGINT
    print(f"\n{results.table(trials)}\n")
    best = ranking(trials)[:1]
    if best:
        again = [*arguments, "--job-dir", str(folder / "best"), *hyperparameters(best[0])]
        print(f"The picture: {folder / 'search.png'}")
        print(f"The best again: python -m mlengine.trainer.task {shlex.join(again)}")
    return 0 if len(ranking(trials)) == len(trials) else 1


def arguments_of_trials(arguments):
    """The arguments without the options of the search itself."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in "--search", "--trials", "--job-dir":
        parser.add_argument(name)
    return parser.parse_known_args(arguments)[1]


def check_same_study(file, arguments, plan):
    """A folder has one study: the trials in it must be those that would be run again."""
    if not file.exists():
        for other in file.with_suffix(".png"), file.with_name("trials"):
            if other.exists():
                give_up(
                    f"{other} is there, but no {file.name}: it is not from a search: choose another --job-dir"
                )
        return
    try:
        old = forms.read(file)
    except (OSError, ValueError):
        old = None
    if not forms.has_form(old, {"arguments": [""], "trials": [{"values": {}}]}):
        give_up(f"{file}: damaged, or of another program: choose another --job-dir")
    before = [trial["values"] for trial in old["trials"]]
    if old["arguments"] != arguments or any(then != now for then, now in zip(before, plan)):
        give_up(f"{file.parent} holds another study: choose another --job-dir for this one")


# ------------------------------------------------------------------------------------------------ the trials


def run_all(trials, folder, command, save):
    """Run those that are not done, a few at a time. However this ends, none is left running."""
    waiting = [trial for trial in trials if not trial.done]
    running = []  # (trial, its process)
    try:
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                trial = waiting.pop(0)
                running.append((trial, start(trial, folder, command)))
            time.sleep(POLL_SECONDS)
            for trial, process in [pair for pair in running if pair[1].poll() is not None]:
                running.remove((trial, process))
                conclude(folder, trial, process.returncode)
                print(results.line(trial, trials), flush=True)
                save()
    finally:
        stop([process for _, process in running])


@contextlib.contextmanager
def ended_by(*numbers):
    """These signals end the program in order, as Ctrl-C does, with the exit status that shells give them."""

    def end(number, frame):
        signal.signal(number, signal.SIG_IGN)  # it is ending already
        sys.exit(SIGNALLED + number)

    # a signal that is ignored stays ignored, as nohup wants it
    numbers = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def trial_folder(folder, trial):
    return folder / "trials" / str(trial.number)


def hyperparameters(trial):
    """As the service gives them: a name, a value."""
    return [text for name, value in trial.values.items() for text in (f"--{name}", str(value))]


def start(trial, folder, command):
    home = trial_folder(folder, trial)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in OF_ONE_JOB},
        "CLOUD_ML_TRIAL_ID": str(trial.number),
        "CLOUD_ML_HP_METRIC_FILE": str(home.absolute() / "metric.jsonl"),
        "TF_NUM_INTRAOP_THREADS": str(max(1, CORES // SIDE_BY_SIDE)),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # else the first trial reserves all memory of the GPU
    }
    command = [*command, "--job-dir", str(home), *hyperparameters(trial)]
    try:
        home.mkdir(parents=True, exist_ok=True)
        with open(home / "output.txt", "wb") as output, open(home / "errors.txt", "wb") as errors:
            return subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                start_new_session=True,  # Ctrl-C is for the search, which then asks its trials to stop
            )  # fmt: skip
    except OSError as error:
        give_up(f"{home}: the trial cannot be started: {error.strerror}")


def read_result(folder, trial):
    """The accuracy of a trial that has run to its end, from its files."""
    home = trial_folder(folder, trial)
    try:
        seconds = float(forms.read(home / "report.json")["seconds"])
        lines = (home / "metric.jsonl").read_text(encoding="utf-8").splitlines()
        reported = [float(forms.parse(line)[METRIC]) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, OverflowError):  # missing, incomplete, or of others
        return
    reported = [accuracy for accuracy in reported if math.isfinite(accuracy)]
    if reported and math.isfinite(seconds):
        trial.accuracy, trial.seconds = max(reported), seconds


def conclude(folder, trial, status):
    """Note how a trial has ended: its accuracy, or what went wrong."""
    if status == 0:
        read_result(folder, trial)
        trial.error = None if trial.done else f"it reported no {METRIC}"
        return
    how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    errors = (trial_folder(folder, trial) / "errors.txt").read_text(encoding="utf-8", errors="replace")
    trial.error = ": ".join([how, *errors.strip().splitlines()[-1:]])


def stop(processes):
    """End the trials that still run, with time to save, and return when all have ended."""
    try:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # too slow, or a second Ctrl-C
        for process in processes:
            process.kill()
    for process in processes:
        process.wait()
