"""A job from its start, or from its last checkpoint, to its end."""

import contextlib
import hashlib
import platform

import keras
import numpy
import tensorflow

import mnistdata
from mlengine.trainer import data, export, forms, job, loop, machines, report
from mlengine.trainer.options import flag, highest_rate
from startup import SIGNALLED, stop_requests

# options that may change before a job resumes; what it learns does not depend on them
MAY_CHANGE = ("job_dir", "data", "earlier_job", "require_gpu", "checkpoint_steps", "search", "trials")


def run(options):
    """The exit status."""
    machine, addresses = machines.this_machine()
    count = len(addresses) or 1
    devices = machines.devices_here(options, count)
    if options.hp_batch < len(devices) * count:
        raise machines.WrongUse(
            f"--hp-batch {options.hp_batch} is too few for {len(devices) * count} devices."
        )
    folders = job.folders(options.job_dir)
    if machine > 0:
        return work(options, folders, devices, machine, addresses, Worker())
    check_not_occupied(folders)
    with job.lock(folders.job) as lock:
        return work(options, folders, devices, machine, addresses, Chief(folders, lock))


def work(options, folders, devices, machine, addresses, role):
    """What every machine does; all that only the first one does is in its role."""
    *digits, source = mnistdata.load(options.data)
    check_enough(digits, source)
    facts = describe(options, digits, devices, len(addresses) or 1)
    role.start_job(facts)
    if (result := job.read_json(folders.file("report.json"))) is not None:
        role.repeat_report(result)
        return 0
    role.say(f"Digits: {source}. Devices: {facts['machines']} x {', '.join(devices)}.")
    with stop_requests() as requests:
        try:
            machines.wait_for_others(machine, addresses, requests)
            with machines.other_machine_lost(machine, addresses, requests):
                learn(options, folders, devices, digits, facts, role, requests)
        except machines.Stopped as stopped:
            role.stopped(f"{stopped} The same command resumes the job.")
            # 143 after SIGTERM, also on the machines that only heard of it. Any program that does not handle
            # this signal ends with it, so whatever the service does after its own SIGTERM, it does for 143.
            # 0 would mean that the job is finished; 134 and 139, which it retries, that the program crashed.
            return SIGNALLED + stopped.signal
    return 0


def learn(options, folders, devices, digits, facts, role, requests):
    """From the last checkpoint, or from the start, to the report."""
    train_images, train_labels, test_images, test_labels = digits
    strategy = machines.strategy_for(devices, facts["machines"])
    training = loop.Training(strategy, options, *data.split(train_images, train_labels))
    check_same_job(folders, facts)  # the first machine wrote it before the others could see that machine
    if checkpoint := job.newest_checkpoint(folders.checkpoints, training.fits, role.say):
        training.restore(*checkpoint)
        role.say(f"Resumed after step {training.progress.step:,}.")
    training.check_that_all_machines_agree()
    role.start_training(training)
    train(training, role, requests)
    # a signal from here on does not stop the job: it is finished within seconds
    role.finish(training, test_images, test_labels)
    training.wait_for_all_machines()


def train(training, role, requests):
    """To the end, or until a signal asks this machine, or another, to stop: all stop after the same step."""
    turns = training.run()
    while not (signal := training.asked_to_stop(requests)):
        save = next(turns, None)
        if save is None:
            return
        role.update(training, save)
    role.save(training)
    with contextlib.suppress(*machines.GONE):  # if one ended now, the service might end those that are saving
        training.wait_for_all_machines()
    raise machines.Stopped(signal, f"Stopped after step {training.progress.step:,}.")


class Chief:
    """The role of the first machine: besides training, it prints, saves and reports."""

    def __init__(self, folders, lock):
        self.folders, self.lock, self.screen = folders, lock, report.Screen()

    def say(self, sentence):
        self.screen.say(sentence)

    def stopped(self, sentence):
        self.say(sentence)

    def start_job(self, facts):
        if not job.exists(self.folders.file("job.json")):
            job.write_json(self.folders.file("job.json"), facts)
        check_same_job(self.folders, facts)

    def repeat_report(self, result):
        if not forms.has_form(result, report.FORM):
            raise job.JobError(f"{self.folders.file('report.json')} is damaged. Choose another --job-dir.")
        report.report_to_tuning_service(result["validation_accuracy"], result["best_step"])
        self.say(f"This job is finished; a new one needs another --job-dir.\n{report.text(result)}")

    def start_training(self, training):
        with job.file_errors(self.folders.logs):
            seen = max(0, len(training.progress.history) - 1)  # the last one may be missing
            self.curves = report.Curves(self.folders.logs, seen)
        self.screen.start(training.progress)

    def update(self, training, save):
        """After every few steps. It saves before anything may fail but the lock: another job may have it."""
        self.lock.renew()
        if save:
            self.save(training)
        with job.file_errors(self.folders.logs):
            self.curves.update(training.progress)
        self.screen.update(training)

    def save(self, training):
        progress = training.progress
        job.save_checkpoint(self.folders.checkpoints, progress.step, *training.snapshot())
        if progress.history:
            report.report_to_tuning_service(progress.best["accuracy"], progress.step)

    def finish(self, training, images, labels):
        """The test; then all that is needed to use the network."""
        Y = training.best_answers(images)  # the only time that the test digits are looked at
        result = {**report.result(Y, labels), **training.summary()}
        self.say(report.text(result))
        report.report_to_tuning_service(result["validation_accuracy"], result["steps"])
        with job.file_errors(self.folders.job):
            export.export(training.best_network(), self.folders.model)
            self.curves.close(result, report.pictures(result, images, labels, Y))
        job.write_json(self.folders.file("report.json"), result)  # last: it marks the job as finished
        self.say(f"All of it is in {self.folders.job}.")


class Worker:
    """The role of every other machine: it only trains."""

    def say(self, sentence):
        pass

    def stopped(self, sentence):
        print(sentence, flush=True)

    def start_job(self, facts):
        pass

    def repeat_report(self, result):
        pass

    def start_training(self, training):
        pass

    def update(self, training, save):
        pass

    def save(self, training):
        pass

    def finish(self, training, images, labels):
        pass


def check_enough(digits, source):
    """A tenth of the training digits are for validation."""
    if len(digits[1]) < 10:
        raise machines.WrongUse(f"{len(digits[1])} training digits ({source}) are too few: 10 are needed.")


def describe(options, digits, devices, count):
    """What a job is made of: all that is needed to repeat it."""
    return {
        "options": vars(options),
        "learning_rate": highest_rate(options),
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
    if job.exists(folders.file("job.json")):
        return
    others = folders.file("report.json"), folders.checkpoints, folders.logs
    for path in (*others, *export.places(folders.model)):
        if job.is_occupied(path):
            raise machines.WrongUse(
                f"{path} is there, but no job.json: it is not from this trainer. Choose another --job-dir."
            )


def check_same_job(folders, facts):
    """A folder has one job: a machine that resumes it, or takes part in it, must have the same options."""
    path = folders.file("job.json")
    if not job.exists(path):
        raise machines.WrongUse(f"{folders.job} is not the first machine's folder, which all of them need.")
    noted = job.read_json(path)
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
