"""Whatever is in a file, a request or the environment: the answer is a result or one sentence.

HYPOTHESIS_PROFILE=long python -m pytest tests/test_parsers.py      tries many more, others each time
"""

import argparse
import gzip
import io
import json
import os
import random
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import idx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from quiet import tf

import mnistdata
from dashboard.options import earlier_curves
from dashboard.run.text import COLUMNS
from mlengine import predict
from mlengine.trainer import checkpoints, export, forms, job_folder, loop, machines, report
from mlengine.trainer import options as command_line
from mlengine.trainer import run as run_job

settings.register_profile(
    "quick", max_examples=60, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
settings.register_profile("long", settings.get_profile("quick"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("parsed")


# ------------------------------------------------------------------------------------------ what is tried


def damaged(*valid):
    """The bytes of a valid file with a few of them changed, or cut out, or others put in; or any bytes."""
    edit = st.tuples(st.integers(0, 1 << 30), st.integers(0, 8), st.binary(max_size=8))

    def apply(data, edits):
        for place, size, other in edits:
            place %= len(data) + 1
            data = data[:place] + other + data[place + size :]
        return data

    cut = st.builds(
        lambda data, k: data[: k % (len(data) + 1)], st.sampled_from(valid), st.integers(0, 1 << 30)
    )
    edited = st.builds(apply, st.sampled_from(valid), st.lists(edit, min_size=1, max_size=4))
    return edited | cut | st.binary(max_size=200)


numbers = st.integers() | st.integers(-3, 300) | st.floats() | st.sampled_from([10**400, -(10**30), 1 << 63])
leaves = st.none() | st.booleans() | numbers | st.text(max_size=8)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def changed(valid):
    """A valid structure in which one or two parts are something else, or are missing."""

    def change(dice, others):
        structure = json.loads(json.dumps(valid))
        for other in others:
            places = list(parts(structure))
            if not places:
                return other
            owner, key = dice.choice(places)
            if dice.random() < 0.2:
                del owner[key]
            else:
                owner[key] = other
        return structure

    return (
        st.builds(change, st.randoms(use_true_random=False), st.lists(anything, min_size=1, max_size=2))
        | anything
    )


def parts(structure):
    """(where, key) of everything in it."""
    keys = range(len(structure)) if isinstance(structure, list) else list(structure)
    for key in keys:
        yield structure, key
        if isinstance(structure[key], (list, dict)):
            yield from parts(structure[key])


def text_of(structure):
    return json.dumps(structure).encode()


def is_one_sentence(error):
    text = str(error)
    return 0 < len(text) < 1000 and "\n" not in text


# --------------------------------------------------------------------------------------------- digits, curves


IMAGES = np.zeros([3, 28, 28], np.uint8)
IMAGES[:, 5:20, 9:12] = [[[200]], [[100]], [[50]]]
LABELS = np.array([1, 7, 1], np.uint8)
IDX = idx(IMAGES), idx(LABELS)
GZIP = tuple(gzip.compress(data, mtime=0) for data in IDX)


@given(damaged(*IDX, *GZIP, GZIP[1] + GZIP[1]))
def test_idx_and_gzip(data):
    try:
        array = mnistdata.parse_idx(data, "a file")
    except mnistdata.DigitsError as error:
        assert is_one_sentence(error) and "a file" in str(error)
    else:
        assert array.dtype == np.uint8 and 0 < array.size <= mnistdata.LARGEST


def npz(packed):
    arrays = dict(zip(mnistdata.KERAS_ARRAYS, [IMAGES, LABELS, IMAGES[1:], LABELS[1:]]))
    stream = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(stream, **arrays)
    return stream.getvalue()


@given(data=damaged(npz(True), npz(False)))
def test_npz(folder, data):
    (folder / "mnist.npz").write_bytes(data)
    try:
        mnistdata.read_npz(folder / "mnist.npz")
    except mnistdata.DigitsError as error:
        assert is_one_sentence(error)


CSV = ",".join(COLUMNS) + "\r\n0,0.5,1.5,,,0.003\r\n10,0.75,1,0.7,1.25,0.002\r\n"


@given(data=damaged(CSV.encode(), CSV.encode("utf-8-sig"), CSV.replace("0.75", '"0.75"').encode()))
def test_curves(folder, data):
    (folder / "curves.csv").write_bytes(data)
    try:
        earlier = earlier_curves(folder / "curves.csv")
    except argparse.ArgumentTypeError as error:
        assert is_one_sentence(error)
    else:
        assert earlier.training.shape[1] == earlier.test.shape[1] == 3


# -------------------------------------------------------------------------------------------- the job's files


OPTIONS = vars(command_line.parse("", []))
JOB = {"options": OPTIONS, "digits": "0123", "learning_rate": 0.003, "machines": 1}
REPORT = {**report.result(np.eye(10)[[1, 2, 3]], np.array([1, 2, 4])), "best_step": 7, "steps": 9,
          "validation_accuracy": 0.5, "seconds": 3.5, "history": []}  # fmt: skip


@given(changed(JOB).map(text_of) | damaged(text_of(JOB)))
def test_job_json(folder, data):
    (folder / "job.json").write_bytes(data)
    try:
        run_job.check_same_job(job_folder.folders(str(folder)), JOB)
    except (job_folder.JobError, machines.WrongUse) as error:
        assert is_one_sentence(error)


@given(data=changed(JOB).map(text_of) | damaged(text_of(JOB)))
def test_the_options_of_an_earlier_run(folder, data):
    """What is accepted could have been given on the command line."""
    (folder / "earlier.json").write_bytes(data)
    try:
        options = vars(command_line.parse("", ["--from", str(folder / "earlier.json")]))
    except SystemExit as end:
        assert end.code == 2
    else:
        same = command_line.as_arguments({**options, "earlier_job": None}, command_line.make_parser())
        assert vars(command_line.parse("", same)) == {**options, "earlier_job": None}


@given(data=changed(REPORT).map(text_of) | damaged(text_of(REPORT)))
def test_report_json(folder, data):
    (folder / "report.json").write_bytes(data)
    console = SimpleNamespace(say=lambda sentence: None)
    chief = SimpleNamespace(folders=job_folder.folders(str(folder)), console=console)
    try:
        if (result := job_folder.read_json(str(folder / "report.json"))) is not None:
            run_job.Chief.repeat_report(chief, result)
    except job_folder.JobError as error:
        assert is_one_sentence(error)


STATE = {"step": 7, "loss_sum": 0.5, "history": [loop.HISTORY], "best": {"step": 3}}
ARRAYS = {"network000": np.arange(6, dtype=np.float32).reshape(2, 3), "best000": np.ones(4)}


def checkpoint():
    stream = io.BytesIO()
    np.savez(stream, state=json.dumps(STATE), **ARRAYS)
    return stream.getvalue()


@given(data=damaged(checkpoint()))
def test_checkpoints(folder, data):
    """One that is read in spite of its damage is the one that was saved."""
    (folder / "step-00000007.npz").write_bytes(data)

    def fits(state, arrays):
        return state.keys() == STATE.keys() and loop.shapes(arrays) == loop.shapes(ARRAYS)

    sentences = []
    found = checkpoints.newest(str(folder), fits, sentences.append)
    if found is None:
        assert len(sentences) == 1 and is_one_sentence(sentences[0])
    else:
        assert found[0] == STATE and all(np.array_equal(found[1][name], ARRAYS[name]) for name in ARRAYS)


@given(changed(STATE))
def test_the_state_in_a_checkpoint(state):
    assert forms.has_form(state, STATE) in (True, False)


CLUSTER = {"chief": ["a:2222"], "worker": ["b:2222", "[::1]:2222"]}
TF_CONFIG = {"cluster": CLUSTER, "task": {"type": "worker", "index": 1}}


@given(changed(TF_CONFIG).map(text_of) | damaged(text_of(TF_CONFIG)))
def test_tf_config(data):
    before = os.environ.get("TF_CONFIG")
    try:
        os.environb[b"TF_CONFIG"] = data.replace(b"\0", b"0")
        index, addresses = machines.this_machine()
    except machines.WrongUse as error:
        assert is_one_sentence(error)
    else:
        assert 0 <= index < max(1, len(addresses)) and all(0 < port < 65536 for _, port in addresses)
    finally:
        os.environ.pop("TF_CONFIG")
        if before is not None:
            os.environ["TF_CONFIG"] = before


# ------------------------------------------------------------------------------------- requests and pictures


ANSWER = {"probabilities": tf.fill([1, 10], 0.1)}
NETWORK = {"serving_default": lambda images: ANSWER, "encoded": lambda pictures: read(pictures[0])}
in_a_graph = tf.function(export.mnist_digit, input_signature=[tf.TensorSpec([], tf.string)])


def read(picture):
    digit = in_a_graph(picture).numpy()
    assert digit.shape == (28, 28) and digit.min() >= 0 and digit.max() <= 1.001
    return ANSWER


def ask_all(file):
    try:
        questions = predict.questions(str(file))
    except predict.Refused as reason:
        assert is_one_sentence(reason)
        return
    for name, ask, instance in questions:
        try:
            assert predict.bars(name, ask(NETWORK, instance), "ascii")
        except predict.Refused as reason:
            assert is_one_sentence(reason)


ROWS = (IMAGES[0] / 255).round(3).tolist()


@given(data=changed({"instances": [ROWS]}).map(text_of) | damaged(text_of({"instances": [ROWS]})))
def test_requests(folder, data):
    (folder / "digits.json").write_bytes(data)
    ask_all(folder / "digits.json")


def picture(form, mode, size=(30, 40), **options):
    paper = Image.new("L", size, 255)
    paper.paste(30, (12, 8, 17, 33))
    stream = io.BytesIO()
    paper.convert(mode).save(stream, form, **options)
    return stream.getvalue()


PICTURES = (
    picture("PNG", "L"), picture("PNG", "RGBA"), picture("PNG", "P"), picture("PNG", "1"),
    picture("JPEG", "RGB"), picture("JPEG", "CMYK"), picture("JPEG", "L", progressive=True),
)  # fmt: skip


@given(data=damaged(*PICTURES))
def test_pictures(folder, data):
    (folder / "picture").write_bytes(data)
    ask_all(folder / "picture")


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 1 << 30), st.sampled_from(["L", "RGB", "RGBA"]))
def test_pictures_of_noise(folder, width, height, seed, mode):
    pixels = random.Random(seed).randbytes(width * height * len(mode))
    stream = io.BytesIO()
    Image.frombytes(mode, (width, height), pixels).save(stream, "PNG")
    (folder / "picture").write_bytes(stream.getvalue())
    ask_all(folder / "picture")
