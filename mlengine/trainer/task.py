"""Trains a network that reads handwritten digits, as a job: here or in the cloud, on one machine or several.

    python -m mlengine.trainer.task                                  the best network, in a quarter of an hour
    python -m mlengine.trainer.task --epochs 1 --job-dir first-try   a first try
    python -m mlengine.trainer.task --model dense --job-dir dense    lesson 2.2's network

The same command goes on with a job that was stopped or killed, and says how good a finished one is.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import signal
import sys

import mnistdata
import tensorflowvisu
from mlengine.trainer import options as command_line

# options that may change before a job goes on; what it learns does not depend on them
MAY_CHANGE = ("job_dir", "data", "repeat", "require_gpu", "checkpoint_steps", "search", "trials")
STARTED = "MNIST_JOB_STARTED"  # in the environment: how often this process has started again
MOST_STARTS = 20
SIGNALLED = 128  # exit status: this plus the signal's number, as shells have it


def main(arguments=None):
    sys.excepthook = tensorflowvisu.quiet_endings
    arguments = sys.argv[1:] if arguments is None else arguments
    options = command_line.parse(__doc__, arguments)
    if options.search:
        from mlengine.trainer import search

        sys.exit(search.search(options, arguments))
    tensorflowvisu.start_tensorflow()
    import tensorflow as tf

    from mlengine.trainer import job, loop

    machine, machines = this_machine()
    try:
        sys.exit(run(options, machine, machines))
    except (job.JobError, loop.Diverged, mnistdata.DigitsError) as fault:
        sys.exit(str(fault))
    except tf.errors.OpError as fault:
        if machines == 1:
            raise
        start_again(fault, machine)


def start_again(fault, machine):
    """Another machine is lost: this one starts from its beginning too; they meet at the last checkpoint."""
    started = int(os.environ.get(STARTED, 1))
    reason = str(fault.message).strip().splitlines()[-1]
    if started == MOST_STARTS:
        sys.exit(f"Machine {machine} gives up after {started} starts: {reason}")
    print(f"Machine {machine} lost touch with another one, and starts again.", file=sys.stderr, flush=True)
    os.environ[STARTED] = str(started + 1)
    os.execv(sys.executable, [sys.executable, "-m", "mlengine.trainer.task", *sys.argv[1:]])


def run(options, machine, machines):
    """The whole job; its exit status."""
    from mlengine.trainer import data, job, loop, report

    folders = job.folders(options.job_dir)
    chief = machine == 0  # of several machines, the first one speaks and writes
    screen = report.Screen(chief)
    devices = start_devices(options)
    if chief:
        lock = job.Lock(folders.job)
    train_images, train_labels, test_images, test_labels, source = mnistdata.load(options.data)
    if chief:
        agree(folders, describe(options, train_images, devices, machines))
    if finished := job.read_json(folders.file("report.json")):
        screen.say(f"This job is finished; a new one needs another --job-dir.\n{report.words(finished)}")
        return 0
    screen.say(f"Digits: {source}. Devices: {machines} x {', '.join(devices)}.")

    strategy = choose_strategy(devices, machines)
    training = loop.Training(strategy, options, *data.split(train_images, train_labels))
    if found := job.newest_checkpoint(folders.checkpoints, screen.say):
        training.go_on(*found)
        screen.say(f"Going on after step {training.progress.step:,}.")
    if chief:
        with job.complaints(folders.logs):
            curves = report.Curves(folders.logs, seen=len(training.progress.history))
    with heard_signals() as heard:
        for pause in training.run():
            if chief and (pause or heard):
                job.save_checkpoint(folders.checkpoints, training.progress.step, *training.snapshot())
                lock.renew()
            if chief:
                with job.complaints(folders.logs):
                    curves.update(training.progress)
                screen.update(training)
            if heard:
                screen.say(
                    f"Stopped after step {training.progress.step:,}. The same command goes on from there."
                )
                return SIGNALLED + heard[0]

    network = training.best_network()
    Y = training.probabilities(test_images)  # the only time that these digits are looked at
    found = {**report.result(Y, test_labels), **training.summary()}
    screen.say(report.words(found))
    if chief:
        keep(folders, found, network, curves, report.pictures(found, test_images, test_labels, Y))
        screen.say(f"All of it is in {folders.job}.")
    training.wait_for_all_machines()
    return 0


def keep(folders, found, network, curves, pictures):
    from mlengine.trainer import export, job

    with job.complaints(folders.job):
        curves.close(found, pictures)
        export.export(network, folders.model)
    job.write_json(folders.file("report.json"), found)  # last: it says that the job is finished


# --------------------------------------------------------------------------------------- machines and devices


def this_machine():
    """Its number, and how many there are; TF_CONFIG names them where they are several."""
    config = os.environ.get("TF_CONFIG") or "{}"
    try:
        cluster, task = json.loads(config).get("cluster", {}), json.loads(config).get("task", {})
        names = [(kind, k) for kind in ("chief", "worker") for k in range(len(cluster.get(kind, [])))]
        return (names.index((task["type"], int(task["index"]))), len(names)) if names else (0, 1)
    except (ValueError, TypeError, KeyError, AttributeError):
        sys.exit(f"TF_CONFIG does not say which of a chief and workers this machine is: {config}")


def start_devices(options):
    """The names of those that will train here."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
    if options.require_gpu:
        sys.exit(
            "--require-gpu: TensorFlow sees no GPU here. It needs NVIDIA's driver, and: "
            'python -m pip install "tensorflow[and-cuda]"'
        )
    if options.virtual_devices == 1:
        return ["CPU"]
    parts = [tf.config.LogicalDeviceConfiguration()] * options.virtual_devices
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], parts)
    return [f"CPU:{k}" for k in range(options.virtual_devices)]


def choose_strategy(devices, machines):
    """How the devices work together."""
    import tensorflow as tf

    if machines > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in tf.config.list_logical_devices()])
    return tf.distribute.get_strategy()  # the one device there is


@contextlib.contextmanager
def heard_signals():
    """The requests to stop (Ctrl-C, or SIGTERM before a machine goes), to be heeded between two steps."""
    heard = []

    def hear(number, frame):
        if heard:
            raise KeyboardInterrupt  # the second one: at once
        heard.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# -------------------------------------------------------------------------------------- what a job is made of


def describe(options, train_images, devices, machines):
    """All that is needed to repeat a run."""
    return {
        "options": vars(options),
        "digits": hashlib.sha256(train_images.tobytes()).hexdigest(),
        "machines": machines,
        "devices": devices,
        "versions": {
            "python": platform.python_version(),
            "system": platform.platform(),
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "numpy")},
        },
    }


def agree(folders, facts):
    """Note what this job is made of; if the folder has a job already, it must be the same one."""
    from mlengine.trainer import job

    found = job.read_json(folders.file("job.json"))
    if not found:
        return job.write_json(folders.file("job.json"), facts)
    then, now = found["options"], facts["options"]
    changes = [
        f"--{name.replace('_', '-')} {then.get(name)}, now {now[name]}"
        for name in now
        if name not in MAY_CHANGE and now[name] != then.get(name)
    ]
    if found["digits"] != facts["digits"]:
        changes.append("other digits")
    if changes:
        sentence = f"a job with other options is there ({'; '.join(changes)}). Take another --job-dir."
        raise job.JobError(f"{folders.job}: {sentence}")


if __name__ == "__main__":
    main()
