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
import sys
import time
import warnings
from pathlib import Path

import optuna
from optuna.trial import TrialState
from sqlalchemy import URL

from mlengine.trainer import forms, locks, results, space, trial_job
from mlengine.trainer import options as command_line
from startup import SIGNALLED, atomic_write, give_up, stop_requests

TRAINER = (sys.executable, "-m", "mlengine.trainer.task")
AT_RANDOM = 4  # trials before TPE learns from them, and before one is compared with them


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
    plan = {
        "search": options.search, "seed": options.seed, "ranges": str(ranges),
        "arguments": arguments_of_trials(arguments),
        "digits": str(options.data or os.environ.get("MNIST_DATA")),  # the accuracies are theirs
    }  # fmt: skip
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
    print(f"{count} trials of {names}; {trial_job.SIDE_BY_SIDE} at a time, {before} done before", flush=True)
    with stop_requests(most=math.inf) as requests:
        run_trials(study, ranges, count, folder, [*trainer, *arguments], requests)
    if requests:
        with contextlib.suppress(OSError):  # the terminal may be gone
            print("Stopped. The same command resumes the search.", flush=True)
        return SIGNALLED + requests[0]
    print(f"\n{results.table(study)}\n")
    if study.best_trials:
        again = [*arguments, "--job-dir", str(folder / "best"), *trial_job.hyperparameters(study.best_trial)]
        print(f"The picture: {folder / 'search.png'}")
        print(f"The best again: python -m mlengine.trainer.task {shlex.join(again)}")
    return 1 if study.get_trials(states=[TrialState.FAIL]) else 0


# ------------------------------------------------------------------------------------------------ the trials


def run_trials(study, ranges, count, folder, command, requests):
    """A few at a time. However this ends, none is left running."""
    left = study.get_trials(states=[TrialState.RUNNING])  # by a search that was stopped or killed
    running, behind = {}, set()  # process: its trial; the processes of trials that are stopped early
    try:
        while not requests:
            while (
                len(running) < trial_job.SIDE_BY_SIDE and (left or len(study.trials) < count) and not requests
            ):
                trial = next_trial(study, left, ranges)
                home = folder / "trials" / str(trial.number + 1)
                with writing(home):
                    trial_job.take_over(home, requests)
                    if not requests:
                        running[trial_job.start(trial, home, command)] = trial, home
            if not running:
                break
            time.sleep(trial_job.POLL_SECONDS)
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
        trial_job.stop(running, requests)


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


def passed_on(trial, home):
    """Its reports, which Optuna gets too: each step once, and of a quick trial those that nobody has seen."""
    found = trial_job.reports(home)
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
        error = ": ".join([how, *errors[-1:]]) if status else f"it reported no {trial_job.METRIC}"
        trial.set_user_attr("error", error)
        study.tell(trial, state=TrialState.FAIL)
