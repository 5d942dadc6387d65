"""What takes too long for a test: is the trainer of mlengine as good and as tough as its README says?

python tests/endurance.py kills       20 kills at random moments; the weights end as without them
python tests/endurance.py machines    a chief and two workers, one of them killed; then what sharing costs
python tests/endurance.py seeds       accuracy by default settings, three seeds, three quarters of an hour
"""

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
TASK = (sys.executable, "-m", "mlengine.trainer.task")
SMALL = [
    f"--hp-{name}={n}" for name, n in dict(conv1=4, conv2=8, conv3=8, conv4=8, conv5=8, dense=32).items()
]
KILLS = 20
SEEDS = (0, 1, 2)
MEASURED = 100  # steps


def start(folder, *arguments, task=None):
    """A job in a process of its own; its words go to a file beside its folder."""
    settings = {**os.environ, "TF_CONFIG": json.dumps(task)} if task else os.environ
    with open(f"{folder}.log", "a") as words:
        return subprocess.Popen(
            [*TASK, "--job-dir", folder, *arguments], cwd=ROOT, env=settings, stdout=words, stderr=words
        )


def finish(*processes):
    for process in processes:
        if process.wait():
            sys.exit(f"{' '.join(map(str, process.args))}: exit status {process.returncode}")


def weights(folder):
    *_, newest = sorted((folder / "checkpoints").glob("step-*.npz"))
    found = dict(np.load(newest))
    found.pop("state")  # has the seconds in it
    return found


def compare(folder, other):
    a, b = weights(folder), weights(other)
    assert a.keys() == b.keys()
    different = [name for name in a if not np.array_equal(a[name], b[name])]
    print(f"{len(a)} arrays ({sum(map(np.size, a.values())):,} numbers), {len(different)} of them different")
    return not different


# ------------------------------------------------------------------------------------------------------ kills


def kills(here):
    """Half of them at a random moment, half while a checkpoint is being written."""
    length = ("--steps=3000", "--checkpoint-steps=10", *SMALL)
    started = time.monotonic()
    finish(start(here / "whole", *length))
    seconds = time.monotonic() - started
    chance = random.Random(0)
    while_writing = 0
    for k in range(KILLS):
        process = start(here / "killed", *length)
        began = time.monotonic()
        if k % 2:
            moment = chance.uniform(0, seconds / 6)
            time.sleep(moment)
            when = f"after {moment:.2f} s"
        else:
            first = chance.randrange(1, 12)  # of the checkpoints that are written
            seen = wait_until_writing(here / "killed" / "checkpoints", process, first)
            when = (
                f"after {time.monotonic() - began:.2f} s, while checkpoint {first} of this life was written"
            )
            assert seen or process.poll() is not None
        alive = process.poll() is None
        process.kill()
        process.wait()
        left = sorted(path.name for path in (here / "killed" / "checkpoints").glob("*"))
        while_writing += any(name.endswith(".aside") for name in left)
        newest = left[-1] if left else "no checkpoint yet"
        print(f"kill {k + 1:2} {when}: {newest}{'' if alive else ', too late'}", flush=True)
    finish(start(here / "killed", *length))
    print(
        f"{KILLS} kills, {while_writing} of them left half a checkpoint behind; then the run went to its end"
    )
    return compare(here / "whole", here / "killed")


def wait_until_writing(folder, process, count):
    seen, writing = 0, False
    while process.poll() is None:
        now = any(name.endswith(".aside") for name in (os.listdir(folder) if folder.exists() else []))
        seen += now and not writing
        writing = now
        if seen >= count and writing:
            return True
    return False


# --------------------------------------------------------------------------------------------------- machines


def machines(here):
    good = True
    length = ("--steps=400", "--checkpoint-steps=50", "--hp-batch=99", *SMALL)
    finish(*cluster(here / "whole", 3, *length))
    processes = cluster(here / "killed", 3, *length)
    while not list((here / "killed" / "checkpoints").glob("step-*100.npz")):
        time.sleep(0.05)
    processes[2].kill()
    print("worker 1 killed after step 100, and started again")
    processes[2].wait()
    processes[2] = start(here / "killed", *length, task=processes[2].task)
    finish(*processes)
    print((here / "killed.log").read_text())
    good &= compare(here / "whole", here / "killed")

    print("network  machines  batch  steps/s  digits/s  kB a step")
    for name, network in ("small", SMALL), ("default", ()):
        for count in (1, 2):
            for batch in (100, 400):
                folder = here / f"{name}-{count}-{batch}"
                before = bytes_sent()
                finish(*cluster(folder, count, f"--steps={MEASURED}", f"--hp-batch={batch}", *network))
                sent = (bytes_sent() - before) / MEASURED
                speed = MEASURED / json.loads((folder / "report.json").read_text())["seconds"]
                print(
                    f"{name:7}  {count:8}  {batch:5}  {speed:7.1f}  {speed * batch:8.0f}  {sent / 1000:9.0f}",
                    flush=True,
                )
    return good


def cluster(folder, count, *arguments):
    """A chief and workers on this machine, as many in all."""
    if count == 1:
        return [start(folder, *arguments)]
    hosts = [f"127.0.0.1:{port}" for port in free_ports(count)]
    names = {"chief": hosts[:1], "worker": hosts[1:]}
    processes = []
    for kind, index in [("chief", 0), *(("worker", k) for k in range(count - 1))]:
        task = {"cluster": names, "task": {"type": kind, "index": index}}
        processes.append(start(folder, *arguments, task=task))
        processes[-1].task = task
    return processes


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def bytes_sent():
    """Over the loopback, by everybody, since the machine was started."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split()[9])


# ------------------------------------------------------------------------------------------------------ seeds


def seeds(here):
    found = []
    print("seed  test accuracy  wrong  validation accuracy  minutes")
    for seed in SEEDS:
        folder = here / f"seed-{seed}"
        started = time.monotonic()
        finish(start(folder, f"--seed={seed}"))
        minutes = (time.monotonic() - started) / 60
        report = json.loads((folder / "report.json").read_text())
        found.append(report["accuracy"])
        print(
            f"{seed:4}  {report['accuracy']:13.4f}  {report['wrong']:5}  "
            f"{report['validation_accuracy']:19.4f}  {minutes:7.1f}",
            flush=True,
        )
    print(f"mean  {statistics.mean(found):13.4f}")
    return True


if __name__ == "__main__":
    parts = {"kills": kills, "machines": machines, "seeds": seeds}
    if sys.argv[1:] not in [[name] for name in parts]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if parts[sys.argv[1]](Path(folder)) else "the weights differ")
