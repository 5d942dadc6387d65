"""A job from its start, or from its last checkpoint, to its end."""

import contextlib
import hashlib
import platform

import keras
import numpy
import tensorflow

import mnistdata
from mlengine.trainer import (
    card,
    checkpoints,
    data,
    export,
    forms,
    job_folder,
    job_lock,
    loop,
    machines,
    report,
)
from mlengine.trainer.options import MAY_CHANGE, flag, highest_rate
from startup import SIGNALLED, stop_requests


def run(options):
    """The exit status."""
    machine, addresses = machines.this_machine()
    count = len(addresses) or 1
    devices = machines.devices_here(options, count)
    if options.hp_batch < len(devices) * count:
        raise machines.WrongUse(
            f"--hp-batch {options.hp_batch} is too few for {len(devices) * count} devices."
        )
    folders = job_folder.folders(options.job_dir)
    if machine > 0:
        return work(options, folders, devices, machine, addresses)
    check_not_occupied(folders)
    with job_lock.lock(folders.job) as lock:
        return work(options, folders, devices, machine, addresses, Chief(folders, lock))


def work(options, folders, devices, machine, addresses, chief=None):
    """What every machine does. The first one has a chief, which also prints, saves and reports."""
    *digits, source = mnistdata.load(options.data)
    check_enough(digits, source)
    facts = describe(options, digits, source, devices, len(addresses) or 1)
    if chief:
        chief.start_job(facts)
    if (result := job_folder.read_json(folders.file("report.json"))) is not None:
        if chief:
            chief.repeat_report(result)
        return 0
    say = chief.console.say if chief else no_matter
    say(f"Digits: {source}. Devices: {facts['machines']} x {', '.join(devices)}.")
    with stop_requests() as requests:
        try:
            machines.wait_for_others(machine, addresses, requests)
            with machines.other_machine_lost(machine, addresses, requests):
                learn(options, folders, devices, digits, facts, chief, say, requests)
        except machines.Stopped as stopped:
            (chief.console.say if chief else print)(f"{stopped} The same command resumes the job.")
            # 143 after SIGTERM, also on the machines that only heard of it. Any program that does not handle
            # this signal ends with it, so whatever the service does after its own SIGTERM, it does for 143.
            # 0 would mean that the job is finished; 134 and 139, which it retries, that the program crashed.
            return SIGNALLED + stopped.signal
    return 0


def no_matter(sentence):
    """Said by the chief alone."""


def learn(options, folders, devices, digits, facts, chief, say, requests):
    """From the last checkpoint, or from the start, to the report."""
    train_images, train_labels, test_images, test_labels = digits
    strategy = machines.strategy_for(devices, facts["machines"])
    training = loop.Training(strategy, options, *data.split(train_images, train_labels))
    check_same_job(folders, facts)  # the first machine wrote it before the others could see that machine
    if checkpoint := checkpoints.newest(folders.checkpoints, training.fits, say):
        training.restore(*checkpoint)
        say(f"Resumed after step {training.progress.step:,}.")
    training.machines.check_same_steps(training.progress.step, training.save_every)
    turns = chief.watch(training) if chief else training.run()
    signal = train(turns, training, requests)
    if signal:
        if chief:
            chief.save(training)
        with contextlib.suppress(*machines.GONE):  # if one ended now, the service might end one that saves
            training.machines.wait()
        raise machines.Stopped(signal, f"Stopped after step {training.progress.step:,}.")
    # a signal from here on does not stop the job: it is finished within seconds
    if chief:
        chief.finish(training, test_images, test_labels)
    training.machines.wait()


def train(turns, training, requests):
    """To the end, or until a signal asks this machine, or another, to stop: all stop after the same step."""
    while not (signal := training.machines.asked_to_stop(requests)):
        if next(turns, None) is None:
            return None
    return signal


class Chief:
    """What only the first machine does: it prints, saves and reports."""

    def __init__(self, folders, lock):
        self.folders, self.lock, self.console = folders, lock, report.Console()

    def start_job(self, facts):
        self.facts = facts
        if not job_folder.exists(self.folders.file("job.json")):
            job_folder.write_json(self.folders.file("job.json"), facts)
        check_same_job(self.folders, facts)

    def repeat_report(self, result):
        if not report.is_report(result):
            path = self.folders.file("report.json")
            raise job_folder.JobError(f"{path} is damaged. Choose another --job-dir.")
        report.report_to_tuning_service(result["validation_accuracy"], result["best_step"])
        self.console.say(f"This job is finished; a new one needs another --job-dir.\n{report.text(result)}")

    def watch(self, training):
        """Training, with what is to be done after every few steps."""
        with job_folder.file_errors(self.folders.logs):
            seen = max(0, len(training.progress.history) - 1)  # the last one may be missing
            self.log = report.TensorBoardLog(self.folders.logs, seen)
        self.console.start(training.progress)
        for save in training.run():
            self.update(training, save)
            yield save

    def update(self, training, save):
        """It saves before anything may fail but the lock: another job may have it."""
        self.lock.renew()
        if save:
            self.save(training)
        with job_folder.file_errors(self.folders.logs):
            self.log.update(training.progress)
        self.console.update(training)

    def save(self, training):
        progress = training.progress
        checkpoints.save(self.folders.checkpoints, progress.step, *training.snapshot())
        if progress.history:
            report.report_to_tuning_service(progress.best["accuracy"], progress.step)

    def finish(self, training, images, labels):
        """The test; then all that is needed to use the network."""
        Y = training.best_answers(images)  # the only time that the test digits are looked at
        result = {**report.result(Y, labels), **training.summary()}
        self.console.say(report.text(result))
        report.report_to_tuning_service(result["validation_accuracy"], result["steps"])
        with job_folder.file_errors(self.folders.job):
            counts = len(training.digits[1]), len(training.validation[1])
            words = card.text(result, self.facts, *counts)
            export.export(training.best_network(), self.folders.model, words)
            self.log.close(result, report.pictures(result, images, labels, Y))
        job_folder.write_json(self.folders.file("report.json"), result)  # last: the job is finished
        self.console.say(f"All of it is in {self.folders.job}.")


def check_enough(digits, source):
    """A tenth of the training digits are for validation."""
    if len(digits[1]) < 10:
        raise machines.WrongUse(f"{len(digits[1])} training digits ({source}) are too few: 10 are needed.")


def describe(options, digits, source, devices, count):
    """What a job is made of: all that is needed to repeat it."""
    return {
        "options": vars(options),
        "learning_rate": highest_rate(options),
        "source": source,
        "digits": hashlib.sha256(b"".join(array.tobytes() for array in digits)).hexdigest(),
        "machines": count,
        "devices": devices,
        "versions": {
            "python": platform.python_version(),
            "system": platform.platform(),
            **{library.__name__: library.__version__ for library in (tensorflow, keras, numpy)},
        },
    }


def check_not_occupied(folders):
    """Without a job.json, whatever is in the folder belongs to something else, and is not overwritten."""
    if job_folder.exists(folders.file("job.json")):
        return
    others = folders.file("report.json"), folders.checkpoints, folders.logs
    for path in (*others, *export.places(folders.model)):
        if job_folder.is_occupied(path):
            raise machines.WrongUse(
                f"{path} is there, but no job.json: it is not from this trainer. Choose another --job-dir."
            )


def check_same_job(folders, facts):
    """A folder has one job: a machine that resumes it, or takes part in it, must have the same options."""
    path = folders.file("job.json")
    if not job_folder.exists(path):
        raise machines.WrongUse(f"{folders.job} is not the first machine's folder, which all of them need.")
    noted = job_folder.read_json(path)
    if not forms.has_form(noted, {"options": {}}):
        raise machines.WrongUse(f"{path} is not from this trainer. Choose another --job-dir.")
    then, now = noted["options"], facts["options"]
    changes = [
        f"{flag(name)} was {then.get(name)!r:.60}, is {now[name]!r}"
        for name in now
        if name not in MAY_CHANGE and now[name] != then.get(name)
    ]
    if noted.get("digits") != facts["digits"]:
        changes.append("other digits")
    if changes:
        raise machines.WrongUse(
            f"{folders.job} has another job ({'; '.join(changes)}). Choose another --job-dir."
        )
