"""The exported model, what it makes of pictures, and the two programs that ask it."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import find_mnist, idx
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from processes import ROOT, finish, start
from quiet import tf

import mnistdata
from mlengine import digits as digits_command
from mlengine import predict
from mlengine.trainer import export

keras = tf.keras


@pytest.fixture(scope="module")
def some_digits(digits):
    """MNIST's where they are at hand, else the built-in ones: to learn from, and 40 others."""
    arrays = mnistdata.load(find_mnist())[:4] if find_mnist() else digits
    return [array[:size] for array, size in zip(arrays, (12000, 12000, 40, 40))]


@pytest.fixture(scope="module")
def model(some_digits):
    """A small network, trained for seconds."""
    images, labels, _, _ = some_digits
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(8, 5, strides=2, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(16, 4, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    epochs = 36000 // len(images)
    model.fit(images[..., None] / np.float32(255), labels.astype(np.int32), 100, epochs, verbose=0)
    return model


@pytest.fixture(scope="module")
def job(model, tmp_path_factory):
    """A job folder with the exported model in it."""
    folder = tmp_path_factory.mktemp("a job ü")
    export.export(model, folder / "model")
    return folder


@pytest.fixture(scope="module")
def network(job):
    return tf.saved_model.load(str(job / "model")).signatures


def encoded(picture, form="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, form, **{"compress_level": 1, **options})  # quick
    return stream.getvalue()


def on_a_canvas(digit, i=0):
    """An MNIST digit dark on light, seven times as large, somewhere on a big canvas."""
    canvas = Image.new("L", (900, 620), 255)
    large = Image.fromarray(digit).resize((196, 196), Image.Resampling.BICUBIC)
    canvas.paste(ImageOps.invert(large), (37 * i % 700, 53 * i % 420))
    return canvas


def drawn_three(pen=30):
    paper = Image.new("L", (1280, 960), 255)
    draw = ImageDraw.Draw(paper)
    draw.arc([700, 300, 900, 500], 190, 90, 0, pen)
    draw.arc([680, 500 - pen, 920, 740 - pen], -90, 160, 0, pen)
    return paper.resize((640, 480), Image.Resampling.LANCZOS)


def photographed(picture):
    """On grey paper, with a shadow across it, more light on one side, and the grain of a camera."""
    y, x = np.mgrid[0 : 1 : picture.height * 1j, 0 : 1 : picture.width * 1j]
    light = (0.45 + 0.3 * x * y) * np.where(x + 0.3 * y < 0.4, 0.8, 1)
    light = np.asarray(Image.fromarray(np.uint8(255 * light)).filter(ImageFilter.GaussianBlur(8))) / 255
    grain = np.random.default_rng(0).normal(0, 0.02, light.shape)
    seen = light * (0.25 + 0.75 * np.asarray(picture) / 255) + grain
    return Image.fromarray(np.uint8(255 * seen.clip(0, 1))).convert("RGB")


in_a_graph = tf.function(export.mnist_digit, input_signature=[tf.TensorSpec([], tf.string)])


def mnist_digit(data):
    return in_a_graph(data).numpy()


# ------------------------------------------------------------------------------------- the exported model


def test_the_exported_model_answers_as_the_network_does(model, network, some_digits):
    """It reads each digit five times: as it is, and a pixel lower, higher, to the right and to the left."""
    images = export.as_mnist(np.float32(some_digits[2] / 255)).numpy()
    paper = np.pad(images, [(0, 0), (1, 1), (1, 1)])
    places = (1, 1), (0, 1), (2, 1), (1, 0), (1, 2)
    answer = network["serving_default"](images=tf.constant(images))
    moved = [paper[:, top : top + 28, left : left + 28] for top, left in places]
    expected = np.mean([tf.nn.softmax(model(X[..., None], training=False)) for X in moved], axis=0)
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-5)
    np.testing.assert_array_equal(answer["classes"], np.argmax(expected, axis=1))
    assert answer["classes"].dtype == tf.int64 and answer["probabilities"].dtype == tf.float32
    assert np.mean(answer["classes"] == some_digits[3]) > 0.85


WAYS = {
    "as it is": lambda digit, i: encoded(Image.fromarray(digit)),
    "dark on light": lambda digit, i: encoded(on_a_canvas(digit, i)),
    "light on dark": lambda digit, i: encoded(ImageOps.invert(on_a_canvas(digit, i))),
    "JPEG": lambda digit, i: encoded(on_a_canvas(digit, i).convert("RGB"), "JPEG", quality=60),
    "black on nothing": lambda digit, i: on_nothing(digit, i, "black"),
    "white on nothing": lambda digit, i: on_nothing(digit, i, "white"),
    "red on yellow": lambda digit, i: encoded(ImageOps.colorize(on_a_canvas(digit, i), "red", "yellow")),
}


def on_nothing(digit, i, colour):
    ink = ImageOps.invert(on_a_canvas(digit, i))
    return encoded(Image.merge("RGBA", (*Image.new("RGB", ink.size, colour).split(), ink)))


@pytest.mark.parametrize("way", WAYS)
def test_a_digit_in_a_picture_is_answered_as_in_numbers(way, network, some_digits):
    _, _, images, labels = some_digits
    expected = network["serving_default"](images=tf.constant(np.float32(images / 255)))
    pictures = [WAYS[way](digit, i) for i, digit in enumerate(images)]
    answer = network["encoded"](pictures=tf.constant(pictures))
    difference = np.abs(answer["probabilities"] - expected["probabilities"]).max(axis=1)
    assert difference.mean() < 0.05 and np.quantile(difference, 0.9) < 0.15
    assert np.mean(answer["classes"] == labels) > np.mean(expected["classes"] == labels) - 0.03


def test_a_digit_of_mnist_comes_back_within_a_pixel(mnist_folder):
    places = np.arange(28)
    same = 0
    for digit in mnistdata.load(mnist_folder)[2][:50]:
        back = 255 * mnist_digit(encoded(Image.fromarray(digit)))
        same += np.abs(back - digit).mean() < 0.3
        for axis in 0, 1:
            before, after = digit.sum(axis, dtype=float), back.sum(axis)
            assert abs(before @ places / before.sum() - after @ places / after.sum()) < 1.01
    assert same > 40  # the others are those that MNIST's makers have rounded the other way


def test_a_photo_on_uneven_paper_gives_the_digit_that_was_drawn():
    drawing = drawn_three()
    expected = mnist_digit(encoded(drawing))
    assert expected.max() == 1 and 0.05 < expected.mean() < 0.2  # as much ink as MNIST's have
    rows, columns = np.nonzero(expected > 0.1)
    assert np.ptp(rows) + 1 in (19, 20) and np.ptp(columns) < 20
    for photo in photographed(drawing), ImageOps.invert(photographed(drawing)):
        assert np.abs(mnist_digit(encoded(photo, "JPEG")) - expected).mean() < 0.02


def test_dust_and_the_size_of_the_picture_do_not_matter():
    drawing = drawn_three()
    expected = mnist_digit(encoded(drawing))
    dusty = drawing.copy()
    for place in (20, 20), (600, 30), (100, 450):
        dusty.paste(60, (*place, place[0] + 3, place[1] + 3))
    wide = ImageOps.expand(drawing, (900, 0, 20, 0), 255)
    large = drawing.resize((3200, 2400))
    for picture in dusty, wide, large:
        assert np.abs(mnist_digit(encoded(picture)) - expected).mean() < 0.03


@pytest.mark.parametrize("brightness", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (28, 28), (3000, 1), (640, 480)])
def test_a_blank_picture_has_no_ink(brightness, size):
    with pytest.raises(tf.errors.InvalidArgumentError, match=export.NO_INK):
        mnist_digit(encoded(Image.new("L", size, brightness)))


def test_blank_paper_in_a_photo_has_no_ink():
    with pytest.raises(tf.errors.InvalidArgumentError, match=export.NO_INK):
        mnist_digit(encoded(photographed(Image.new("L", (640, 480), 255))))


def thin_digits():
    """Five digits of 28x28 pixels as a mouse draws them: one pixel wide, small or large, somewhere."""
    strokes = {
        7: [(2, 3, 12, 3), (12, 3, 6, 16)],
        1: [(20, 2, 20, 14)],
        4: [(5, 12, 2, 20), (2, 20, 11, 20), (9, 14, 9, 26)],
        2: [(14, 4, 18, 2), (18, 2, 21, 5), (21, 5, 14, 14), (14, 14, 22, 14)],
        0: [(4, 4, 10, 1), (10, 1, 16, 6), (16, 6, 15, 20), (15, 20, 8, 24), (8, 24, 3, 16), (3, 16, 4, 4)],
    }
    for digit, lines in strokes.items():
        paper = Image.new("L", (28, 28), 0)
        for line in lines:
            ImageDraw.Draw(paper).line(line, 255)
        yield digit, np.asarray(paper)


def test_a_digit_of_a_request_is_read_as_in_a_picture_wherever_it_stands(network, some_digits):
    _, _, images, _ = some_digits
    corner = [np.roll(digit, (-4, 4), (0, 1)) for digit in images[:20]]
    thin = [digit for _, digit in thin_digits()]
    drawn = np.stack([*corner, *thin])
    asked = network["serving_default"](images=tf.constant(np.float32(drawn / 255)))
    seen = network["encoded"](pictures=tf.constant([encoded(Image.fromarray(digit)) for digit in drawn]))
    same = asked["classes"].numpy() == seen["classes"].numpy()
    assert same.mean() >= 0.9, "a network that has learned little is in two minds about some"


def test_digits_of_mnist_are_read_as_they_are(mnist_folder):
    """All of them to the last bit, though three are only 19 pixels long; and blank paper."""
    images = np.float32(mnistdata.load(mnist_folder)[2] / 255)
    images = np.concatenate([images, np.zeros([1, 28, 28], np.float32)])
    assert np.array_equal(export.as_mnist(tf.constant(images)), images)


@pytest.mark.parametrize("width", [1, 6, 30])
@pytest.mark.parametrize("frame, paper", [("black", "white"), ("white", "black"), ("navy", "#dddddd")])
def test_a_frame_is_not_the_digit(width, frame, paper):
    drawing = drawn_three() if paper != "black" else ImageOps.invert(drawn_three())
    expected = mnist_digit(encoded(drawn_three()))
    framed = ImageOps.expand(drawing.convert("RGB"), width, frame)
    for data in encoded(framed), encoded(framed, "JPEG"):
        assert np.abs(mnist_digit(data) - expected).mean() < 0.03


FAINT = {  # what lies on the paper of a digit that is a request
    "a millionth everywhere": lambda noise: np.full([28, 28], 1e-6),
    "noise": lambda noise: noise / 255,
    "a corner": lambda noise: np.pad([[1 / 255]], (0, 27)),
    "grey paper": lambda noise: np.full([28, 28], 0.2),
}


@pytest.mark.parametrize("paper", FAINT)
def test_faint_paper_is_no_ink(paper, mnist_folder):
    """It moves no digit, and hides none."""
    images = np.float32(mnistdata.load(mnist_folder)[2][:50] / 255)
    faint = np.float32(FAINT[paper](np.random.default_rng(0).integers(0, 3, [50, 28, 28])))
    for digits in images, np.roll(images, (2, -3), (1, 2)):
        clean, seen = (export.as_mnist(tf.constant(X)).numpy() for X in (digits, np.maximum(digits, faint)))
        assert np.abs(seen - clean).mean() < 0.05


def test_two_digits_are_not_one():
    three = drawn_three().crop((330, 130, 480, 390))
    pair = Image.new("L", (640, 480), 255)
    pair.paste(three, (150, 100))
    pair.paste(three, (330, 110))
    with pytest.raises(tf.errors.InvalidArgumentError, match=export.TWO_DIGITS):
        mnist_digit(encoded(pair))


def test_a_digit_of_mnist_is_not_two(mnist_folder):
    for digit in mnistdata.load(mnist_folder)[2][:40]:
        mnist_digit(encoded(on_a_canvas(digit)))


def test_a_new_export_replaces_the_old_one_and_what_a_killed_one_left(model, tmp_path):
    folder = tmp_path / "model"
    for left_over in folder, tmp_path / "model.new", tmp_path / "model.old":
        left_over.mkdir()
        (left_over / "rubbish").write_text("")
    export.export(model, folder)
    assert os.listdir(tmp_path) == ["model"] and (folder / "saved_model.pb").exists()
    assert not (folder / "rubbish").exists()


def test_an_export_that_fails_leaves_the_old_model(model, tmp_path, monkeypatch):
    def disk_full(module, folder, signatures):
        os.mkdir(folder)
        raise OSError("No space left on device")

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").write_text("old")
    monkeypatch.setattr(tf.saved_model, "save", disk_full)
    with pytest.raises(OSError, match="No space"):
        export.export(model, tmp_path / "model")
    assert os.listdir(tmp_path) == ["model"] and (tmp_path / "model" / "saved_model.pb").read_text() == "old"


def test_a_bucket_is_written_directly(model, monkeypatch):
    written = []
    monkeypatch.setattr(tf.saved_model, "save", lambda module, folder, signatures: written.append(folder))
    export.export(model, "ram://bucket/jobs/1/model/", "a card")
    assert written == ["ram://bucket/jobs/1/model"]
    assert tf.io.gfile.GFile("ram://bucket/jobs/1/model/README.md").read() == "a card"


# ------------------------------------------------------------------------------------------ mlengine.predict


@pytest.fixture
def ask(job, capfd, monkeypatch, tmp_path):
    """Run predict in the test's folder: exit status, the lines of its answer, the lines of its complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    (tmp_path / "three.png").write_bytes(encoded(drawn_three()))

    def ask(*files, model=job):
        try:
            status = predict.main([str(model), *map(str, files)])
        except SystemExit as end:
            status = end.code
        output = capfd.readouterr()
        return status, output.out.splitlines(), output.err.splitlines()

    return ask


def request(*instances):
    return json.dumps({"instances": instances})


def rows(value=0.5):
    """A digit with one odd value in row 2."""
    digit = np.eye(28).tolist()
    digit[1][4] = value
    return digit


def test_an_answer_is_the_digit_and_ten_bars(ask):
    status, answer, complaints = ask("three.png")
    assert status == 0 and complaints == [] and len(answer) == 11
    assert answer[0].startswith("three.png: ")
    digits, shares, *_ = zip(*(line.split()[:2] for line in answer[1:]))
    assert digits == tuple("0123456789")
    shares = [float(share.rstrip("%")) for share in shares]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert answer[0] == f"three.png: {np.argmax(shares)}"
    for line, share in zip(answer[1:], shares):
        assert len(line.split()[2:] and line.split()[2]) == pytest.approx(share * 0.4, abs=0.51)
    assert len({len(line.split("%")[0]) for line in answer[1:]}) == 1  # aligned


def test_the_bars_are_letters_that_the_reader_can_show():
    probabilities = np.full(10, 0.1)
    assert "████" in predict.bars("x", probabilities, "utf-8")
    for encoding in "ascii", "latin-1", None:
        assert "####" in predict.bars("x", probabilities, encoding)


def with_scans(count):
    """A progressive JPEG, its last scan so many times more: each takes the decoder as long as all pixels."""
    data = encoded(drawn_three(), "JPEG", progressive=True)
    last = data.rindex(predict.SCAN)
    return data[:last] + (count + 1) * data[last:-2] + data[-2:]


BAD_FILES = {
    "missing.png": (None, "No such file"),
    "empty.png": (b"", "empty"),
    "text.png": (b"seven", "neither PNG nor JPEG"),
    "picture.gif": (encoded(drawn_three(), "GIF"), "neither PNG nor JPEG"),
    "cut.png": (encoded(drawn_three())[:-200], "damaged"),
    "cut.jpg": (encoded(drawn_three(), "JPEG")[:-400], "damaged"),
    "head.png": (encoded(drawn_three())[:12], "damaged"),
    "head.jpg": (b"\xff\xd8\xff\xe0", "damaged"),
    "blank.png": (encoded(Image.new("RGB", (99, 99), "white")), "no ink"),
    "bomb.png": (encoded(Image.new("1", (20000, 20000))), "20000 x 20000 pixels"),
    "scans.jpg": (with_scans(3000), "scans, more than 100"),
    "bomb.jpg": (encoded(Image.new("L", (9000, 9000)), "JPEG"), "9000 x 9000 pixels"),
    "empty.json": (b"", "empty"),
    "text.json": (b"seven", "not JSON"),
    "binary.json": (b"\xff\xfe\x00", "not JSON"),
    "deep.json": (b"[" * 100_000, "not JSON"),
    "list.json": (b"[1, 2]", "instances"),
    "other.json": (b'{"images": []}', "instances"),
    "none.json": (b'{"instances": []}', "instances"),
    "number.json": (b'{"instances": 7}', "instances"),
    "long.json": (b'{"instances": [%s]}' % (b"9" * 5000), "thousands of digits"),
}


def test_bad_files_are_refused_and_the_others_are_answered(ask, tmp_path):
    for name, (data, _) in BAD_FILES.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
    status, answer, complaints = ask("three.png", *BAD_FILES, "three.png")
    assert status == 1 and len(answer) == 22
    for complaint, (name, (_, reason)) in zip(complaints, BAD_FILES.items(), strict=True):
        assert complaint.startswith(f"{name}: refused") and reason in complaint


def test_a_folder_and_a_huge_file_are_refused(ask, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with open(tmp_path / "huge.json", "wb") as file:
        file.truncate(predict.LARGEST + 1)
    status, answer, complaints = ask("folder.png", "huge.json")
    assert status == 1 and answer == []
    assert complaints[0] == "folder.png: refused, not a regular file."
    assert "huge.json: refused, more than 20 MB" in complaints[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no fifos")
def test_nobody_waits_for_a_fifo(ask, tmp_path):
    os.mkfifo(tmp_path / "fifo.png")
    assert ask("fifo.png") == (1, [], ["fifo.png: refused, not a regular file."])


BAD_INSTANCES = [
    (rows(float("nan")), "nan in row 2"),
    (rows(float("inf")), "inf in row 2"),
    (rows(-0.01), "-0.01 in row 2"),
    (rows(255), "255 in row 2"),
    (rows(10**400), "1000"),
    (rows("0.5"), "'0.5' in row 2"),
    (rows(True), "True in row 2"),
    (rows(None), "None in row 2"),
    (rows([0.5]), "[0.5] in row 2"),
    (rows()[:27], "not 28 rows"),
    (np.zeros([27, 27]).tolist(), "not 28 rows"),
    (np.zeros(784).tolist(), "not 28 rows"),
    ([*rows()[:5], [0.5] * 27, *rows()[6:]], "row 6 is not 28 numbers"),
    ([0.5] * 28, "row 1 is not 28 numbers"),
    ("x" * 28, "not 28 rows"),
    ({"images": rows()}, "not 28 rows"),
    (np.zeros([28, 28]).tolist(), "no ink"),
    (np.full([28, 28], 1e-320).tolist(), "no ink"),
    (np.full([28, 28], 0.7).tolist(), "no ink"),
]


def test_bad_instances_are_refused_and_the_others_are_answered(ask, tmp_path):
    bad = [instance for instance, _ in BAD_INSTANCES]
    (tmp_path / "some.json").write_text(request(rows(), *bad, rows(1)))
    status, answer, complaints = ask("some.json")
    assert status == 1 and len(answer) == 22
    assert answer[0].startswith("some.json, instance 1: ")
    assert answer[11].startswith(f"some.json, instance {len(bad) + 2}: ")
    for k, (complaint, (_, reason)) in enumerate(zip(complaints, BAD_INSTANCES, strict=True), 2):
        assert complaint.startswith(f"some.json, instance {k}: refused")
        assert reason in complaint and len(complaint) < 120


def test_a_wrong_model_is_one_line_and_status_2(ask, job, tmp_path):
    damaged, other = tmp_path / "damaged", tmp_path / "other"
    shutil.copytree(job / "model", damaged)
    (damaged / "saved_model.pb").write_bytes(b"not a model")
    tf.saved_model.save(tf.Module(), str(other))
    reasons = {tmp_path / "missing": "no model", tmp_path: "no model", tmp_path / "three.png": "no model"}
    for folder, reason in {**reasons, damaged: "damaged", other: "not one that mlengine"}.items():
        status, answer, complaints = ask("three.png", model=folder)
        assert (status, answer, len(complaints)) == (2, [], 1)
        assert str(folder) in complaints[0] and reason in complaints[0]


@pytest.mark.skipif(os.name != "posix", reason="for shells")
def test_the_command_says_nothing_but_answers(job, tmp_path):
    """With the model's own folder; in a pipe that knows ASCII only, and without an output."""
    (tmp_path / "drei ü.png").write_bytes(encoded(drawn_three()))
    (tmp_path / "cut.jpg").write_bytes(encoded(drawn_three(), "JPEG")[:-400])
    command = "-m", "mlengine.predict", job / "model", tmp_path / "drei ü.png", tmp_path / "cut.jpg"
    asked = start(*command, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    words = shlex.join(map(str, [sys.executable, *command]))
    closed = subprocess.run(f"{words} >&-", shell=True, cwd=ROOT, capture_output=True, text=True, timeout=300)
    done = finish(asked)
    assert len(done.stdout.splitlines()) == 11 and "#" in done.stdout
    for ended in done, closed:
        assert ended.returncode == 1
        assert ended.stderr.splitlines() == [f"{tmp_path / 'cut.jpg'}: refused, damaged or cut short."]


def test_wrong_use_is_one_line_and_status_2(capfd, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    for arguments in [], ["folder"], ["--frobnicate", "folder", "file"], ["--help"]:
        with pytest.raises(SystemExit) as end:
            predict.main(arguments)
        out, err = capfd.readouterr()
        if arguments == ["--help"]:
            assert end.value.code == 0 and "MODEL_FOLDER" in out and "Exit status" in out
        else:
            assert end.value.code == 2 and out == "" and err.count("\n") == 1


# ------------------------------------------------------------------------------------------- mlengine.digits


def test_the_request_holds_five_test_digits_and_is_answered(ask, digits, digits_folder, tmp_path, capfd):
    assert digits_command.main(["--data", str(digits_folder)]) == 0
    last_line = capfd.readouterr().out.splitlines()[-1]
    assert last_line.split(": ")[1].split() == [str(label) for label in digits[3][:5]]
    text = (tmp_path / "digits.json").read_text()
    assert len(text) < 100_000  # the service takes 1.5 MB
    instances = np.array(json.loads(text)["instances"])
    np.testing.assert_allclose(instances, digits[2][:5] / 255, atol=0.0005)
    status, answer, complaints = ask("digits.json")
    assert status == 0 and complaints == [] and len(answer) == 5 * 11


def test_one_digit_is_not_several(digits, tmp_path, capfd):
    few = digits[0][:9], digits[1][:9], digits[2][:1], digits[3][:1]
    for name, array in zip(mnistdata.FILES, few):
        (tmp_path / name).write_bytes(idx(array))
    assert digits_command.main(["--data", str(tmp_path), "--out", str(tmp_path / "one.json")]) == 0
    assert "one.json: 1 digit, " in capfd.readouterr().out


def test_digits_that_cannot_be_read_or_written_are_one_line(digits_folder, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.chdir(tmp_path)  # where its digits.json could be written
    missing = tmp_path / "missing"
    for arguments, reason in (
        (["--data", missing], "no such folder"),
        (["--data", digits_folder, "--out", missing / "digits.json"], f"there is no folder '{missing}'"),
        (["--data", digits_folder, "--out", tmp_path / "digits.txt"], "does not end in .json"),
        (["--out"], "expected one argument"),
    ):
        with pytest.raises(SystemExit) as end:
            digits_command.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert end.value.code == 2 and out == "" and err.count("\n") == 1 and reason in err
