"""Several devices, several machines."""

import json
import signal
import socket
import threading

import numpy as np
import pytest
from jobs import BRIEF, SMALL, TASK, newest, options
from loopback import cluster, free_ports
from processes import finish, start
from quiet import tf

from mlengine.trainer import machines

SGD = ("--hp-optimizer=sgd", "--hp-rate=0.5", "--hp-clip=1")
STEPS = ("--steps=3", "--hp-batch=41", "--hp-dropout=0", *SGD, *SMALL)


HALF = ("--precision=mixed_float16", "--model=dense", "--steps=60", "--hp-batch=50", "--hp-dropout=0")


@pytest.fixture(scope="module")
def jobs(digits_folder, tmp_path_factory):
    """The folders of three jobs: on one device, on two, on two in 16 bits."""
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "two", "half")]
    arguments = [STEPS, ("--virtual-devices=2", *STEPS), ("--virtual-devices=2", *HALF)]
    processes = [
        start(*BRIEF, "--data", digits_folder, "--job-dir", folder, *more)
        for folder, more in zip(folders, arguments)
    ]
    for done in map(finish, processes):
        assert done.returncode == 0 and done.stderr == ""
    return folders


def assert_same_steps(one, other):
    """But for the last bits: the sums of two devices are added in another order."""
    one, other = newest(one)[1], newest(other)[1]
    for name in (name for name in one if name.startswith("network") and one[name].size > 1):
        assert np.abs(one[name] - other[name]).max() < 0.02 * np.ptp(one[name]) + 1e-4, name


@pytest.mark.slow
def test_two_devices_make_the_steps_of_one(jobs):
    one, two, _ = jobs
    assert_same_steps(one, two)


@pytest.mark.slow
def test_a_chief_and_a_worker_make_the_steps_of_one(jobs, tmp_path, digits_folder):
    """In the environment that the service sets, over the loopback; the chief alone prints and writes."""
    folders = {
        "AIP_MODEL_DIR": f"{tmp_path}/model/",
        "AIP_CHECKPOINT_DIR": f"{tmp_path}/checkpoints/",
        "AIP_TENSORBOARD_LOG_DIR": f"{tmp_path}/logs/",
    }
    processes = [
        start(
            *TASK, "--data", digits_folder, *STEPS, **folders,
            TF_CONFIG=json.dumps({**config, "environment": "cloud"}), CLUSTER_SPEC=json.dumps(config),
        )
        for config in cluster(2)
    ]  # fmt: skip
    chief, worker = map(finish, processes)
    assert [chief.returncode, worker.returncode] == [0, 0]
    assert (chief.stderr, worker.stdout, worker.stderr) == ("", "", "")
    assert "Devices: 2 x CPU:0" in chief.stdout and "final test accuracy" in chief.stdout
    assert_same_steps(jobs[0], tmp_path)


@pytest.mark.slow
def test_half_the_bits_on_two_devices(jobs):
    state, arrays = newest(jobs[2])
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert state["history"][-1]["loss"] < 2.2  # 2.3 is to know nothing


def test_no_gpu_is_one_sentence():
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here")
    with pytest.raises(machines.WrongUse, match="^--require-gpu: TensorFlow sees no GPU here.*$"):
        machines.devices_here(options("--require-gpu"), machines=1)


def test_each_machine_finds_its_index(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert machines.this_machine() == (0, [])
    for index, config in enumerate(cluster(3)):
        monkeypatch.setenv("TF_CONFIG", json.dumps(config))
        found, addresses = machines.this_machine()
        names = [*config["cluster"]["chief"], *config["cluster"]["worker"]]
        assert found == index and [f"{host}:{port}" for host, port in addresses] == names


def tf_config(chief, worker, kind="chief", index=0):
    return json.dumps({"cluster": {"chief": chief, "worker": worker}, "task": {"type": kind, "index": index}})


WRONG_CONFIGS = [
    '{"cluster": {"worker": ["a:1", "b:1"]}}', "[]", "7", "{", "[" * 100_000, '{"cluster": 7, "task": {}}',
    tf_config("localhost:2222", []), tf_config([7], ["b:1"]),
    tf_config(["a"], ["b:1"]), tf_config(["a:1"], ["b:70000"]), tf_config(["a:1"], ["b:one"]),
    tf_config(["a:1"], ["a:1"]),
    tf_config(["a:1"], ["b:1"], index=float("inf")), tf_config(["a:1"], ["b:1"], index=0.9),
    tf_config(["a:1"], ["b:1"], kind="evaluator"),
]  # fmt: skip


@pytest.mark.parametrize("config", WRONG_CONFIGS, ids=lambda config: config[:60])
def test_a_wrong_cluster_is_one_sentence(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(machines.WrongUse, match="^TF_CONFIG does not tell which .*$") as error:
        machines.this_machine()
    assert len(str(error.value)) < 500


def test_a_port_that_is_taken_is_one_sentence():
    with socket.create_server(("", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(machines.WrongUse, match=f"^TF_CONFIG: this machine cannot use port {port}: .*$"):
            machines.wait_for_others(0, [("127.0.0.1", port), ("127.0.0.1", 9)], [])


def test_a_machine_waits_until_all_others_are_there_at_the_same_time():
    """One that was told to stop while it waited is missing again."""
    addresses = [("127.0.0.1", port) for port in free_ports(3)]
    thread = threading.Thread(target=machines.wait_for_others, args=(0, addresses, []), daemon=True)
    thread.start()
    for _, port in addresses[1:]:
        with machines.seen_at(port):
            thread.join(0.5)
            assert thread.is_alive()
    with machines.seen_at(addresses[1][1]), machines.seen_at(addresses[2][1]):
        thread.join(20)
        assert not thread.is_alive()


def test_a_machine_that_waits_for_long_is_still_seen():
    [port] = free_ports(1)
    with machines.seen_at(port) as server:
        for _ in range(3 * machines.BACKLOG):
            assert machines.answers(("127.0.0.1", port))
            machines.accept_all(server)


@pytest.mark.parametrize("other, sentence", [((5, 0), "the same folder"), ((0, 5), "--checkpoint-steps")])
def test_all_machines_raise_where_one_differs(monkeypatch, other, sentence):
    """Of three, the one in the middle has what is the mean of all."""
    agreement = machines.Agreement(tf.distribute.get_strategy())
    own, differences = np.array([0.0, 55.0]), np.array(other)
    for mine in own - differences, own, own + differences:
        means = iter([own.tolist(), ((differences > 0) * 2 / 3).tolist()])
        monkeypatch.setattr(agreement, "mean", lambda _, means=means: next(means))
        with pytest.raises(machines.Disagree, match=sentence):
            agreement.check_same_steps(*mine)


WAITING = "from mlengine.trainer import machines, task; machines.MOST_SECONDS = 2; task.main()"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="Windows has no alarms")
def test_a_machine_that_is_lost_while_all_connect_does_not_stop_the_others_for_ever(tmp_path):
    """TensorFlow alone would wait for an hour, and no signal would end it."""
    chief, worker = cluster(2)
    port = int(worker["cluster"]["worker"][0].partition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(60)
        process = start("-c", WAITING, "--data=synthetic", "--job-dir", tmp_path, TF_CONFIG=json.dumps(chief))
        try:
            server.accept()[0].close()  # the worker is seen, and then it is gone
        except TimeoutError:
            process.kill()
    done = finish(process, seconds=60)
    assert done.returncode == -signal.SIGALRM
    assert done.stderr.splitlines()[-1] == machines.LOST_MEANWHILE
