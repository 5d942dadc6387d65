"""What takes too long for a test: is the trainer of mlengine as good and as tough as its README says?

python tests/endurance.py kills       20 kills at random moments; the weights end as without them
python tests/endurance.py machines    a chief and two workers, one of them killed; the weights end as without
python tests/endurance.py sharing     what two machines gain and cost, here on one
python tests/endurance.py seeds       accuracy by default settings, three seeds, 40 minutes
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from loopback import cluster

ROOT = Path(__file__).resolve().parent.parent
TASK = (sys.executable, "-m", "mlengine.trainer.task")
SMALL = [
    f"--hp-{name}={n}"
    for name, n in dict(conv1=4, conv2=8, conv3=8, conv4=8, conv5=8, conv6=8, dense=32).items()
]
KILLS = 20
FROM, TO = 50, 250  # steps between which the speed is measured
SEEDS = (0, 1, 2)
GOAL = 0.997


def main():
    parts = {"kills": kills, "machines": machines, "sharing": sharing, "seeds": seeds}
    if sys.argv[1:] not in [[name] for name in parts]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        try:
            sys.exit(0 if parts[sys.argv[1]](Path(folder)) else 1)
        finally:
            for process in started:
                process.kill()
                process.wait()


started = []


def start(folder, *arguments, task=None):
    """A job in a process of its own; its words go to a file beside its folder."""
    settings = {**os.environ, "TF_CONFIG": json.dumps(task)} if task else os.environ
    with open(f"{folder}.log", "a") as words:
        process = subprocess.Popen(
            [*TASK, "--job-dir", folder, *arguments], cwd=ROOT, env=settings, stdout=words, stderr=words
        )
    process.words = Path(f"{folder}.log")
    started.append(process)
    return process


def finish(*processes):
    for process in processes:
        if process.wait():
            sys.exit(f"{process.words.read_text()}\nexit status {process.returncode}")


def checkpoints(folder):
    """The names of what is in the folder, those being written included, oldest first."""
    return sorted(os.listdir(folder / "checkpoints")) if (folder / "checkpoints").exists() else []


def same_weights(folder, other):
    a, b = (dict(np.load(job / "checkpoints" / checkpoints(job)[-1])) for job in (folder, other))
    del a["state"], b["state"]  # these have the seconds in them
    assert a.keys() == b.keys()
    different = [name for name in a if not np.array_equal(a[name], b[name])]
    print(f"{len(a)} arrays ({sum(map(np.size, a.values())):,} numbers), {len(different)} of them different")
    return not different


def kills(here):
    """Half of them at a random moment, half while a checkpoint is being written."""
    length = ("--steps=6000", "--checkpoint-steps=10", *SMALL)
    finish(start(here / "whole", *length))
    chance = random.Random(0)
    halves = 0
    for k in range(1, KILLS + 1):
        process = start(here / "killed", *length)
        began = time.monotonic()
        wait_until_learning(here / "killed", process)
        if k % 2:
            time.sleep(chance.uniform(0, 5))
            when = "at a random moment"
        else:
            wait_until_writing(here / "killed", process)
            when = "while it wrote    "
        if process.poll() is not None:
            sys.exit(f"it was over before kill {k}: a longer run is needed")
        process.kill()
        process.wait()
        left = checkpoints(here / "killed")
        halves += left[-1].endswith(".aside")
        print(
            f"kill {k:2} {when} after {time.monotonic() - began:4.1f} s; the newest: {left[-1]}", flush=True
        )
    finish(start(here / "killed", *length))
    print(f"{KILLS} kills, {halves} of them left half a checkpoint; then the run went to its end")
    return same_weights(here / "whole", here / "killed") and halves > 0


def wait_until_learning(folder, process):
    """Until it has written a checkpoint of its own."""
    before = checkpoints(folder)
    while checkpoints(folder) == before and process.poll() is None:
        time.sleep(0.01)


def wait_until_writing(folder, process):
    while process.poll() is None and not any(name.endswith(".aside") for name in checkpoints(folder)):
        pass


def machines(here):
    length = ("--steps=400", "--checkpoint-steps=50", *SMALL)
    finish(*start_cluster(here / "whole", 3, *length))
    chief, first, second = start_cluster(here / "killed", 3, *length)
    while not any("step-00000100" in name for name in checkpoints(here / "killed")):
        if chief.poll() is not None:
            finish(chief)
        time.sleep(0.05)
    second.kill()
    second.wait()
    print("worker 1 is killed after step 100, and started again", flush=True)
    again = start(here / "killed", *length, task=second.task)
    finish(chief, first, again)
    print(chief.words.read_text())
    return same_weights(here / "whole", here / "killed")


def start_cluster(folder, count, *arguments):
    """A chief and workers, as many in all; each knows its task."""
    processes = []
    for task in cluster(count) if count > 1 else [None]:
        processes.append(start(folder, *arguments, task=task))
        processes[-1].task = task
    return processes


def sharing(here):
    """Both processes use the same cores here: what is left of the speed is what sharing costs."""
    print("network  parameters  machines  batch  steps/s  digits/s  kB a step")
    for name, network in ("small", SMALL), ("default", ()):
        for batch in 100, 400:
            for count in 1, 2:
                folder = here / f"{name}-{count}-{batch}"
                ends = f"--steps={TO}", "--checkpoint-steps=50", f"--hp-batch={batch}"
                processes = start_cluster(folder, count, *ends, *network)
                begin, end = (wait_for_step(folder, step, processes) for step in (FROM, TO))
                finish(*processes)
                speed = (TO - FROM) / (end[0] - begin[0])
                sent = (end[1] - begin[1]) / (TO - FROM) / 1000
                parameters = json.loads((folder / "report.json").read_text())["parameters"]
                print(
                    f"{name:7}  {parameters:10,}  {count:8}  {batch:5}  {speed:7.1f}  {speed * batch:8,.0f}  "
                    f"{sent:9,.0f}",
                    flush=True,
                )
    return True


def wait_for_step(folder, step, processes):
    """The time, and the bytes that have gone over the loopback, when it has been reached."""
    while not any(f"step-{step:08}" in name for name in checkpoints(folder)):
        if any(process.poll() for process in processes):
            finish(*processes)
        time.sleep(0.01)
    for line in Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return time.monotonic(), int(line.split()[9])


def seeds(here):
    found = []
    print("seed  test accuracy  wrong  validation accuracy  minutes")
    for seed in SEEDS:
        began = time.monotonic()
        finish(start(here / f"{seed}", f"--seed={seed}"))
        minutes = (time.monotonic() - began) / 60
        report = json.loads((here / f"{seed}" / "report.json").read_text())
        found.append(report["accuracy"])
        print(
            f"{seed:4}  {report['accuracy']:13.4f}  {report['wrong']:5}  "
            f"{report['validation_accuracy']:19.4f}  {minutes:7.1f}",
            flush=True,
        )
    print(f"mean  {statistics.mean(found):13.4f}  (goal: {GOAL})")
    return statistics.mean(found) >= GOAL


if __name__ == "__main__":
    main()
