"""A study of hyperparameters on this machine. Optuna chooses what to try, as the cloud's tuning service does.

    python -m mlengine.trainer.task --search tpe --trials 12 --epochs 3 --job-dir study

The ranges are those of mlengine/config-hptune.yaml, which the service reads too. A hyperparameter that is
given on the command line (--hp-batch 100) keeps its value and is not searched for. Every trial is a process
of its own, run as the service would run it, in study/trials/1, 2, ...; study/study.db is Optuna's record, and
study/search.png shows how far the study is. A trial that is worse than half of the others were is stopped
early. The same command resumes a study that was interrupted, and with a larger --trials it grows.
"""

import argparse
import contextlib
import itertools
import math
import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path

import optuna
from optuna.trial import TrialState
from sqlalchemy import URL

from mlengine.trainer import forms, locks, results, space
from mlengine.trainer import options as command_line
from startup import SIGNALLED, STOP_SIGNALS, atomic_write, give_up

TRAINER = (sys.executable, "-m", "mlengine.trainer.task")
METRIC = "accuracy"  # what a trial reports, of the validation digits; the highest is the best
CORES = getattr(os, "process_cpu_count", os.cpu_count)() or 1
SIDE_BY_SIDE = max(1, CORES // 2)  # trials at a time: TensorFlow needs two cores to run well
AT_RANDOM = 4  # trials before TPE learns from them, and before one is compared with them
POLL_SECONDS, GRACE_SECONDS = 0.2, 20  # the second: for a trial that is asked to stop, to save its state
OF_ONE_JOB = "TF_CONFIG", "AIP_MODEL_DIR", "AIP_CHECKPOINT_DIR", "AIP_TENSORBOARD_LOG_DIR"  # no trial's


def search(options, arguments, config=space.CONFIG, trainer=TRAINER):
    """Run the study and return the exit status. A trial gets `arguments`, less the options of the search."""
    if "://" in (options.job_dir or ""):
        give_up("--search runs on this machine, and --job-dir must be a folder of this machine")
    folder = Path(options.job_dir or "mnist-search")
    fixed = command_line.given(arguments)
    if options.model == "dense":
        fixed |= command_line.CONVOLUTIONAL_ONLY
    ranges = {n: found for n, found in space.read(config).items() if n.replace("-", "_") not in fixed}
    if not ranges:
        give_up("every hyperparameter has a value on the command line: nothing is left to search for")
    plan = {"search": options.search, "seed": options.seed, "ranges": str(ranges)}
    plan["arguments"] = arguments_of_trials(arguments)
    if options.search == "grid":
        plan["grid"] = space.grid(ranges, options.trials)
        options.trials = math.prod(map(len, plan["grid"].values()))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")  # Optuna's, about what is experimental
    try:
        with writing(folder):
            lock = locks.FolderLock(folder)
        with lock:
            return run_study(open_study(folder, plan), ranges, options.trials, folder, trainer)
    except locks.Taken as holder:
        give_up(f"{folder}: another search is running there ({holder}): choose another --job-dir")
    except optuna.exceptions.StorageInternalError as error:
        give_up(f"{folder / 'study.db'} cannot be written: {error.__cause__.orig}")


def arguments_of_trials(arguments):
    """The arguments without the options of the search itself."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in "--search", "--trials", "--job-dir":
        parser.add_argument(name)
    return parser.parse_known_args(arguments)[1]


@contextlib.contextmanager
def writing(folder):
    try:
        yield
    except OSError as error:
        give_up(f"{folder} cannot be written: {error.strerror}")


def open_study(folder, plan):
    """The folder's study, in SQLite: a search that is killed, or finds the disk full, loses no trial."""
    path = folder / "study.db"
    for other in folder / "search.json", folder / "search.png", folder / "trials":
        if other.exists() and not path.exists():
            give_up(
                f"{other} is there, but no study.db: it is no study of this version: choose another --job-dir"
            )
    url = URL.create("sqlite", database=str(path)).render_as_string()
    pruner = optuna.pruners.MedianPruner(AT_RANDOM)
    try:
        study = optuna.create_study(
            storage=url, study_name="search", direction="maximize", pruner=pruner, load_if_exists=True
        )
        if not study.user_attrs:
            study.set_user_attr("plan", plan)
        before = study.user_attrs["plan"]
    except Exception:  # whatever Optuna, SQLAlchemy and SQLite make of a damaged file
        give_up(f"{path}: damaged, or of another program: choose another --job-dir")
    if before != plan:
        give_up(f"{folder} holds another study: choose another --job-dir for this one")
    return study


def run_study(study, ranges, count, folder, trainer):
    """The exit status."""
    arguments, done = study.user_attrs["plan"]["arguments"], [TrialState.COMPLETE, TrialState.PRUNED]
    names, before = ", ".join(map(results.label, ranges)), len(study.get_trials(states=done))
    print(f"{count} trials of {names}; {SIDE_BY_SIDE} at a time, {before} done before", flush=True)
    with told_to_stop() as requests:
        run_trials(study, ranges, count, folder, [*trainer, *arguments], requests)
    if requests:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("Stopped. The same command resumes the search.", flush=True)
        return SIGNALLED + requests[0]
    print(f"\n{results.table(study)}\n")
    if study.best_trials:
        again = [*arguments, "--job-dir", str(folder / "best"), *hyperparameters(study.best_trial)]
        print(f"The picture: {folder / 'search.png'}")
        print(f"The best again: python -m mlengine.trainer.task {shlex.join(again)}")
    return 1 if study.get_trials(states=[TrialState.FAIL]) else 0


@contextlib.contextmanager
def told_to_stop():
    """A list that receives the numbers of the signals that ask the search to stop."""
    received = []
    # a signal that is ignored stays ignored, as nohup wants it
    numbers = [number for number in STOP_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {n: signal.signal(n, lambda number, frame: received.append(number)) for n in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ------------------------------------------------------------------------------------------------ the trials


def run_trials(study, ranges, count, folder, command, requests):
    """A few at a time. However this ends, none is left running."""
    left = study.get_trials(states=[TrialState.RUNNING])  # by a search that was stopped or killed
    running, behind = {}, set()  # process: its trial; the processes of trials that are stopped early
    try:
        while not requests:
            while len(running) < SIDE_BY_SIDE and (left or len(study.trials) < count) and not requests:
                trial = next_trial(study, left, ranges)
                home = folder / "trials" / str(trial.number + 1)
                with writing(home):
                    take_over(home, requests)
                    if not requests:
                        running[start(trial, home, command)] = trial, home
            if not running:
                break
            time.sleep(POLL_SECONDS)
            for process, (trial, home) in list(running.items()):
                if process.poll() is None:
                    if process not in behind and is_behind(trial, home):
                        behind.add(process)
                        process.terminate()
                    continue
                del running[process]
                conclude(study, trial, home, process.returncode, process in behind)
                print(f"[{len(study.trials) - len(running) - len(left)}/{count}]", end=" ")
                print(results.line(study, trial.number), flush=True)
                if study.best_trials:
                    with writing(folder), atomic_write(folder / "search.png") as path:
                        results.picture(study, path)
    finally:
        stop(running, requests)


def next_trial(study, left, ranges):
    """One that was interrupted, or a new one: drawn from the seed, its number and the results so far."""
    plan, number = study.user_attrs["plan"], left[0].number if left else len(study.trials)
    seed = random.Random(f"{plan['seed']} {number}").getrandbits(32)
    if plan["search"] == "grid":
        combination = list(itertools.product(*plan["grid"].values()))[number]
        fixed = dict(zip(plan["grid"], combination))
        study.sampler = optuna.samplers.PartialFixedSampler(fixed, optuna.samplers.RandomSampler())
    elif plan["search"] == "random":
        study.sampler = optuna.samplers.RandomSampler(seed)
    else:
        study.sampler = optuna.samplers.TPESampler(n_startup_trials=AT_RANDOM, seed=seed)
    trial = optuna.trial.Trial(study, left.pop(0)._trial_id) if left else study.ask()
    space.choose(trial, ranges)
    return trial


def hyperparameters(trial):
    """As the service gives them: a name, a value."""
    return [text for name, value in trial.params.items() for text in (f"--{name}", space.as_text(value))]


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


def reports(home):
    """(step, accuracy) of what the trial has reported."""
    try:
        found = [forms.parse(line) for line in (home / "metric.jsonl").read_text("utf-8").splitlines()]
        pairs = [(int(report.get("global_step", 0)), float(report[METRIC])) for report in found]
    except (OSError, ValueError, KeyError):  # nothing yet, or half a line
        return []
    return [(step, accuracy) for step, accuracy in pairs if math.isfinite(accuracy)]


def passed_on(trial, home):
    """Its reports, which Optuna gets too: each step once, and of a quick trial those that nobody has seen."""
    found = reports(home)
    for step, accuracy in found:
        trial.report(accuracy, step * trial.params.get("hp-batch", 1))
    return found


def is_behind(trial, home):
    """Is it worse than half of the others were, after as many digits?"""
    return bool(passed_on(trial, home)) and trial.should_prune()


def conclude(study, trial, home, status, behind):
    """Note how a trial has ended: its accuracy, or what went wrong."""
    if status == 0 and (found := passed_on(trial, home)):
        trial.set_user_attr("seconds", round(forms.read(home / "report.json")["seconds"]))
        study.tell(trial, max(accuracy for _, accuracy in found))
    elif behind:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        errors = (home / "errors.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        error = ": ".join([how, *errors[-1:]]) if status else f"it reported no {METRIC}"
        trial.set_user_attr("error", error)
        study.tell(trial, state=TrialState.FAIL)


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
