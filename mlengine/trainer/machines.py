"""Which machines and devices there are, how they work together, what happens when a machine is lost."""

import contextlib
import json
import os

import tensorflow as tf


class WrongUse(Exception):
    """What was asked for cannot be done, in one sentence."""


class Lost(Exception):
    """The connection to another machine is lost, in one sentence."""


def this_machine():
    """Its number, and how many there are; TF_CONFIG names them where they are several."""
    text = os.environ.get("TF_CONFIG") or "{}"
    try:
        config = json.loads(text)
        cluster, task = config.get("cluster", {}), config.get("task", {})
        names = [(kind, k) for kind in ("chief", "worker") for k in range(len(cluster.get(kind, [])))]
        return (names.index((task["type"], int(task["index"]))), len(names)) if names else (0, 1)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise WrongUse(
            f"TF_CONFIG does not tell which of a chief and workers this machine is: {text}"
        ) from None


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
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()  # TensorFlow's choice: the one device


@contextlib.contextmanager
def other_machine_lost(machine, machines):
    """Raise Lost for the many errors by which TensorFlow reports that another machine is gone."""
    try:
        yield
    except (
        tf.errors.UnavailableError,
        tf.errors.AbortedError,
        tf.errors.CancelledError,
        tf.errors.DeadlineExceededError,
    ) as error:
        if machines == 1:
            raise
        lines = error.message.splitlines()  # one of them: 'Collective ops is aborted by: ...'
        why = next((line for line in lines if "aborted" in line), " ".join(lines))
        raise Lost(f"Machine {machine} has lost the connection to another one ({why}).") from None
