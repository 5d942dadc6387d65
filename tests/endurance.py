"""What takes too long for a test: is the trainer of mlengine as robust as its README claims?

python tests/endurance.py kills       20 kills at random times; the same final weights as without
python tests/endurance.py stops       told to stop 20 times, one machine and three; the same final weights
python tests/endurance.py machines    a chief and two workers, one of them killed; the same final weights
python tests/endurance.py sharing     what two machines gain and cost, here on one
python tests/endurance.py agreeing    what it costs several machines to agree whether to stop
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import processes
import told
from jobs import SMALL, TASK, different, newest
from loopback import cluster
from processes import ROOT

KILLS = 20
FROM, TO = 50, 250  # steps between which the speed is measured


def main():
    parts = {part.__name__: part for part in (kills, stops, machines, sharing, agreeing)}
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


def start(folder, *arguments, task=None, program=TASK):
    """A job in a process of its own; its output goes to a file beside its folder."""
    config = json.dumps(task) if task else None
    with open(f"{folder}.log", "a") as log:
        command = (*program, "--job-dir", folder, *arguments)
        process = processes.start(*command, stdout=log, stderr=log, TF_CONFIG=config, PYTHONPATH=ROOT)
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
        halves += left[-1].endswith(".tmp")
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
    while process.poll() is None and not any(name.endswith(".tmp") for name in checkpoints(folder)):
        pass


def stops(here):
    """Each job is told to stop at one place after the other, and resumes each time."""
    length = ("--steps=330", "--checkpoint-steps=30", "--hp-batch=1000", *SMALL)
    print("machines  told       signal   where                  status  after step")
    stopped, same = 0, True
    for count, who in TOLD:
        options = (*length, *(("--virtual-devices=2",) if count == 1 else ()))
        whole, folder = here / f"whole-{count}", here / f"{count}-{'-'.join(map(str, who))}"
        if not whole.exists():
            finish(*start_cluster(whole, count, *options))
        for place in told.PLACES:
            number = (signal.SIGTERM, signal.SIGINT)[stopped % 2]
            same &= stop(folder, count, who, number, place, *options)
            stopped += 1
        finish(*start_cluster(folder, count, *options))
        same &= same_weights(whole, folder)
    print(f"{stopped} stops")
    return same


TOLD = (1, [0]), (3, [0]), (3, [2]), (3, [0, 2])  # of so many machines, which are told


def stop(folder, count, who, number, place, *arguments):
    """One row of the table: do all end with the status of the signal, after the same step?"""
    mark, log = folder.with_name(f"{folder.name}.mark"), folder.with_name(f"{folder.name}.log")
    mark.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    program = (ROOT / "tests" / "told.py", place, mark)
    jobs = start_cluster(folder, count, *arguments, program=program)
    while not mark.exists():
        if any(process.poll() is not None for process in jobs):
            finish(*jobs)
            sys.exit(f"{folder}: ended before it was {place}")
        time.sleep(0.001)
    for k in who:
        jobs[k].send_signal(number)
    statuses = {process.wait() for process in jobs}
    step = newest(folder)[0]["step"]
    names = "both" if len(who) > 1 else "worker" if who[0] else "chief" if count > 1 else "it"
    status = " ".join(map(str, statuses))
    print(f"{count:8}  {names:9}  {number.name:7}  {place:21}  {status:>6}  {step:10}", flush=True)
    return statuses == {128 + number} and log.read_text().count(f"Stopped after step {step}.") == count


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


def start_cluster(folder, count, *arguments, program=TASK):
    """A chief and workers, as many in all; each knows its task."""
    jobs = []
    for task in cluster(count) if count > 1 else [None]:
        jobs.append(start(folder, *arguments, task=task, program=program))
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


# the trainer, which at its end prints the medians of what agreeing takes, and of ten steps with it
AGREEING = """
import atexit, statistics, time
import startup
startup.start_tensorflow()
from mlengine.trainer import machines, task

ask, times = machines.Agreement.asked_to_stop, []

def timed(*arguments):
    times.append(time.perf_counter())
    answer = ask(*arguments)
    times.append(time.perf_counter())
    return answer

def report():
    asked = [1000 * (times[k + 1] - times[k]) for k in range(10, len(times) - 4, 2)]
    whole = [1000 * (times[k + 2] - times[k]) for k in range(10, len(times) - 4, 2)]
    print(f"medians {statistics.median(asked):.2f} {statistics.median(whole):.1f}", flush=True)

machines.Agreement.asked_to_stop = timed
atexit.register(report)
task.main()
"""


def agreeing(here):
    """On the machine that waits least for the others: the last to ask gets its answer at once."""
    print("network  machines  agreeing, ms  ten steps, ms")
    for name, network in ("small", SMALL), ("default", ()):
        for count in 2, 3:
            folder = here / f"{name}-{count}"
            finish(*start_cluster(folder, count, "--steps=400", *network, program=("-c", AGREEING)))
            lines = folder.with_name(f"{folder.name}.log").read_text().splitlines()
            medians = [[*map(float, line.split()[1:])] for line in lines if line.startswith("medians ")]
            agree, steps = min(medians)
            print(f"{name:7}  {count:8}  {agree:12.2f}  {steps:13.0f}", flush=True)
    return True


if __name__ == "__main__":
    main()
