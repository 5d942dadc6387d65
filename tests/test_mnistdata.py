"""Digits from folders, good and damaged, and the batches that they are handed out in."""

import gzip
import io
import os
import struct
import sys
import zipfile
import zlib

import numpy as np
import pytest
from conftest import idx
from processes import finish, run, start

import mnistdata
import syntheticdigits

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = mnistdata.FILES


@pytest.fixture
def folder(digits, tmp_path):
    """The four files, not gzipped, free to be damaged."""
    folder = tmp_path / "a folder with späces"
    folder.mkdir()
    for name, array in zip(mnistdata.FILES, digits):
        (folder / name).write_bytes(idx(array))
    return folder


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def is_right(loaded, digits):
    return all(np.array_equal(got, wanted) for got, wanted in zip(loaded[:4], digits, strict=True))


# ----------------------------------------------------------------------------------------------- good input


def test_the_real_mnist(mnist_folder):
    mnist = mnistdata.read_data_sets(str(mnist_folder))
    assert mnist.train.images.shape == (60000, 28, 28, 1) and mnist.test.images.shape == (10000, 28, 28, 1)
    assert mnist.train.labels.shape == (60000, 10) and mnist.test.labels.shape == (10000, 10)
    assert mnist.train.images.dtype == mnist.train.labels.dtype == np.float32
    assert mnist.train.images.min() == 0 and mnist.train.images.max() == 1
    assert mnist.train.images.mean() == pytest.approx(0.1307, abs=1e-4)  # the well-known figures
    assert mnist.train.images.std() == pytest.approx(0.3081, abs=1e-4)
    assert list(mnist.test.labels.argmax(axis=1)[:5]) == [7, 2, 1, 0, 4]
    assert (mnist.train.labels.sum(axis=1) == 1).all()


def test_plain_files(folder, digits):
    assert is_right(mnistdata.load(folder), digits)


def test_gzipped_files(digits_folder, digits):
    assert is_right(mnistdata.load(digits_folder), digits)


def test_plain_files_with_the_name_of_gzipped_ones(folder, digits):
    for name in mnistdata.FILES:
        (folder / name).rename(folder / f"{name}.gz")
    assert is_right(mnistdata.load(folder), digits)


def test_names_with_a_dot(folder, digits):
    for path in list(folder.iterdir()):
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert is_right(mnistdata.load(folder), digits)


def test_npz(tmp_path, digits):
    (tmp_path / "mnist.npz").write_bytes(npz(**dict(zip(mnistdata.KERAS_ARRAYS, digits))))
    assert is_right(mnistdata.load(tmp_path), digits)


def test_the_environment_names_a_folder(folder, digits, monkeypatch):
    monkeypatch.setenv("MNIST_DATA", str(folder))
    assert is_right(mnistdata.load(), digits)
    monkeypatch.setenv("MNIST_DATA", "/no/such/folder")
    assert is_right(mnistdata.load(folder), digits)  # the argument wins


def test_npz_beside_incomplete_files(folder, digits):
    (folder / TRAIN_LABELS).unlink()
    (folder / "mnist.npz").write_bytes(npz(**dict(zip(mnistdata.KERAS_ARRAYS, digits))))
    assert is_right(mnistdata.load(folder), digits)


def test_gzip_in_several_parts(folder, digits):
    """As programs write it that compress on several cores."""
    path = folder / TRAIN_IMAGES
    data = path.read_bytes()
    path.write_bytes(gzip.compress(data[:5000], 1) + gzip.compress(data[5000:], 1))
    assert is_right(mnistdata.load(folder), digits)


def test_keras_digits_are_found(tmp_path, digits, monkeypatch, capsys):
    monkeypatch.setattr(mnistdata, "MIRRORS", [])
    monkeypatch.setattr(mnistdata, "synthetic_digits", lambda: "built-in digits")
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(npz(**dict(zip(mnistdata.KERAS_ARRAYS, digits))))
    loaded = mnistdata.load()
    assert is_right(loaded, digits) and str(path) in loaded[4]
    path.write_bytes(path.read_bytes()[:-1000])
    assert mnistdata.load() == "built-in digits"  # skipped when damaged
    assert str(path) in capsys.readouterr().err


def test_built_in_digits_come_with_a_notice_and_are_cached(monkeypatch, capsys):
    monkeypatch.setattr(mnistdata, "MIRRORS", [])
    first = mnistdata.load()
    assert [len(array) for array in first[:4]] == [60000, 60000, 10000, 10000]
    assert "NOT the MNIST digits" in capsys.readouterr().err
    monkeypatch.setattr(syntheticdigits, "draw", None)  # would fail if it were called again
    assert is_right(mnistdata.load("synthetic"), first[:4])
    assert "NOT the MNIST digits" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ bad input


def patched(at, new):
    return lambda data: data[:at] + new + data[at + len(new) :]


def gzipped(damage):
    return lambda data: damage(gzip.compress(data, 1))


def with_a_gap(data):
    """A gzip stream whose end is missing, although its trailer is there."""
    return gzip.compress(data, 1)[:-500] + struct.pack("<II", zlib.crc32(data), len(data))


DAMAGES = {
    "images cut short": (TRAIN_IMAGES, lambda data: data[:-1]),
    "images cut at a whole image": (TRAIN_IMAGES, lambda data: data[:-784]),
    "images too long": (TRAIN_IMAGES, lambda data: data + b"\0"),
    "empty file": (TRAIN_IMAGES, lambda data: b""),
    "cut within the magic number": (TRAIN_LABELS, lambda data: data[:3]),
    "cut within the header": (TEST_IMAGES, lambda data: data[:10]),
    "wrong magic number": (TEST_IMAGES, patched(0, b"\0\0\x0d\x03")),
    "a web page instead": (TEST_IMAGES, lambda data: b"<!DOCTYPE html><title>404</title>"),
    "a zip file instead": (TEST_IMAGES, lambda data: npz(x=np.zeros(3))),
    "labels for images": (TRAIN_IMAGES, lambda data: idx(np.zeros(2000, np.uint8))),
    "images in the place of labels": (TRAIN_LABELS, lambda data: idx(np.ones((2000, 28, 28), np.uint8))),
    "count too high": (TRAIN_IMAGES, patched(4, struct.pack(">I", 2001))),
    "count too low": (TRAIN_IMAGES, patched(4, struct.pack(">I", 1999))),
    "count absurd": (TRAIN_IMAGES, patched(4, b"\xff\xff\xff\xff")),
    "count of labels wrong": (TRAIN_LABELS, lambda data: idx(np.zeros(1999, np.uint8))),
    "no digits at all": (TEST_IMAGES, lambda data: idx(np.zeros((0, 28, 28), np.uint8))),
    "no digits, of an absurd size": (TEST_IMAGES, lambda data: data[:4] + bytes(4) + b"\xff" * 8),
    "images of another size": (TEST_IMAGES, lambda data: idx(np.ones((1000, 32, 32), np.uint8))),
    "size and count exchanged": (TEST_IMAGES, patched(4, struct.pack(">III", 28, 28, 1000))),
    "a label of 10": (TEST_LABELS, patched(8 + 17, b"\x0a")),
    "a label of 255": (TRAIN_LABELS, patched(8, b"\xff")),
    "blank images": (TRAIN_IMAGES, lambda data: data[: 16 + 784] + bytes(len(data) - 16 - 784)),
    "gzip cut short": (TRAIN_IMAGES, gzipped(lambda data: data[:-1000])),
    "gzip cut in its trailer": (TRAIN_IMAGES, gzipped(lambda data: data[:-3])),
    "gzip cut to its first bytes": (TRAIN_IMAGES, gzipped(lambda data: data[:5])),
    "gzip with a wrong byte": (TRAIN_IMAGES, gzipped(patched(3000, b"\x55\xaa\x55"))),
    "gzip with a wrong checksum": (TRAIN_LABELS, gzipped(lambda data: data[:-8] + bytes(8))),
    "gzip with a gap": (TRAIN_IMAGES, with_a_gap),
    "gzip of something else": (TRAIN_LABELS, lambda data: gzip.compress(b"seven, two, one, zero")),
    "gzip and something behind it": (TRAIN_LABELS, lambda data: gzip.compress(data) + b"more"),
    "gzip twice": (TEST_LABELS, lambda data: gzip.compress(gzip.compress(data))),
    "test digits are the training digits": (TEST_IMAGES, lambda data: None),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_refused_in_one_sentence(name, folder, digits, capsys):
    victim, damage = DAMAGES[name]
    path = folder / victim
    damaged = damage(path.read_bytes())
    path.write_bytes(idx(digits[0][:1000]) if damaged is None else damaged)
    with pytest.raises(SystemExit) as exit:
        mnistdata.read_data_sets(str(folder))
    assert exit.value.code == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) == 1 and str(path) in said.err and said.out == ""


def one_array(arrays):
    file = io.BytesIO()
    np.save(file, arrays["x_test"])
    return file.getvalue()


def text_file(arrays):
    """A zip file with a text in the place of an array."""
    return replaced(npz(**arrays), b"seven, two, one, zero")


def absurd_shape(arrays):
    """An array that would take 20 terabytes."""
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (1 << 35, 28, 28)}
    np.lib.format.write_array_header_1_0(file, header)
    return replaced(npz(**arrays), file.getvalue())


def replaced(data, y_train, compression=zipfile.ZIP_STORED):
    """The npz file with these bytes in its y_train.npy, packed like this."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            if name != "y_train.npy":
                after.writestr(name, before.read(name))
        after.writestr("y_train.npy", y_train, compression)
    return file.getvalue()


def empty_zip(arrays):
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


def exchanged(arrays):
    x_train, y_train, x_test, y_test = arrays.values()
    return npz(x_train=x_test, y_train=y_test, x_test=x_train, y_test=y_train)


NPZ_DAMAGES = {
    "cut short": lambda arrays: npz(**arrays)[:-30],
    "not a zip file": lambda arrays: b"hello",
    "empty": lambda arrays: b"",
    "an array missing": lambda arrays: npz(**{name: arrays[name] for name in list(arrays)[:3]}),
    "a single array": one_array,
    "an empty zip": empty_zip,
    "a text in the place of an array": text_file,
    "an absurd shape": absurd_shape,
    "of floats": lambda arrays: npz(**{**arrays, "x_train": arrays["x_train"] / np.float32(255)}),
    "of objects": lambda arrays: npz(**{**arrays, "y_test": arrays["y_test"].astype(object)}),
    "negative labels": lambda arrays: npz(**{**arrays, "y_test": arrays["y_test"].astype(np.int8) - 5}),
    "one-hot labels": lambda arrays: npz(
        **{**arrays, "y_test": np.eye(10, dtype=np.uint8)[arrays["y_test"]]}
    ),
    "a wrong checksum": lambda arrays: npz(**arrays).replace(arrays["y_test"].tobytes(), bytes(1000), 1),
    "train and test exchanged": exchanged,
}


@pytest.mark.parametrize("name", NPZ_DAMAGES)
def test_a_damaged_npz_is_refused_in_one_sentence(name, tmp_path, digits, capsys):
    (tmp_path / "mnist.npz").write_bytes(NPZ_DAMAGES[name](dict(zip(mnistdata.KERAS_ARRAYS, digits))))
    with pytest.raises(SystemExit) as exit:
        mnistdata.read_data_sets(str(tmp_path))
    assert exit.value.code == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "mnist.npz" in said


@pytest.mark.parametrize("members", [1, 3])
def test_a_gzip_bomb_is_not_unpacked(members, folder, monkeypatch):
    """The limit is one for the whole file, not for each of its members."""
    monkeypatch.setattr(mnistdata, "LARGEST", 250_000)
    path = folder / TEST_LABELS
    path.write_bytes(members * gzip.compress(bytes(300_000 // members)))
    with pytest.raises(mnistdata.DigitsError, match="more than 250,000 bytes"):
        mnistdata.parse_idx(path.read_bytes(), path)


def test_a_file_that_is_too_large_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(mnistdata, "LARGEST", 250_000)
    with pytest.raises(mnistdata.DigitsError, match="more than 250,000 bytes"):
        mnistdata.load(folder)


@pytest.mark.parametrize("limit", [250_000, 1_000_000])
def test_an_npz_bomb_is_not_unpacked(limit, tmp_path, digits, monkeypatch):
    """Neither one array nor all four together may be larger than the limit."""
    monkeypatch.setattr(mnistdata, "LARGEST", limit)
    arrays = [np.zeros((1000, 28, 28), np.uint8), np.zeros(1000, np.uint8)] * 2
    np.savez_compressed(tmp_path / "mnist.npz", **dict(zip(mnistdata.KERAS_ARRAYS, arrays)))
    with pytest.raises(mnistdata.DigitsError, match=f"more than {limit:,} bytes"):
        mnistdata.load(tmp_path)


def test_an_npz_of_another_compression_is_not_unpacked(tmp_path, digits):
    """Python unpacks bzip2 in pieces of any size: 7 kilobytes can become 10 gigabytes."""
    data = npz(**dict(zip(mnistdata.KERAS_ARRAYS, digits)))
    (tmp_path / "mnist.npz").write_bytes(replaced(data, b"any", zipfile.ZIP_BZIP2))
    with pytest.raises(mnistdata.DigitsError, match="compression"):
        mnistdata.load(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("name", [TRAIN_LABELS, "mnist.npz"])
@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_what_is_no_regular_file_is_not_opened(name, kind, folder):
    """A program that opens a fifo waits until somebody writes to it."""
    (folder / TRAIN_LABELS).unlink()
    if kind == "fifo":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to(os.devnull)
    reading = start("-c", f"import mnistdata; mnistdata.read_data_sets({str(folder)!r})")
    done = finish(reading, 20)
    assert done.stderr == f"{folder / name}: not a regular file.\n"


def test_every_cut_of_a_small_file_is_noticed(folder):
    path = folder / TEST_LABELS
    data = path.read_bytes()
    for damaged in (data, gzip.compress(data)):
        for length in range(len(damaged)):
            with pytest.raises(mnistdata.DigitsError):
                mnistdata.parse_idx(damaged[:length], path)


@pytest.mark.parametrize("missing", mnistdata.FILES)
def test_a_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(mnistdata.DigitsError, match=missing):
        mnistdata.load(folder)


@pytest.mark.parametrize(
    "what", ["no such folder", "an empty folder", "a file", "a folder for a file", "no name", "a long name"]
)
def test_a_wrong_folder(what, tmp_path, folder):
    place = tmp_path / "place"
    if what == "an empty folder":
        place.mkdir()
    elif what == "a file":
        place.touch()
    elif what == "no name":
        place = ""
    elif what == "a long name":
        place = "a" * 300
    elif what == "a folder for a file":
        place = folder
        (folder / TRAIN_LABELS).unlink()
        (folder / TRAIN_LABELS).mkdir()
    with pytest.raises(mnistdata.DigitsError) as error:
        mnistdata.load(place)
    assert str(place) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows may read every file"
)
def test_an_unreadable_file(folder):
    (folder / TRAIN_LABELS).chmod(0)
    with pytest.raises(mnistdata.DigitsError, match="ermission"):
        mnistdata.load(folder)


# -------------------------------------------------------------------------------------------------- batches


def numbered(count, seed=0):
    """A data set whose images tell their own number."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(count) % 256, np.arange(count) // 256
    return mnistdata.DataSet(images, np.arange(count) % 10, seed)


def numbers(images):
    pixels = np.rint(images[..., 0] * 255).astype(int)
    return list((pixels[..., 0, 0] + 256 * pixels[..., 0, 1]).ravel())


def test_every_digit_comes_once_an_epoch_in_a_new_order():
    data = numbered(600)
    epochs = [sum((numbers(data.next_batch(100)[0]) for _ in range(6)), []) for _ in range(3)]
    assert all(sorted(epoch) == list(range(600)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != list(range(600))


def test_a_batch_may_lie_across_two_epochs():
    data = numbered(250)
    stream = sum((numbers(data.next_batch(100)[0]) for _ in range(5)), [])
    assert sorted(stream[:250]) == sorted(stream[250:]) == list(range(250))
    assert sorted(numbers(numbered(250).next_batch(750)[0])) == sorted(3 * list(range(250)))


def test_labels_stay_with_their_images():
    images, labels = numbered(600).next_batch(100)
    assert [n % 10 for n in numbers(images)] == list(labels.argmax(axis=1))
    assert labels.dtype == np.float32 and (labels.sum(axis=1) == 1).all()


def test_the_same_seed_the_same_batches():
    assert numbers(numbered(600, 1).next_batch(100)[0]) == numbers(numbered(600, 1).next_batch(100)[0])
    assert numbers(numbered(600, 1).next_batch(100)[0]) != numbers(numbered(600, 2).next_batch(100)[0])


def test_several_batches_at_once_are_the_same_batches():
    one, several = numbered(600), numbered(600)
    images, labels = several.next_batches(3, 100)
    assert images.shape == (3, 100, 28, 28, 1) and labels.shape == (3, 100, 10)
    assert numbers(images) == sum((numbers(one.next_batch(100)[0]) for _ in range(3)), [])
    assert several.next_batches(0, 100)[0].shape == (0, 100, 28, 28, 1)


def test_digits_that_are_at_hand_need_numpy_only(digits_folder):
    names = ["requests", "tensorflow", "matplotlib", "syntheticdigits"]
    code = f"import sys, mnistdata; mnistdata.load({str(digits_folder)!r})"
    done = run("-c", f"{code}; print([name for name in {names} if name in sys.modules])")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_numpy_one_line_says_what_to_do():
    done = run("-c", "import sys; sys.modules['numpy'] = None; import mnistdata")
    assert len(done.stderr.splitlines()) == 1 and "pip install -r requirements.txt" in done.stderr


@pytest.mark.parametrize(
    "platform, settings, folder",
    [
        ("linux", {}, ".cache/mnist-lessons"),
        ("linux", {"XDG_CACHE_HOME": "elsewhere"}, "elsewhere/mnist-lessons"),
        ("darwin", {}, "Library/Caches/mnist-lessons"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/mnist-lessons"),
        ("win32", {}, "AppData/Local/mnist-lessons"),
    ],
)
def test_each_system_has_its_cache_folder(
    platform, settings, folder, tmp_path, monkeypatch, real_cache_folder
):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setattr(os.path, "expanduser", lambda path: path.replace("~", str(tmp_path)))
    assert real_cache_folder() == tmp_path / folder


# ------------------------------------------------------------------------------------------------- teaching


def test_a_digit_that_is_taught_is_in_every_batch(digits):
    data = mnistdata.DataSet(*digits[:2], seed=0)
    same = mnistdata.DataSet(*digits[:2], seed=0)
    shape = np.ones((28, 28))
    data.teach(shape, 7)
    images, labels = data.next_batches(3, 100)
    others, _ = same.next_batches(3, 100)
    assert (images[:, : mnistdata.COPIES] == 1).all() and (labels[:, : mnistdata.COPIES, 7] == 1).all()
    assert (images[:, mnistdata.COPIES :] == others[:, mnistdata.COPIES :]).all(), "the rest stays"
    for k in range(10):
        data.teach(shape * 0.1 * k, k)
    images, labels = data.next_batch(100)
    assert len(data.taught) == mnistdata.MOST_TAUGHT and labels[0, 5] == 1, "the latest five digits"
    data.stop_teaching()
    assert not (data.next_batch(100)[0] == 1).all(axis=(1, 2, 3)).any()


def test_teaching_leaves_the_digits_as_they_are(digits):
    data = mnistdata.DataSet(*digits[:2], seed=0)
    before = data.images.copy(), data.labels.copy()
    data.teach(np.ones((28, 28)), 7)
    data.next_batches(50, 100)
    assert (data.images == before[0]).all() and (data.labels == before[1]).all()
