"""Several machines of which one is told to stop, or waits for another that never comes.

tests/endurance.py stops and machines: all of them, at every place of a run, with the weights compared.
"""

import json
import os
import signal
import socket

import pytest
from jobs import BRIEF, newest
from loopback import cluster
from processes import finish, start
from processes import wait_for as wait_for_seconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS"),
]
LENGTH = ("--steps=40", "--checkpoint-steps=10", "--hp-batch=40")
DENSE = ("--model=dense", "--steps=100000")  # is compiled sooner, and never ends by itself


def wait_for(condition, what):
    return wait_for_seconds(condition, what, seconds=200)


@pytest.fixture
def machine(digits_folder):
    """Starts one machine of a cluster; those that still run at the end are killed."""
    started = []

    def begin(config, folder, network=DENSE):
        command = (*BRIEF, "--data", digits_folder, "--job-dir", folder, *LENGTH, *network)
        started.append(start(*command, TF_CONFIG=json.dumps(config)))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def is_seen(config):
    """Does this machine accept connections?"""
    try:
        socket.create_connection(address(config)).close()
    except OSError:
        return False
    return True


def connects(config):
    """Has TensorFlow begun to connect this machine? Its server is the first to speak."""
    try:
        with socket.create_connection(address(config), timeout=1) as connection:
            return connection.recv(1) != b""
    except OSError:
        return False


def address(config):
    task = config["task"]
    host, port = config["cluster"][task["type"]][task["index"]].split(":")
    return host, int(port)


def saved(folder, step):
    return (folder / "checkpoints" / f"step-{step:08}.npz").exists()


def test_who_waits_for_another_machine_ends_when_told(machine, tmp_path):
    """The chief and a worker, each of a cluster of its own."""
    told = {signal.SIGTERM: cluster(2)[0], signal.SIGINT: cluster(2)[1]}
    waiting = {number: machine(config, tmp_path / str(int(number))) for number, config in told.items()}
    for number, config in told.items():
        wait_for(lambda config=config: is_seen(config), "a machine that waits")
        waiting[number].send_signal(number)
    for number, process in waiting.items():
        done = finish(process, 60)
        assert done.returncode == 128 + number and done.stderr == ""
        assert done.stdout.endswith(
            "Stopped while waiting for other machines. The same command resumes the job.\n"
        )


def test_who_waits_for_a_lost_machine_ends_when_told(machine, tmp_path):
    configs = cluster(2)
    left, lost = [machine(config, tmp_path) for config in configs]
    wait_for(lambda: saved(tmp_path, 10), "step 10")
    lost.kill()
    assert left.stderr.readline().endswith("Restarting.\n")
    wait_for(lambda: not is_seen(configs[0]), "its end")
    wait_for(lambda: is_seen(configs[0]), "a machine that waits again")
    left.send_signal(signal.SIGTERM)
    assert finish(left, 60).returncode == 128 + signal.SIGTERM


def test_who_is_told_while_the_machines_connect_stops_when_they_have(machine, tmp_path):
    """TensorFlow has a handler of its own for SIGTERM meanwhile; all stop before the first step."""
    one, two = cluster(2)
    with socket.create_server(address(two)) as server:
        server.settimeout(60)
        chief = machine(one, tmp_path)
        server.accept()[0].close()  # the chief sees the worker, which then is not there
    wait_for(lambda: connects(one), "TensorFlow's server")
    chief.send_signal(signal.SIGTERM)
    both = chief, machine(two, tmp_path)
    assert [finish(process, 120).returncode for process in both] == [128 + signal.SIGTERM] * 2


def test_machines_that_pause_after_different_steps_do_not_wait_for_each_other(machine, tmp_path):
    networks = DENSE, (*DENSE, "--checkpoint-steps=15")
    both = [machine(config, tmp_path, network) for config, network in zip(cluster(2), networks)]
    for done in map(finish, both):
        assert done.returncode == 1
        assert done.stderr == "The machines have different --checkpoint-steps: all need the same.\n"


def test_one_is_told_and_all_stop_after_the_same_step(machine, tmp_path):
    """Told is the worker, in the middle of the run."""
    both = [machine(config, tmp_path) for config in cluster(2)]
    wait_for(lambda: saved(tmp_path, 10), "step 10")
    both[1].send_signal(signal.SIGTERM)
    chief, worker = map(finish, both)
    assert [chief.returncode, worker.returncode] == [128 + signal.SIGTERM] * 2
    assert chief.stderr == worker.stderr == ""
    step = newest(tmp_path)[0]["step"]
    sentence = f"Stopped after step {step}. The same command resumes the job.\n"
    assert chief.stdout.endswith(sentence) and worker.stdout == sentence
