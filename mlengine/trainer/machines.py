"""Which machines and devices there are, how they work together, what happens when a machine is lost."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import tensorflow as tf

from mlengine.trainer import forms
from startup import STOP_SIGNALS, signals_wait

POLL_SECONDS, CONNECT_SECONDS = 0.1, 0.5  # while waiting for other machines
TELL_SECONDS = 10  # after so long, say which machines are missing
BACKLOG = 128  # connections that may wait to be accepted
MOST_SECONDS = 120  # for TensorFlow to connect machines that were all there a moment ago
LOST_MEANWHILE = "Another machine was lost while all of them were connecting. Start this one again."
GONE = (  # how TensorFlow reports that another machine is gone
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,  # it has restarted
)


class WrongUse(Exception):
    """What was asked for cannot be done, in one sentence."""


class Disagree(Exception):
    """The machines would not make the same steps, in one sentence."""


class Lost(Exception):
    """The connection to another machine is lost, in one sentence."""


class Stopped(Exception):
    """A signal has asked the job to stop: its number, and where the job stopped, in one sentence."""

    def __init__(self, signal, sentence):
        super().__init__(sentence)
        self.signal = signal


def this_machine():
    """Its index, and the address of each, (host, port); TF_CONFIG names them where they are several."""
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        config = forms.parse(text)
        if not config.get("cluster"):
            return 0, []
        cluster, task = config["cluster"], config["task"]
        names = {kind: cluster[kind] for kind in ("chief", "worker") if kind in cluster}
        if not forms.has_form(list(names.values()), [[""]]):
            raise ValueError
        tasks = [(kind, k) for kind in names for k in range(len(names[kind]))]
        addresses = [address(text) for kind in names for text in names[kind]]
        if len(set(addresses)) < len(addresses):
            raise ValueError
        return tasks.index((task["type"], int(str(task["index"])))), addresses if len(addresses) > 1 else []
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise WrongUse(
            "TF_CONFIG does not tell which of a chief and workers, each with its host:port, this machine is: "
            f"{text!r:.300}"
        ) from None


def address(text):
    """The host and the port of host:port."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port[:6]) < 1 << 16:
        raise ValueError
    return host.strip("[]"), int(port)


def devices_here(options, machines):
    """The names of those that will train on this machine."""
    gpus = tf.config.list_physical_devices("GPU")
    if options.require_gpu and not gpus:
        raise WrongUse(
            "--require-gpu: TensorFlow sees no GPU here. It needs NVIDIA's driver, and: "
            'python -m pip install "tensorflow[and-cuda]"'
        )
    if options.virtual_devices > 1:
        if gpus or machines > 1:
            raise WrongUse("--virtual-devices is for one machine without a GPU.")
        parts = [tf.config.LogicalDeviceConfiguration()] * options.virtual_devices
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], parts)
        return [f"CPU:{k}" for k in range(options.virtual_devices)]
    return [f"GPU:{k}" for k in range(len(gpus))] or ["CPU:0"]


def strategy_for(devices, machines):
    """How they work together."""
    if machines > 1:
        with connecting():
            return tf.distribute.MultiWorkerMirroredStrategy()
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()  # TensorFlow's choice: the one device


# ------------------------------------------------------------------------------------- waiting for each other


def wait_for_others(machine, addresses, requests):
    """Until all other machines are seen at the same time, or a signal is in `requests`.

    TensorFlow would wait for them itself, but in a way that no signal ends.
    """
    if not addresses:
        return
    others = [address for address in addresses if address != addresses[machine]]
    tell_at = time.monotonic() + TELL_SECONDS
    with seen_at(addresses[machine][1]) as server:
        while missing := [address for address in others if not requests and not answers(address)]:
            if time.monotonic() > tell_at:
                names = ", ".join(f"{host}:{port}" for host, port in missing)
                print(f"Machine {machine} is waiting for {names}.", file=sys.stderr, flush=True)
                tell_at = float("inf")  # once
            time.sleep(POLL_SECONDS)
            accept_all(server)
    if requests:
        raise Stopped(requests[0], "Stopped while waiting for other machines.")


@contextlib.contextmanager
def seen_at(port):
    """The port accepts connections, as it will when TensorFlow listens there."""
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    try:
        server = socket.create_server(("", port), family=family, backlog=BACKLOG, dualstack_ipv6=dual)
    except OSError as error:
        raise WrongUse(f"TF_CONFIG: this machine cannot use port {port}: {error.strerror}.") from None
    with server:
        server.setblocking(False)
        yield server


def accept_all(server):
    """Those that only look whether this machine is there; too many of them would block the port."""
    with contextlib.suppress(OSError):  # there are no more
        while True:
            server.accept()[0].close()


def answers(address):
    try:
        socket.create_connection(address, CONNECT_SECONDS).close()
    except (OSError, UnicodeError):  # a host's name may not even be a name
        return False
    return True


@contextlib.contextmanager
def connecting():
    """Hold signals back until this ends: meanwhile TensorFlow replaces our handler with its own."""
    if not hasattr(signal, "alarm"):  # Windows
        yield
        return
    with signals_wait(*STOP_SIGNALS):
        before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
        # if another machine ends meanwhile, TensorFlow waits for an hour; no Python runs then, in no thread:
        signal.alarm(MOST_SECONDS)  # then the system ends this process, with status 142
        command = "sh", "-c", 'read connected || echo "$0" >&2', LOST_MEANWHILE
        witness = subprocess.Popen(command, stdin=subprocess.PIPE)  # and this one says why
        try:
            yield
        finally:
            witness.communicate(b"connected\n")
            signal.alarm(0)
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def other_machine_lost(machine, addresses, requests):
    """Raise Lost where another machine is gone, or Stopped where this one is to stop anyway."""
    try:
        yield
    except GONE as error:
        if not addresses:
            raise
        if requests:
            raise Stopped(requests[0], "Stopped; the connection to another machine was lost.") from None
        lines = error.message.splitlines()  # one of them: 'Collective ops is aborted by: ...'
        why = next((line for line in lines if "aborted" in line), " ".join(lines))
        raise Lost(f"Machine {machine} has lost the connection to another one ({why}).") from None


# --------------------------------------------------------------------------------------- agreeing in training


class Agreement:
    """What all machines compute together, so that all of them decide the same."""

    def __init__(self, strategy):
        self.strategy = strategy

    @tf.function
    def mean_of_all(self, numbers):
        """Over all devices; each machine waits for the others."""
        return self.strategy.reduce("MEAN", self.strategy.run(lambda: tf.identity(numbers)), axis=None)

    def mean(self, numbers):
        return self.mean_of_all(tf.constant(numbers, tf.float64)).numpy().tolist()

    def asked_to_stop(self, requests):
        """The signal that asks this machine, or any other, to stop, or None: all get the same answer."""
        asked = [float(number in requests) for number in STOP_SIGNALS]
        if isinstance(self.strategy, tf.distribute.MultiWorkerMirroredStrategy):
            asked = self.mean(asked)
        return next((number for number, share in zip(STOP_SIGNALS, asked) if share > 0), None)

    def wait(self):
        """A machine that exits early would look lost to the others."""
        self.mean([0.0])

    def check_same_steps(self, step, save_every):
        """Check that all machines resume and pause at the same steps; otherwise they deadlock."""
        own = np.array([step, save_every], np.float64)
        differs = own != self.mean(own)
        resumes, pauses = np.array(self.mean(differs.astype(float))) > 0  # on any of them
        if resumes:
            raise Disagree("The machines see different checkpoints: is --job-dir the same folder for all?")
        if pauses:
            raise Disagree("The machines have different --checkpoint-steps: all need the same.")
