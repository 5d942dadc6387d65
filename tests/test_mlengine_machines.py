"""Several devices, several machines."""

import json

import numpy as np
import pytest
from jobs import SMALL, TASK, newest, options
from loopback import cluster
from processes import finish, run, start
from quiet import tf

from mlengine.trainer import machines

SGD = ("--hp-optimizer=sgd", "--hp-rate=0.5", "--hp-clip=1")
STEPS = ("--steps=3", "--hp-batch=41", "--hp-dropout=0", *SGD, *SMALL)


@pytest.fixture(scope="module")
def one_and_two_devices(digits_folder, tmp_path_factory):
    """The folders of the same job on one device and on two."""
    folders = [tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")]
    processes = [
        start(*TASK, "--data", digits_folder, "--job-dir", folder, "--virtual-devices", devices, *STEPS)
        for devices, folder in enumerate(folders, 1)
    ]
    for done in map(finish, processes):
        assert done.returncode == 0 and done.stderr == ""
    return folders


def assert_same_steps(one, other):
    """But for the last bits: the sums of two devices are added in another order."""
    one, other = newest(one)[1], newest(other)[1]
    for name in (name for name in one if name.startswith("network") and one[name].size > 1):
        assert np.abs(one[name] - other[name]).max() < 0.02 * np.ptp(one[name]) + 1e-4, name


def test_two_devices_make_the_steps_of_one(one_and_two_devices):
    assert_same_steps(*one_and_two_devices)


def test_a_chief_and_a_worker_make_the_steps_of_one(one_and_two_devices, tmp_path, digits_folder):
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
    assert_same_steps(one_and_two_devices[0], tmp_path)


def test_half_the_bits_on_two_devices(tmp_path, digits_folder):
    half = ("--precision=mixed_float16", "--virtual-devices=2", "--model=dense")
    length = ("--steps=60", "--hp-batch=50", "--hp-dropout=0")
    done = run(*TASK, "--data", digits_folder, "--job-dir", tmp_path, *half, *length)
    assert done.returncode == 0 and done.stderr == ""
    state, arrays = newest(tmp_path)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert state["history"][-1]["loss"] < 2.2  # 2.3 is to know nothing


def test_no_gpu_is_one_sentence():
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here")
    with pytest.raises(machines.WrongUse, match="^--require-gpu: TensorFlow sees no GPU here.*$"):
        machines.devices_here(options("--require-gpu"), machines=1)


def test_each_machine_finds_its_number(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert machines.this_machine() == (0, 1)
    for number, config in enumerate(cluster(3)):
        monkeypatch.setenv("TF_CONFIG", json.dumps(config))
        assert machines.this_machine() == (number, 3)


@pytest.mark.parametrize(
    "config", ['{"cluster": {"worker": ["a:1", "b:1"]}}', "[]", "{", '{"cluster": 7, "task": {}}']
)
def test_a_wrong_cluster_is_one_sentence(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(machines.WrongUse, match="^TF_CONFIG does not tell which .*$"):
        machines.this_machine()
