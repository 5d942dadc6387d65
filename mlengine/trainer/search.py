"""A study of hyperparameters on this machine: what the cloud's tuning service does, to be seen at home.

    python -m mlengine.trainer.task --search random --trials 12 --steps 600 --job-dir study

The ranges are those of mlengine/config-hptune.yaml, which the service reads too. A hyperparameter that is
given on the command line (--hp-batch 100) keeps its value and is not searched for. Every trial is a process
of its own, run as the service would run it, in study/trials/1, 2, ...; study/search.json and study/search.png
show how far the study is. The same command goes on with a study that was interrupted, and with a larger
--trials a random one grows.
"""

import contextlib
import itertools
import json
import math
import os
import random
import shlex
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import yaml

from startup import SIGNALLED, give_up

CONFIG = Path(__file__).parent.parent / "config-hptune.yaml"
TRAINER = (sys.executable, "-m", "mlengine.trainer.task")
CONVOLUTIONAL = ("hp-conv", "hp-dense")  # hyperparameters that --model dense does not have
METRIC = "accuracy"  # what a trial reports, of the validation digits; the highest is the best
CORES = getattr(os, "process_cpu_count", os.cpu_count)() or 1
SIDE_BY_SIDE = max(1, CORES // 2)  # trials at a time: TensorFlow needs two cores to be at ease
LOOK_SECONDS = 0.05  # between two looks at whether a trial has ended
GRACE_SECONDS = 20  # for a trial that is asked to stop, to save what it has
ENDINGS = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]  # Windows has no SIGHUP
ACCURACIES = (  # where the picture has its lines
    0.1, 0.2, 0.5, 0.8, 0.9, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999,
)  # fmt: skip
BLUE, RED, GREY, LIGHT = "#0060b0", "#d01c2a", "#999999", "#e4e4e4"
FAR_BELOW = 12  # times the errors of the best trial: too many to be shown beside it


def search(options, arguments, config=CONFIG, trainer=TRAINER):
    """Run the study and return the exit status. A trial gets `arguments`, less the options of the search."""
    if "://" in (options.job_dir or ""):
        give_up("--search runs on this machine, and --job-dir must be a folder of this machine")
    folder = Path(options.job_dir or "mnist-search")
    arguments = without(arguments, "--search", "--trials", "--job-dir")
    parameters = [p for p in read(config) if without(arguments, f"--{p['name']}") == arguments]
    if options.model == "dense":
        parameters = [p for p in parameters if not p["name"].startswith(CONVOLUTIONAL)]
    if not parameters:
        give_up("every hyperparameter has a value on the command line: nothing is left to search for")
    if options.search == "grid":
        plan = grid(parameters, options.trials)
    else:
        plan = draw(parameters, options.trials, options.seed)
    trials = [{"trial": k, "values": values} for k, values in enumerate(plan, 1)]
    study = {"search": options.search, "seed": options.seed, "arguments": arguments, "trials": trials}
    check_same_study(folder / "search.json", study)
    for trial in trials:
        look_up(folder, trial)
    try:
        save(folder, study, parameters)
    except OSError as fault:
        give_up(f"{folder} cannot be written: {fault.strerror}")
    names = ", ".join(shown(parameter["name"]) for parameter in parameters)
    print(f"{len(trials)} trials of {names}; {SIDE_BY_SIDE} at a time, {len(ranking(trials))} done before")
    try:
        with ends_at(*ENDINGS):
            run_all(trials, folder, arguments, trainer, lambda: save(folder, study, parameters))
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.")
        return SIGNALLED + signal.SIGINT
    print(f"\n{table(trials)}\n")
    best = ranking(trials)[:1]
    if best:
        again = [*arguments, "--job-dir", str(folder / "best"), *hyperparameters(best[0])]
        print(f"The picture: {folder / 'search.png'}")
        print(f"The best again: python -m mlengine.trainer.task {shlex.join(again)}")
    return 0 if len(ranking(trials)) == len(trials) else 1


def run_all(trials, folder, arguments, trainer, save):
    """Run those that are not done, a few at a time. However this ends, none is left running."""
    waiting = [trial for trial in trials if "accuracy" not in trial]
    running = []  # (trial, its process)
    try:
        while waiting or running:
            while waiting and len(running) < SIDE_BY_SIDE:
                trial = waiting.pop(0)
                running.append((trial, start(trial, folder, arguments, trainer)))
            time.sleep(LOOK_SECONDS)
            for trial, process in [pair for pair in running if pair[1].poll() is not None]:
                running.remove((trial, process))
                conclude(folder, trial, process.returncode)
                print(line(trial, trials), flush=True)
                save()
    finally:
        stop([process for _, process in running])


@contextlib.contextmanager
def ends_at(*numbers):
    """These signals end the program in order, as Ctrl-C does, with the exit status that shells give them."""

    def end(number, frame):
        signal.signal(number, signal.SIG_IGN)  # it is ending already
        sys.exit(SIGNALLED + number)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def without(arguments, *names):
    """The arguments without these options and their values, given as '--name value' or '--name=value'."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and argument not in names and argument.split("=")[0] not in names:
            kept.append(argument)
        skip = not skip and argument in names
    return kept


def read(config):
    """The hyperparameters of a tuning config: [{name, values}] or [{name, kind, low, high, scale}]."""
    parameters = []
    for entry in yaml.safe_load(Path(config).read_text(encoding="utf-8"))["studySpec"]["parameters"]:
        name, scale = entry["parameterId"], entry.get("scaleType", "UNIT_LINEAR_SCALE")
        parameter = {"name": name, "scale": scale}
        for kind in "categorical", "discrete":
            if spec := entry.get(f"{kind}ValueSpec"):
                parameter |= {"kind": kind, "values": spec["values"]}
        for kind in "integer", "double":
            if spec := entry.get(f"{kind}ValueSpec"):
                parameter |= {"kind": kind, "low": spec["minValue"], "high": spec["maxValue"]}
        if "kind" not in parameter:
            give_up(f"{config}: {name} says neither which values it may have nor their range")
        if "LOG" in scale and parameter.get("low", 1) <= 0:
            give_up(f"{config}: {name} is on a logarithmic scale, so its minValue must be above 0")
        parameters.append(parameter)
    return parameters


def value(parameter, u):
    """The value at `u`, from 0, the lowest or first, to 1, the highest or last."""
    if "values" in parameter:
        values = parameter["values"]
        return values[min(int(u * len(values)), len(values) - 1)]
    low, high, whole = parameter["low"], parameter["high"], parameter["kind"] == "integer"
    top = high + whole  # whole numbers: up to, not including, the next one, so that each is as likely
    if parameter["scale"] == "UNIT_LOG_SCALE":
        x = low * (top / low) ** u
    elif parameter["scale"] == "UNIT_REVERSE_LOG_SCALE":
        x = low + top - low * (top / low) ** (1 - u)
    else:
        x = low + (top - low) * u
    return min(int(x), high) if whole else min(max(float(f"{x:.3g}"), low), high)


def draw(parameters, trials, seed):
    """Random values; the first 8 of 12 trials are those of a study of 8."""
    generator, plan = random.Random(seed), []
    for _ in range(100 * trials):  # more often than that, the same values come again
        values = {p["name"]: value(p, generator.random()) for p in parameters}
        if values not in plan:
            plan.append(values)
        if len(plan) == trials:
            break
    return plan


def grid(parameters, trials):
    """Every combination of a few evenly spaced values of each; the first hyperparameters get more of them."""
    counts = [1] * len(parameters)
    grown = True
    while grown:
        grown = False
        for k in sorted(range(len(counts)), key=lambda k: counts[k]):
            larger = [*counts[:k], counts[k] + 1, *counts[k + 1 :]]
            if math.prod(larger) <= trials and counts[k] < most(parameters[k]):
                counts, grown = larger, True
                break
    axes = [[value(p, j / (n - 1) if n > 1 else 0.5) for j in range(n)] for p, n in zip(parameters, counts)]
    names = [p["name"] for p in parameters]
    return [dict(zip(names, values)) for values in itertools.product(*axes)]


def most(parameter):
    """How many different values there are."""
    if parameter["kind"] == "double":
        return math.inf
    return len(parameter["values"]) if "values" in parameter else parameter["high"] - parameter["low"] + 1


def check_same_study(file, study):
    """A folder has one study: the trials in it must be those that would be run again."""
    if not file.exists():
        return
    old = json.loads(file.read_text(encoding="utf-8"))
    same = all(a["values"] == b["values"] for a, b in zip(old["trials"], study["trials"]))
    if not same or old["arguments"] != study["arguments"]:
        give_up(f"{file.parent} holds another study: give this one a --job-dir of its own")


def trial_folder(folder, trial):
    return folder / "trials" / str(trial["trial"])


def hyperparameters(trial):
    """As the service gives them: a name, a value."""
    return [text for name, value in trial["values"].items() for text in (f"--{name}", str(value))]


def start(trial, folder, arguments, trainer):
    home = trial_folder(folder, trial)
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "CLOUD_ML_TRIAL_ID": str(trial["trial"]),
        "CLOUD_ML_HP_METRIC_FILE": str(home.absolute() / "metric.jsonl"),
        "TF_NUM_INTRAOP_THREADS": str(max(1, CORES // SIDE_BY_SIDE)),
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # else the first trial takes the memory of the GPU for itself
    }
    command = [*trainer, *arguments, "--job-dir", str(home), *hyperparameters(trial)]
    with open(home / "output.txt", "wb") as output, open(home / "errors.txt", "wb") as errors:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            start_new_session=True,  # Ctrl-C is for the search, which then asks its trials to stop
        )  # fmt: skip


def look_up(folder, trial):
    """Note the accuracy of a trial that has run to its end, from the files that it has left."""
    home = trial_folder(folder, trial)
    try:
        seconds = json.loads((home / "report.json").read_text(encoding="utf-8"))["seconds"]
        lines = (home / "metric.jsonl").read_text(encoding="utf-8").splitlines()
        reported = [float(json.loads(line)[METRIC]) for line in lines]
    except (OSError, ValueError, KeyError):  # not there, cut short, or of something else
        return
    reported = [accuracy for accuracy in reported if math.isfinite(accuracy)]
    if reported:
        trial.update(accuracy=max(reported), seconds=seconds)


def conclude(folder, trial, status):
    """Note how a trial has ended: its accuracy, or what went wrong."""
    if status == 0:
        look_up(folder, trial)
        if "accuracy" not in trial:
            trial["fault"] = f"it reported no {METRIC}"
        return
    how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    errors = (trial_folder(folder, trial) / "errors.txt").read_text(encoding="utf-8", errors="replace")
    trial["fault"] = ": ".join([how, *errors.strip().splitlines()[-1:]])


def stop(processes):
    """End the trials that still run, with time to save, and come back only when they are gone."""
    for process in processes:
        process.terminate()
    try:
        for process in processes:
            process.wait(GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):  # too slow, or a second Ctrl-C
        for process in processes:
            process.kill()
    for process in processes:
        process.wait()


def ranking(trials):
    """The trials that are done, best first."""
    return sorted((t for t in trials if "accuracy" in t), key=lambda t: -t["accuracy"])


def shown(name):
    return name.removeprefix("hp-")


def short(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def line(trial, trials):
    """What is said of a trial that has ended."""
    values = "  ".join(f"{shown(name)} {short(v)}" for name, v in trial["values"].items())
    ended = sum("accuracy" in t or "fault" in t for t in trials)
    if "fault" in trial:
        return f"[{ended}/{len(trials)}] trial {trial['trial']} failed  ({values})  {trial['fault']}"
    star = "  * the best so far" if ranking(trials)[0] is trial else ""
    return f"[{ended}/{len(trials)}] trial {trial['trial']}: {trial['accuracy']:.4f}  ({values}){star}"


def table(trials):
    """All trials, best first, the failed ones last."""
    names = list(trials[0]["values"])
    rows = [["accuracy", *(shown(name) for name in names), "seconds", "trial"]]
    for trial in [*ranking(trials), *(t for t in trials if "accuracy" not in t)]:
        accuracy = f"{trial['accuracy']:.4f}" if "accuracy" in trial else "failed"
        seconds = f"{trial['seconds']:.0f}" if "seconds" in trial else "-"
        rows.append([accuracy, *(short(trial["values"][n]) for n in names), seconds, str(trial["trial"])])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def save(folder, study, parameters):
    """search.json and search.png, each written aside and renamed, so that a reader never sees half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "search.json.part").write_text(json.dumps(study, indent=1) + "\n", encoding="utf-8")
    os.replace(folder / "search.json.part", folder / "search.json")
    if ranking(study["trials"]):
        picture(study["trials"], parameters, folder / "search.png.part")
        os.replace(folder / "search.png.part", folder / "search.png")


def picture(trials, parameters, path):
    """A panel for each hyperparameter, a dot for each trial: its value across, its accuracy upwards."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    best = ranking(trials)[0]
    floor = 1 - FAR_BELOW * (1 - height(best))  # else one trial that learned nothing flattens all others
    done = [trial for trial in ranking(trials) if trial["accuracy"] >= floor]
    lost = [t for t in trials if "fault" in t or "accuracy" in t and t["accuracy"] < floor]

    columns = len(parameters) if len(parameters) < 4 else math.ceil(len(parameters) / 2)
    figure = Figure(figsize=(12.8, 7.2), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, hspace=0.08)
    panels = figure.subplots(
        math.ceil(len(parameters) / columns), columns, sharey=True, squeeze=False
    ).flatten()
    panels[0].set_yscale("logit")  # 90 %, 99 %, 99.9 % are equally far apart, as they are for training
    for panel, parameter in zip(panels, parameters):
        draw_panel(panel, parameter, done, lost)
    for panel in panels[len(parameters) :]:
        panel.set_visible(False)
    odds = [height(trial) / (1 - height(trial)) for trial in done]
    bottom, top = min(odds) / 1.6, max(odds) * 1.4
    panels[0].set_ylim(bottom / (1 + bottom), top / (1 + top))

    values = ",  ".join(f"{shown(name)} {short(x)}" for name, x in best["values"].items())
    figure.suptitle(f"{100 * best['accuracy']:.2f} % of the validation digits\n{values}", fontsize=16)
    marks = [
        Line2D([], [], color=RED, marker="*", markersize=15, linestyle="", label="the best trial"),
        Line2D([], [], color=BLUE, marker="o", markersize=9, linestyle="", label="another trial"),
        Line2D([], [], color=GREY, linewidth=2, label="median of those with this value"),
        Line2D([], [], color=GREY, marker="x", linestyle="", label="failed, or far below"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=4, frameon=False, fontsize=12)
    figure.savefig(path, format="png", dpi=100)


def draw_panel(panel, parameter, done, lost):
    from matplotlib.ticker import LogLocator

    name, choices = parameter["name"], parameter.get("values")

    def across(trial):
        return choices.index(trial["values"][name]) if choices else trial["values"][name]

    if "LOG" in parameter["scale"]:
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.set_xticks([], minor=True)
    by_value = {}
    for trial in done:
        by_value.setdefault(across(trial), []).append(height(trial))
    if 2 * len(by_value) <= len(done):  # few values, each tried several times
        panel.plot(
            *zip(*sorted((x, statistics.median(y)) for x, y in by_value.items())), color=GREY, linewidth=2
        )
    best, *others = done
    panel.scatter(
        [across(t) for t in others], [height(t) for t in others], s=80, color=BLUE, alpha=0.7, zorder=2
    )
    panel.scatter(across(best), height(best), s=320, color=RED, marker="*", zorder=3)
    foot = panel.get_xaxis_transform()
    panel.scatter([across(t) for t in lost], [0.04] * len(lost), color=GREY, marker="x", transform=foot)

    panel.set_title(shown(name), fontsize=15, loc="left", fontweight="bold")
    panel.set_yticks(ACCURACIES, [f"{100 * a:g} %" for a in ACCURACIES])
    panel.set_yticks([], minor=True)
    if choices:
        panel.set_xticks(range(len(choices)), map(str, choices))
        panel.set_xlim(-0.5, len(choices) - 0.5)
    panel.tick_params(labelsize=12, length=0, which="both")
    panel.grid(axis="y", color=LIGHT)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)


def height(trial):
    return min(max(trial["accuracy"], 0.01), 0.9999)  # 0 and 1 are infinitely far away on this scale
