"""The trainer of mlengine: what a job learns, keeps, survives and says."""

import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, run
from loopback import cluster

import mnistdata
import startup
from mlengine.trainer import options as command_line

TASK = ("-m", "mlengine.trainer.task")
SMALL = [
    f"--hp-{name}={n}"
    for name, n in dict(conv1=2, conv2=3, conv3=4, conv4=5, conv5=6, conv6=7, dense=8).items()
]


@pytest.fixture(scope="module")
def tf():
    startup.start_tensorflow()
    import tensorflow

    return tensorflow


def options(*arguments):
    return command_line.parse("", [str(argument) for argument in arguments])


def newest(folder):
    """The newest checkpoint's state and arrays."""
    *_, path = sorted((folder / "checkpoints").glob("step-*.npz"))
    found = dict(np.load(path))
    return json.loads(str(found.pop("state"))), found


def same(these, those):
    assert these.keys() == those.keys()
    return all(np.array_equal(these[name], those[name]) for name in these)


# ------------------------------------------------------------------------------------------------ the batches


def context(pipelines=1, devices=1, number=0):
    return Namespace(num_input_pipelines=pipelines, num_replicas_in_sync=devices, input_pipeline_id=number)


def all_batches(tf, digits, hp, steps, context):
    from mlengine.trainer import data

    return [(X.numpy(), Y_.numpy()) for X, Y_ in data.batches(digits[0], digits[1], hp, steps, context)]


def test_every_digit_comes_once_an_epoch_in_a_new_order(tf, digits):
    numbered = (np.zeros([70, 28, 28], np.uint8), np.arange(70) % 10)
    labels = np.concatenate(
        [Y_ for _, Y_ in all_batches(tf, numbered, options("--hp-batch", 15), range(14), context())]
    )
    first, second, third = labels.reshape(3, 70)  # 14 batches of 15 are 3 epochs of 70
    assert [np.bincount(epoch, minlength=10).tolist() for epoch in (first, second, third)] == [[7] * 10] * 3
    assert not np.array_equal(first, second) and not np.array_equal(second, third)


def test_a_batch_depends_on_its_number_only(tf, digits):
    hp = options("--hp-batch", 20)
    whole = all_batches(tf, digits, hp, range(6), context())
    later = all_batches(tf, digits, hp, range(4, 6), context())
    for (X, Y_), (X2, Y2_) in zip(whole[4:], later, strict=True):
        assert np.array_equal(X, X2) and np.array_equal(Y_, Y2_)


@pytest.mark.parametrize("machines, devices", [(1, 2), (2, 2), (2, 4), (1, 3), (3, 3)])
def test_machines_and_devices_share_the_same_batches(tf, digits, machines, devices):
    hp = options("--hp-batch", 20)
    whole = all_batches(tf, digits, hp, range(3), context())
    here = devices // machines
    shares = [all_batches(tf, digits, hp, range(3), context(machines, devices, k)) for k in range(machines)]
    for step, (X, Y_) in enumerate(whole):
        parts = [share for machine in shares for share in machine[step * here : (step + 1) * here]]
        assert np.array_equal(np.concatenate([x for x, _ in parts]), X)
        assert np.array_equal(np.concatenate([y for _, y in parts]), Y_)


def test_digits_are_deformed_by_as_much_as_asked_for(tf, digits):
    from mlengine.trainer import data

    images = tf.constant(digits[0][:1, ..., np.newaxis], tf.float32) / 255
    still = options("--hp-turn=0", "--hp-shift=0", "--hp-scale=0", "--hp-slant=0")
    assert np.allclose(data.deform(images, tf.constant([[1.0, -1, 1, -1, 1, 1]]), still), images, atol=1e-5)
    shifted = options("--hp-turn=0", "--hp-shift=3", "--hp-scale=0")
    moved = data.deform(images, tf.constant([[0.0, 0, 0, 1, -1, 0]]), shifted)  # 3 to the left, 3 down
    assert np.allclose(moved[0, 3:, :-3], images[0, :-3, 3:], atol=1e-5)
    turned = data.deform(images, tf.constant([[1.0, 0, 0, 0, 0, 0]]), options("--hp-turn=90", "--hp-shift=0"))
    assert np.allclose(turned[0, ..., 0], np.rot90(images[0, ..., 0]), atol=1e-4)
    bigger = data.deform(
        images, tf.constant([[0.0, -1, -1, 0, 0, 0]]), options("--hp-scale=0.3", "--hp-turn=0")
    )
    assert np.sum(bigger) > 1.5 * np.sum(images)  # 1 / 0.7² = 2.04, less what is cut off


def test_validation_digits_are_put_aside_always_the_same(digits):
    from mlengine.trainer import data

    images = np.arange(60_000)
    (train, _), (aside, _) = data.split(images, images)
    assert len(train) == 55_000 and len(aside) == 5_000
    assert np.array_equal(np.sort(np.append(train, aside)), images)
    assert np.array_equal(data.split(images, images)[1][0], aside)


# ----------------------------------------------------------------------------------------------- the networks


@pytest.mark.parametrize("name", ["convolutional", "dense"])
def test_the_diagrams_tell_the_true_shapes(tf, name):
    import inspect
    import re

    from mlengine.trainer import model

    network = model.NETWORKS[name](options())
    shapes = [
        list(layer.output.shape[1:]) for layer in network.layers if layer.name.startswith(("conv", "dense"))
    ]
    told = re.findall(r"# .*Y\d? *\[batch, ([\d, ]+)\]", inspect.getsource(model.NETWORKS[name]))
    assert [[int(size) for size in text.split(", ")] for text in told] == shapes


@pytest.mark.parametrize("decay, last", [("constant", 1.0), ("exponential", 0.0067), ("cosine", 0.0)])
def test_the_rate_rises_then_falls(tf, decay, last):
    from mlengine.trainer import model

    rate = model.Rate(2.0, decay, steps=1000)
    assert float(rate(0)) < 0.05
    assert float(rate(50)) == pytest.approx(2.0, rel=0.3)
    assert float(rate(999)) == pytest.approx(2.0 * last, abs=0.001)
    rate.factor.assign(0.5)
    assert float(rate(999)) == pytest.approx(1.0 * last, abs=0.001)


@pytest.mark.parametrize(
    "name, kind, momentum, nesterov",
    [
        ("sgd", "SGD", 0.0, False),
        ("momentum", "SGD", 0.9, False),
        ("nesterov", "SGD", 0.9, True),
        ("adagrad", "Adagrad", None, None),
        ("adadelta", "Adadelta", None, None),
        ("rmsprop", "RMSprop", 0.0, None),
        ("adam", "Adam", None, None),
    ],
)
def test_each_optimizer_is_what_it_is_called(tf, name, kind, momentum, nesterov):
    from mlengine.trainer import model

    made = model.optimizer(options(f"--hp-optimizer={name}"), model.Rate(0.5, "constant", 100))
    assert type(made).__name__ == kind
    assert getattr(made, "momentum", None) == momentum and getattr(made, "nesterov", None) == nesterov


def prepared(digits, *arguments):
    """A training in this process, not yet begun."""
    import tensorflow

    from mlengine.trainer import data, loop

    given = options("--model=dense", "--hp-batch=50", *arguments)
    return loop.Training(tensorflow.distribute.get_strategy(), given, *data.split(*digits[:2]))


def length_of_first_step(training):
    before = [variable.numpy() for variable in training.network.trainable_variables]
    next(training.run())
    after = [variable.numpy() for variable in training.network.trainable_variables]
    return np.sqrt(sum(np.sum((a - b) ** 2.0) for a, b in zip(after, before, strict=True)))


def test_a_clipped_gradient_is_no_longer_than_asked_for(tf, digits):
    one_step = (
        "--steps=1",
        "--hp-optimizer=sgd",
        "--hp-decay=constant",
        "--hp-rate=1",
        "--hp-weight-decay=0",
    )
    assert length_of_first_step(prepared(digits, *one_step)) > 0.1
    assert length_of_first_step(prepared(digits, *one_step, "--hp-clip=0.01")) == pytest.approx(
        0.01, rel=1e-3
    )


def test_patience(tf, digits):
    """With a rate of almost nothing, the validation digits are soon read no better than before."""
    training = prepared(digits, "--epochs=12", "--hp-rate=1e-20", "--plateau=2", "--early-stopping=5")
    list(training.run())
    assert training.progress.step == training.progress.best["step"] + 5 * training.epoch < training.last_step
    assert training.progress.factor == 0.25  # halved after 2 and after 4 epochs
    training.rate.factor.assign(1.0)
    whole = float(training.rate(training.progress.step - 1))
    assert training.progress.history[-1]["rate"] in (pytest.approx(whole / 2), pytest.approx(whole / 4))


def test_the_mean_is_one_of_the_last_steps(tf, digits):
    training = prepared(digits, "--steps=400", "--checkpoint-steps=10")
    weights, means = [], []
    for _ in training.run():
        weights.append(training.values(training.network)[0])
        means.append(training.mean[0])
    assert np.abs(means[0] - weights[0]).max() < 1e-4
    here = means[-1]  # after 400 steps it reaches back 40
    now, near, far = (np.abs(here - weights[-1 - back]).mean() for back in (0, 3, 20))
    assert near < now < far


def test_each_look_is_at_a_new_mean(tf, digits):
    training = prepared(digits, "--hp-batch=400", "--epochs=5")
    assert training.epoch < 10
    for _ in training.run():
        pass
    assert len({look["validation_loss"] for look in training.progress.history}) == 5


def test_the_best_moment_is_kept(tf, digits):
    training = prepared(digits, "--epochs=3")
    at_best = {}
    for _ in training.run():
        if training.progress.best["step"] == training.progress.step:
            at_best = training.mean
    training.network.variables[0].assign(np.zeros([784, 200]))  # whatever comes after it
    kept = training.best_network()
    assert all(np.array_equal(a, b) for a, b in zip(at_best, kept.variables, strict=True))
    look = max(training.progress.history, key=lambda look: look["validation_accuracy"])
    assert training.progress.best["accuracy"] == look["validation_accuracy"]


def test_a_loss_that_becomes_nan_ends_the_run_with_a_sentence(tf, digits):
    from mlengine.trainer import loop

    with pytest.raises(loop.Diverged, match="too long.*--hp-rate"):
        list(prepared(digits, "--epochs=9", "--hp-optimizer=sgd", "--hp-rate=1000").run())


def test_it_goes_on_in_the_middle_of_an_epoch_as_if_nothing_had_been(tf, digits):
    arguments = ("--steps=50", "--plateau=1", "--checkpoint-steps=7")
    whole = prepared(digits, *arguments)
    steps = whole.run()
    snapshot = next(whole.snapshot() for _ in steps if whole.progress.step == 42)
    list(steps)
    again = prepared(digits, *arguments)
    again.go_on(json.loads(json.dumps(snapshot[0])), snapshot[1])
    list(again.run())
    assert same(whole.snapshot()[1], again.snapshot()[1])
    looks = [{**look, "loss": pytest.approx(look["loss"])} for look in whole.progress.history]
    assert again.progress.history == looks


# --------------------------------------------------------------------------------------------- the job folder


def test_what_is_written_is_there_whole_or_not_at_all(tf, tmp_path):
    from mlengine.trainer import job

    path = str(tmp_path / "a folder" / "file")
    job.write(path, b"before")
    with pytest.raises(TypeError):
        job.write(path, object())
    assert Path(path).read_bytes() == b"before"
    with pytest.raises(job.JobError, match="file/below: cannot be written: .+"):
        job.write(f"{path}/below", b"")


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: data[:900] + b"?" * 9 + data[909:]],
)
def test_a_damaged_checkpoint_falls_back_to_the_one_before(tf, tmp_path, damage):
    from mlengine.trainer import job

    for step in (8, 9, 10, 11):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {"a": np.arange(500), "b": np.ones(500)})
    assert len(job.checkpoints(str(tmp_path))) == job.KEPT
    newest = tmp_path / "step-00000011.npz"
    newest.write_bytes(damage(newest.read_bytes()))
    said = []
    state, arrays = job.newest_checkpoint(str(tmp_path), said.append)
    assert state == {"step": 10} and np.array_equal(arrays["a"], np.arange(500))
    assert said == [f"{newest}: damaged, and passed over."]


def test_what_comes_after_damaged_checkpoints_is_kept(tf, tmp_path):
    from mlengine.trainer import job

    for step in (80, 90, 100):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    assert job.newest_checkpoint(str(tmp_path), print) is None
    for step in (10, 20):
        job.save_checkpoint(str(tmp_path), step, {"step": step}, {})
        assert job.newest_checkpoint(str(tmp_path), print) == ({"step": step}, {})


def test_what_cannot_be_read_is_not_called_damaged(tf, tmp_path):
    from mlengine.trainer import job

    (tmp_path / "step-00000001.npz").mkdir()
    with pytest.raises(job.JobError, match="cannot be read: .*directory"):
        job.newest_checkpoint(str(tmp_path), print)


def test_a_folder_has_one_job(tf, tmp_path):
    from mlengine.trainer import job

    with job.lock(str(tmp_path)):
        second = run(*TASK, "--job-dir", tmp_path)
        assert second.returncode == 1 and second.stdout == ""
        assert "another job is at work" in second.stderr and second.stderr.count("\n") == 1
    with job.lock(str(tmp_path)):
        pass


def test_a_bucket_has_one_job(tf, monkeypatch):
    """ram:// stands for gs://; both are reached through tf.io.gfile only."""
    from mlengine.trainer import job

    clock = [time.time()]
    monkeypatch.setattr(job.time, "time", lambda: clock[0])

    def lock(who):
        monkeypatch.setenv("CLOUD_ML_JOB_ID", who)
        return job.lock("ram://bucket/job")

    def taken():
        return pytest.raises(job.JobError, match=r"at work there \(.*\).*remove ram://bucket/job/lock")

    with lock("1"):
        pass
    with lock("2") as second:  # the first one has left
        with taken():
            lock("3").__enter__()
        lock("2").__enter__()  # the service has started the same job again
        for _ in range(3):
            clock[0] += job.RENEW_SECONDS + 1
            second.renew()
        clock[0] += job.STALE_SECONDS - 1
        with taken():
            lock("3").__enter__()
        clock[0] += 2
        lock("3").__enter__()  # the second one is taken for dead
        with taken():
            second.renew()  # and finds out that it lives no more
    with taken():
        lock("4").__enter__()  # the second one has left, the third one is still there


def test_checkpoints_in_a_bucket(tf):
    from mlengine.trainer import job

    for step in range(5):
        job.save_checkpoint("ram://bucket/checkpoints", step, {"step": step}, {})
    assert len(job.checkpoints("ram://bucket/checkpoints")) == job.KEPT
    assert job.newest_checkpoint("ram://bucket/checkpoints", print) == ({"step": 4}, {})


def test_the_service_names_the_folders(tf, monkeypatch):
    from mlengine.trainer import job

    assert job.folders(None) == ("mnist-job", "mnist-job/checkpoints", "mnist-job/logs", "mnist-job/model")
    monkeypatch.setenv("AIP_MODEL_DIR", "gs://bucket/jobs/7/model/")
    monkeypatch.setenv("AIP_CHECKPOINT_DIR", "gs://bucket/jobs/7/checkpoints/")
    monkeypatch.setenv("AIP_TENSORBOARD_LOG_DIR", "gs://bucket/jobs/7/logs/")
    assert job.folders(None).file("report.json") == "gs://bucket/jobs/7/report.json"
    assert job.folders(None).model == "gs://bucket/jobs/7/model/"
    assert job.folders("here").job == "here"


# -------------------------------------------------------------------------------------------- what it reports


def test_the_confusion_matrix_counts(tf):
    from mlengine.trainer import report

    labels = np.array([3, 3, 3, 8, 8])
    Y = np.eye(10)[[3, 3, 8, 8, 8]]
    found = report.result(Y, labels)
    assert found["accuracy"] == 0.8 and found["wrong"] == 1
    assert found["confusion"][3] == [0, 0, 0, 2, 0, 0, 0, 0, 1, 0]
    assert found["per_digit"][3] == pytest.approx(2 / 3) and found["per_digit"][8] == 1
    assert np.sum(found["confusion"]) == 5


# ------------------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["--hp-batch=0"], "'0' is not a whole number from 1"),
        (["--hp-batch=1.5"], "'1.5' is not a whole number from 1"),
        (["--hp-dropout=1"], "'1' is not a number from 0 to 0.95"),
        (["--hp-rate=nan"], "'nan' is not a number"),
        (["--epochs=1", "--steps=1"], "not allowed with"),
        (["--trials=1"], "--trials is for --search"),
        (["--from=nowhere.json"], "nowhere.json: not the job.json of an earlier run"),
        (["--hp-conv9=1"], "unrecognized arguments: --hp-conv9=1"),
        (["--hp-optimizer=best"], "'best' is none of sgd, momentum"),
        (["--model=deep"], "invalid choice: 'deep'"),
    ],
)
def test_wrong_use_is_one_line(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as ended:
        options(*arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and complaint in said and said.count("\n") == 1


def test_from_an_earlier_run(tmp_path):
    earlier = {**vars(options("--steps=40", "--hp-dense=7", "--seed=5")), "job_dir": "there"}
    (tmp_path / "job.json").write_text(json.dumps({"options": earlier}))
    same = options("--from", tmp_path / "job.json")
    assert (same.steps, same.hp_dense, same.seed, same.job_dir) == (40, 7, 5, None)
    longer = options("--from", tmp_path / "job.json", "--epochs=2", "--seed=6")
    assert (longer.steps, longer.epochs, longer.hp_dense, longer.seed) == (None, 2, 7, 6)


def test_a_tuning_service_writes_whole_numbers_as_it_likes():
    assert options("--hp-conv1", "32.0", "--hp-batch=64").hp_conv1 == 32


def test_help_explains_every_option(capsys):
    with pytest.raises(SystemExit):
        options("--help")
    told = capsys.readouterr().out
    for name in vars(options()):
        assert f"--{name.replace('_', '-')} ".replace("--earlier-job", "--from") in told


# ------------------------------------------------------------------------ whole jobs, each in its own process


def test_a_job_from_beginning_to_end(tf, tmp_path, digits_folder):
    command = (
        *TASK,
        "--data",
        digits_folder,
        "--job-dir",
        tmp_path / "job",
        "--epochs=2",
        "--hp-batch=20",
        "--hp-dropout=0",
        *SMALL,
    )
    done = run(*command)
    assert done.returncode == 0 and done.stderr == ""
    assert "epoch 1: loss" in done.stdout and "epoch 2: loss" in done.stdout
    report = json.loads((tmp_path / "job" / "report.json").read_text())
    assert f"final test accuracy: {report['accuracy']:.4f}" in done.stdout
    assert np.sum(report["confusion"]) == report["digits"] == 1000
    assert np.trace(report["confusion"]) / 1000 == report["accuracy"] > 0.3

    model = tf.saved_model.load(str(tmp_path / "job" / "model"))
    *_, images, labels = mnistdata.read_folder(digits_folder)
    answers = model.signatures["serving_default"](tf.constant(images / 255, tf.float32))["classes"]
    assert np.mean(answers == labels) == report["accuracy"]

    scalars = [
        event for path in (tmp_path / "job" / "logs").rglob("*tfevents*") for event in events(tf, path)
    ]
    assert {(folder, tag) for folder, tag, *_ in scalars} == {
        ("training", "loss"), ("training", "learning rate"),
        ("validation", "loss"), ("validation", "accuracy"),
        ("test", "accuracy"), ("test", "confusion matrix"), ("test", "wrong digits"),
    }  # fmt: skip

    again = run(*command)
    assert again.returncode == 0 and "This job is finished" in again.stdout
    assert f"final test accuracy: {report['accuracy']:.4f}" in again.stdout

    other = run(*command, "--hp-rate=0.1")
    assert other.returncode == 2 and other.stderr.count("\n") == 1
    assert "--hp-rate was None, is 0.1" in other.stderr

    repeated = run(
        *TASK,
        "--from",
        tmp_path / "job" / "job.json",
        "--data",
        digits_folder,
        "--job-dir",
        tmp_path / "twin",
    )
    assert repeated.returncode == 0
    assert same(newest(tmp_path / "job")[1], newest(tmp_path / "twin")[1])


def events(tf, path):
    for event in tf.compat.v1.train.summary_iterator(str(path)):
        for value in event.summary.value:
            yield path.parent.name, value.tag, event.step


def start(*command, **environment):
    settings = {**os.environ, **environment}
    settings.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env={name: str(value) for name, value in settings.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )


def hear_ctrl_c():
    """A shell's background jobs do not, and hand that down."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for_checkpoint(folder, process, step):
    path = folder / "checkpoints" / f"step-{step:08}.npz"
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)


def test_killed_stopped_and_interrupted_it_goes_on_to_the_same_weights(tf, tmp_path, digits_folder):
    length = ("--steps=400", "--checkpoint-steps=20", "--hp-batch=20", *SMALL)
    assert run(*TASK, "--data", digits_folder, "--job-dir", tmp_path / "whole", *length).returncode == 0

    folder = tmp_path / "disturbed"
    command = (*TASK, "--data", digits_folder, "--job-dir", folder, *length)
    for step, number, status, last_words in (
        (40, signal.SIGKILL, -signal.SIGKILL, None),
        (120, signal.SIGTERM, 128 + signal.SIGTERM, "The same command goes on from there."),
        (240, signal.SIGINT, 128 + signal.SIGINT, "The same command goes on from there."),
    ):
        process = start(*command)
        wait_for_checkpoint(folder, process, step)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == status and err == ""
        assert last_words is None or last_words in out
    done = run(*command)
    assert done.returncode == 0 and "Going on after step" in done.stdout
    assert same(newest(tmp_path / "whole")[1], newest(folder)[1])


def test_a_full_disk_leaves_the_last_checkpoint_whole(tf, tmp_path, digits_folder):
    """No file may become larger than 30,000 bytes: as if the disk were full, but for this process only."""
    resource = pytest.importorskip("resource", reason="no limit on the size of files on this system")
    command = (*TASK, "--data", digits_folder, "--job-dir", tmp_path, "--steps=60", "--hp-batch=20", *SMALL)
    process = start(*command, "--checkpoint-steps=20")
    wait_for_checkpoint(tmp_path, process, 20)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (30_000, 30_000))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and err.count("\n") == 1
    assert "cannot be written: File too large" in err
    state, arrays = newest(tmp_path)
    assert state["step"] >= 20 and len(arrays) > 10
    assert not list(tmp_path.rglob("*.aside"))


def test_an_unwritable_folder_is_one_sentence(tmp_path, digits_folder):
    (tmp_path / "file").touch()
    done = run(*TASK, "--data", digits_folder, "--job-dir", tmp_path / "file" / "job")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "cannot be written: Not a directory" in done.stderr


def test_no_gpu_is_one_sentence(tf, tmp_path):
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here")
    done = run(*TASK, "--require-gpu", "--job-dir", tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "TensorFlow sees no GPU here" in done.stderr


STEPS = (
    "--steps=3",
    "--hp-batch=41",
    "--hp-dropout=0",
    "--hp-optimizer=sgd",
    "--hp-rate=0.5",
    "--hp-clip=1",
    *SMALL,
)


def assert_same_steps(one, other):
    """But for the last bits: the sums of two devices are added in another order."""
    for name in (name for name in one if name.startswith("network") and one[name].size > 1):
        assert np.abs(one[name] - other[name]).max() < 0.02 * np.ptp(one[name]) + 1e-4, name


def test_two_devices_make_the_steps_of_one(tf, tmp_path, digits_folder):
    for devices in (1, 2):
        folder = ("--job-dir", tmp_path / f"{devices}", "--virtual-devices", devices)
        done = run(*TASK, "--data", digits_folder, *folder, *STEPS)
        assert done.returncode == 0 and done.stderr == ""
    assert_same_steps(newest(tmp_path / "1")[1], newest(tmp_path / "2")[1])


def test_half_the_bits_on_two_devices(tf, tmp_path, digits_folder):
    half = (
        "--precision=mixed_float16",
        "--virtual-devices=2",
        "--model=dense",
        "--steps=120",
        "--hp-batch=50",
    )
    done = run(*TASK, "--data", digits_folder, "--job-dir", tmp_path, *half)
    assert done.returncode == 0 and done.stderr == ""
    state, arrays = newest(tmp_path)
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert state["history"][-1]["loss"] < 2.2  # 2.3 is to know nothing


def test_a_chief_and_a_worker(tf, tmp_path, digits_folder):
    """Under the environment that the service sets, over the loopback; the chief alone speaks and writes."""
    plain = ("--data", digits_folder, *STEPS)
    processes = [
        start(
            *TASK, *plain, **folders_of_the_service(tmp_path / "job"),
            TF_CONFIG=json.dumps({**config, "environment": "cloud"}), CLUSTER_SPEC=json.dumps(config),
        )
        for config in cluster(2)
    ]  # fmt: skip
    (chief_out, chief_err), (worker_out, worker_err) = (
        process.communicate(timeout=200) for process in processes
    )
    assert [process.returncode for process in processes] == [0, 0]
    assert (chief_err, worker_out, worker_err) == ("", "", "")
    assert "Devices: 2 x CPU:0" in chief_out and "final test accuracy" in chief_out
    alone = run(*TASK, *plain, **folders_of_the_service(tmp_path / "alone"), CLUSTER_SPEC="{}")
    assert alone.returncode == 0 and alone.stderr == ""
    assert_same_steps(newest(tmp_path / "alone")[1], newest(tmp_path / "job")[1])


def folders_of_the_service(job):
    return {
        "AIP_MODEL_DIR": f"{job}/model/",
        "AIP_CHECKPOINT_DIR": f"{job}/checkpoints/",
        "AIP_TENSORBOARD_LOG_DIR": f"{job}/logs/",
    }


def test_a_tuning_trial_reports_its_accuracy(tf, tmp_path, digits_folder):
    metrics = tmp_path / "metrics" / "output.metrics"
    done = run(
        *TASK, "--data", digits_folder, "--model=dense", "--steps=40", "--hp-batch", "50.0",
        CLOUD_ML_TRIAL_ID=3, CLOUD_ML_HP_METRIC_FILE=metrics, AIP_MODEL_DIR=tmp_path / "3" / "model",
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""
    last = json.loads(metrics.read_text().splitlines()[-1])
    report = json.loads((tmp_path / "3" / "report.json").read_text())
    assert last["trial"] == "3" and float(last["accuracy"]) == report["validation_accuracy"]


def test_a_wrong_cluster_is_one_sentence(tmp_path):
    done = run(*TASK, "--job-dir", tmp_path, TF_CONFIG='{"cluster": {"worker": ["a:1", "b:1"]}}')
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "TF_CONFIG does not say which" in done.stderr
