"""What an accuracy costs: wrong test digits of the trainer against minutes, and a picture of it.

    python tests/ladder.py                       all rows, seeds 0 and 1: an hour and a half on two cores
    python tests/ladder.py whole-30 --seeds 10   one row, seeds 0 to 9

As many runs at once as there are cores, with one core each: together they are done sooner. Minutes are those
of a run that has all cores, at the speed that a short one prints. Every run is a job in mnist-ladder/: the
same command resumes those that were interrupted, and reads the results of those that are finished.
"""

import argparse
import json
import os
import re
import statistics
import sys

from jobs import BRIEF, newest
from processes import ROOT, start

sys.path.insert(0, str(ROOT))
from quiet import startup, tf  # noqa: E402, found only now

EPOCH = 550  # steps
HALF = dict(conv1=16, conv2=20, conv3=24, conv4=32, conv5=40, conv6=48, dense=100)
NETWORKS = {"half": [f"--hp-{layer}={n}" for layer, n in HALF.items()], "whole": []}
ROWS = {  # half the channels, or the default network, and for how many epochs
    **{f"half-{epochs}": ("half", epochs) for epochs in (4, 8, 16, 32)},
    **{f"whole-{epochs}": ("whole", epochs) for epochs in (2, 5, 10, 20, 30)},
}
FOLDER = ROOT / "mnist-ladder"
PICTURE = ROOT / "docs" / "pictures" / "ladder.png"
ANCHORS = {"ansh941/MnistSimpleCNN": 30.1, "ttdoucet/mnist": 26.2}  # wrong of 10,000, means over seeds


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(ROWS))
    number = startup.whole_number(1)
    parser.add_argument("--seeds", type=number, default=2, metavar="N", help="0 to N - 1 (default: 2)")
    options = parser.parse_args()
    if unknown := [name for name in options.rows if name not in ROWS]:
        parser.error(f"{unknown[0]} is none of: {', '.join(ROWS)}")
    FOLDER.mkdir(exist_ok=True)
    chosen = {name: ROWS[name] for name in options.rows or ROWS}
    speeds = {network: steps_per_minute(network) for network in {network for network, _ in chosen.values()}}
    run([(name, seed) for name in chosen for seed in range(options.seeds)])
    rows = {}
    print("| row | minutes | wrong, read once | wrong, read five times | by seed |\n|---|---|---|---|---|")
    for name, (network, epochs) in chosen.items():
        minutes = epochs * EPOCH / speeds[network]
        finished = sorted(FOLDER.glob(f"{name}-*/report.json"))  # also those of earlier calls
        once, five = zip(*(wrong(path.parent) for path in finished))
        rows[name] = minutes, once, five
        means = f"{statistics.mean(once):.1f} | {statistics.mean(five):.1f}"
        print(f"| {name} | {minutes:.1f} | {means} | {' '.join(map(str, five))} |", flush=True)
    if not options.rows:
        draw(rows)


def steps_per_minute(network):
    """Of a run that has this machine for itself."""
    folder = FOLDER / f"speed-{network}"
    log = folder.with_suffix(".log")
    if not (folder / "report.json").exists():
        with log.open("a") as output:
            command = *BRIEF, *NETWORKS[network], "--epochs=1", "--job-dir", folder
            end(log, start(*command, stdout=output, stderr=output))
    return 60 * float(re.findall(r"([\d.]+) steps/s$", log.read_text(), re.MULTILINE)[-1])


def run(jobs):
    """All that have no result yet, as many at once as there are cores."""
    running = []
    try:
        for name, seed in jobs:
            folder = FOLDER / f"{name}-{seed}"
            log = folder.with_suffix(".log")
            if (folder / "report.json").exists():
                continue
            if len(running) == os.cpu_count():
                end(*running[0])
                running.pop(0)
            network, epochs = ROWS[name]
            command = *BRIEF, *NETWORKS[network], "--epochs", epochs, "--seed", seed, "--job-dir", folder
            with log.open("a") as output:
                process = start(*command, stdout=output, stderr=output, TF_NUM_INTRAOP_THREADS=1)
            running.append((log, process))
        for log, process in running:
            end(log, process)
    except SystemExit:  # one has failed; Ctrl-C reaches all of them by itself
        for _, process in running:
            process.terminate()
        raise
    finally:
        for _, process in running:
            process.wait()  # it saves first


def end(log, process):
    if process.wait():
        sys.exit(f"{log}: exit status {process.returncode}")


def wrong(folder):
    """Wrong test digits of a finished job: read once, and read five times."""
    return read_once(folder), json.loads((folder / "report.json").read_text())["wrong"]


def read_once(folder):
    import mnistdata
    from mlengine.trainer import loop, model

    _, _, images, labels, _ = mnistdata.load()
    options = argparse.Namespace(**json.loads((folder / "job.json").read_text())["options"])
    network = model.NETWORKS[options.model](options)
    arrays = newest(folder)[1]
    loop.assign(network, [arrays[name] for name in sorted(arrays) if name.startswith("best")])
    X = tf.constant(images[..., None] / 255, tf.float32)
    answers = [model.probabilities(network, part, model.ONCE) for part in tf.split(X, 10)]
    return int((tf.argmax(tf.concat(answers, 0), axis=1).numpy() != labels).sum())


def draw(rows):
    from matplotlib.figure import Figure

    figure = Figure((8, 4.5), dpi=200, layout="constrained")
    axes = figure.subplots()
    for network, label, color in (
        ("half", "half the channels", "#d98421"),
        ("whole", "all channels", "#0060b0"),
    ):
        found = [row for name, row in rows.items() if name.startswith(network)]
        minutes = [row[0] for row in found]
        for k, (readings, style) in enumerate((("read once", "--"), ("read five times", "-"))):
            means = [statistics.mean(row[1 + k]) for row in found]
            axes.plot(minutes, means, style, color=color, label=f"{label}, {readings}")
            for at, row in zip(minutes, found):
                axes.plot(
                    [at] * len(row[1 + k]), row[1 + k], "o", color=color, alpha=0.3 + 0.4 * k, markersize=4
                )
    for name, wrong in ANCHORS.items():
        axes.axhline(wrong, color="#999999", linewidth=0.8)
        style = {"va": "bottom", "color": "#666666", "fontsize": 8}
        axes.text(0.01, wrong, f"{name}, on a GPU", transform=axes.get_yaxis_transform(), **style)
    axes.set(xscale="log", xlabel="minutes on two CPU cores", ylabel="wrong, of 10,000 test digits")
    axes.set_xticks(ticks := [0.5, 1, 2, 4, 8, 12], map(str, ticks))
    axes.minorticks_off()
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
