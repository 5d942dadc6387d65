"""A job from its beginning, or from where it was, to its end."""

import contextlib
import hashlib
import importlib.metadata
import platform

import mnistdata
from mlengine.trainer import data, export, job, loop, machines, report
from mlengine.trainer.options import RATES
from startup import SIGNALLED, stop_requests

# options that may change before a job goes on; what it learns does not depend on them
MAY_CHANGE = ("job_dir", "data", "earlier_job", "require_gpu", "checkpoint_steps", "search", "trials")


def run(options):
    """The exit status."""
    machine, count = machines.this_machine()
    chief = machine == 0  # of several machines, the first one speaks and writes
    devices = machines.devices_here(options, count)
    if options.hp_batch < len(devices) * count:
        raise machines.WrongUse(
            f"--hp-batch {options.hp_batch} is too few for {len(devices) * count} devices."
        )
    folders = job.folders(options.job_dir)
    screen = report.Screen(chief)
    with job.lock(folders.job) if chief else contextlib.nullcontext() as lock:
        *digits, source = mnistdata.load(options.data)
        train_images, train_labels, test_images, test_labels = digits
        facts = describe(options, digits, devices, count)
        if chief:
            agree(folders, facts, chief)
        if result := job.read_json(folders.file("report.json")):
            if chief:
                report.tell_tuning_service(result["validation_accuracy"], result["best_step"])
            screen.say(f"This job is finished; a new one needs another --job-dir.\n{report.words(result)}")
            return 0
        screen.say(f"Digits: {source}. Devices: {count} x {', '.join(devices)}.")

        with machines.loss_of_others(machine, count):
            strategy = machines.strategy_for(devices, count)
            training = loop.Training(strategy, options, *data.split(train_images, train_labels))
            if checkpoint := job.newest_checkpoint(folders.checkpoints, screen.say):
                training.go_on(*checkpoint)
                screen.say(f"Going on after step {training.progress.step:,}.")
            agree(folders, facts, chief)  # the first machine has been there: now the others compare
            training.check_that_all_are_at_the_same_step()
            keeper = Keeper(folders, lock, screen, training) if chief else None
            if signal := train(training, keeper):
                screen.say(
                    f"Stopped after step {training.progress.step:,}. The same command goes on from there."
                )
                return SIGNALLED + signal
            if chief:
                keeper.finish(test_images, test_labels)
            training.wait_for_all_machines()
    return 0


def train(training, keeper):
    """To the end, or until a signal asks to stop: its number."""
    with stop_requests() as requests:
        for pause in training.run():
            if keeper:
                keeper.update(save=pause or requests)
            if requests:
                return requests[0]


class Keeper:
    """What the first machine does beside training: it keeps all that is worth keeping, and tells of it."""

    def __init__(self, folders, lock, screen, training):
        self.folders, self.lock, self.screen, self.training = folders, lock, screen, training
        with job.complaints(folders.logs):
            self.curves = report.Curves(folders.logs, seen=len(training.progress.history))
        screen.begin(training.progress)

    def update(self, save):
        """After every few steps."""
        progress = self.training.progress
        with job.complaints(self.folders.logs):
            self.curves.update(progress)
        self.screen.update(self.training)
        self.lock.renew()
        if save:
            if progress.history:
                report.tell_tuning_service(progress.best["accuracy"], progress.step)
            job.save_checkpoint(self.folders.checkpoints, progress.step, *self.training.snapshot())

    def finish(self, images, labels):
        """The test; then all that is needed to use the network."""
        Y = self.training.best_answers(images)  # the only time that the test digits are looked at
        result = {**report.result(Y, labels), **self.training.summary()}
        self.screen.say(report.words(result))
        with job.complaints(self.folders.job):
            self.curves.close(result, report.pictures(result, images, labels, Y))
            export.export(self.training.best_network(), self.folders.model)
        job.write_json(self.folders.file("report.json"), result)  # last: it says that the job is finished
        self.screen.say(f"All of it is in {self.folders.job}.")


def describe(options, digits, devices, count):
    """What a job is made of: all that is needed to repeat it."""
    return {
        "options": vars(options),
        "learning_rate": options.hp_rate or RATES[options.hp_optimizer],
        "digits": hashlib.sha256(b"".join(array.tobytes() for array in digits)).hexdigest(),
        "machines": count,
        "devices": devices,
        "versions": {
            "python": platform.python_version(),
            "system": platform.platform(),
            **{name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "numpy")},
        },
    }


def agree(folders, facts, chief):
    """A folder has one job: what it is made of is noted there; who goes on or helps must have the same."""
    noted = job.read_json(folders.file("job.json"))
    if not noted and chief:
        job.write_json(folders.file("job.json"), facts)
        return
    if not noted:
        raise machines.WrongUse(f"{folders.job}: not the first machine's folder, which all of them need.")
    then, now = noted.get("options", {}), facts["options"]
    changes = [
        f"--{name.replace('_', '-')} was {then.get(name)}, is {now[name]}"
        for name in now
        if name not in MAY_CHANGE and now[name] != then.get(name)
    ]
    if noted.get("digits") != facts["digits"]:
        changes.append("other digits")
    if changes:
        raise machines.WrongUse(
            f"{folders.job}: another job is there ({'; '.join(changes)}). Take another --job-dir."
        )
