"""Several devices, several machines."""

import json

import numpy as np
import pytest
from jobs import SMALL, TASK, newest, options
from loopback import cluster
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
        start(*TASK, "--data", digits_folder, "--job-dir", folder, *more)
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


def test_two_devices_make_the_steps_of_one(jobs):
    one, two, _ = jobs
    assert_same_steps(one, two)


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


def test_half_the_bits_on_two_devices(jobs):
    state, arrays = newest(jobs[2])
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
