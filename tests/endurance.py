"""What takes too long for a test: is the trainer of mlengine as accurate and as robust as its README claims?

python tests/endurance.py kills       20 kills at random times; the same final weights as without
python tests/endurance.py machines    a chief and two workers, one of them killed; the same final weights
python tests/endurance.py sharing     what two machines gain and cost, here on one
python tests/endurance.py seeds       accuracy by default settings, three seeds, 40 minutes
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import processes
from jobs import SMALL, TASK, different, newest
from loopback import cluster

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
    """A job in a process of its own; its output goes to a file beside its folder."""
    config = json.dumps(task) if task else None
    with open(f"{folder}.log", "a") as log:
        command = (*TASK, "--job-dir", folder, *arguments)
        process = processes.start(*command, stdout=log, stderr=log, TF_CONFIG=config)
    process.log = Path(f"{folder}.log")
    started.append(process)
    return process


def finish(*jobs):
    for process in jobs:
        if process.wait():
            sys.exit(f"{process.log.read_text()}\nexit status {process.returncode}")


def checkpoints(folder):
    """The names of what is in the folder, those being written included, oldest first."""
    return sorted(os.listdir(folder / "checkpoints")) if (folder / "checkpoints").exists() else []


def same_weights(folder, other):
    (_, a), (_, b) = newest(folder), newest(other)
    count, names = sum(array.size for array in a.values()), different(a, b)
    print(f"{len(a)} arrays ({count:,} numbers), {len(names)} of them different")
    return not names


def kills(here):
    """Half of them at a random time, half while a checkpoint is being written."""
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
            when = "at a random time   "
        else:
            wait_until_writing(here / "killed", process)
            when = "while it was saving"
        if process.poll() is not None:
            sys.exit(f"the run ended before kill {k}: a longer one is needed")
        process.kill()
        process.wait()
        left = checkpoints(here / "killed")
        halves += left[-1].endswith(".aside")
        print(
            f"kill {k:2} {when} after {time.monotonic() - began:4.1f} s; the newest: {left[-1]}", flush=True
        )
    finish(start(here / "killed", *length))
    print(f"{KILLS} kills, {halves} of them left half a checkpoint; then the run finished")
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
    print(chief.log.read_text())
    return same_weights(here / "whole", here / "killed")


def start_cluster(folder, count, *arguments):
    """A chief and workers, as many in all; each knows its task."""
    jobs = []
    for task in cluster(count) if count > 1 else [None]:
        jobs.append(start(folder, *arguments, task=task))
        jobs[-1].task = task
    return jobs


def sharing(here):
    """Both processes use the same cores here: what is left of the speed is what sharing costs."""
    print("network  parameters  machines  batch  steps/s  digits/s  kB a step")
    for name, network in ("small", SMALL), ("default", ()):
        for batch in 100, 400:
            for count in 1, 2:
                folder = here / f"{name}-{count}-{batch}"
                ends = f"--steps={TO}", "--checkpoint-steps=50", f"--hp-batch={batch}"
                jobs = start_cluster(folder, count, *ends, *network)
                begin, end = (wait_for_step(folder, step, jobs) for step in (FROM, TO))
                finish(*jobs)
                speed = (TO - FROM) / (end[0] - begin[0])
                sent = (end[1] - begin[1]) / (TO - FROM) / 1000
                parameters = json.loads((folder / "report.json").read_text())["parameters"]
                print(
                    f"{name:7}  {parameters:10,}  {count:8}  {batch:5}  {speed:7.1f}  {speed * batch:8,.0f}  "
                    f"{sent:9,.0f}",
                    flush=True,
                )
    return True


def wait_for_step(folder, step, jobs):
    """The time, and the bytes sent over the loopback, when the step has been reached."""
    while not any(f"step-{step:08}" in name for name in checkpoints(folder)):
        if any(process.poll() for process in jobs):
            finish(*jobs)
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
