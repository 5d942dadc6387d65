"""Handwritten digits: 60,000 to train on, another 10,000 to test with.

    mnist = mnistdata.read_data_sets()
    mnist.test.images                       float32 [10000, 28, 28, 1]: 0 is paper, 1 is ink
    mnist.test.labels                       float32 [10000, 10], one-hot: a 3 is 0001000000
    X, Y_ = mnist.train.next_batch(100)     the next 100 training digits and their labels

The first of these places that has them:
    1. the folder given as an argument or in the environment variable MNIST_DATA ('synthetic' means 5)
    2. this project's cache folder
    3. Keras's mnist.npz, if a Keras program has downloaded it
    4. a public mirror; the download is verified, then cached
    5. syntheticdigits.py: built-in digits, not MNIST; the lessons are the same, the figures are not
"""

import contextlib
import gzip
import hashlib
import io
import math
import os
import sys
import threading
import time
import zipfile
import zlib
from concurrent import futures
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import startup

try:
    import numpy as np
except ImportError:
    sys.exit("NumPy is missing. To install what the lessons need: python -m pip install -r requirements.txt")

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
FILES = {  # the size and SHA-256 of each, gzipped
    "train-images-idx3-ubyte": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    "train-labels-idx1-ubyte": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "t10k-images-idx3-ubyte": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    "t10k-labels-idx1-ubyte": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
KERAS_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
WRITERS = (range(600), range(600, 700))  # of the built-in training and test digits, 100 digits each
SYNTHETIC_FILE = "synthetic-digits.bin"  # the four arrays of built-in digits, concatenated
SYNTHETIC_SHA256 = "bdd61f86cb2b53c7f5caec0f84597b591ebd301df98763ed9a1856b686697dac"
COPIES, MOST_TAUGHT = 4, 20  # copies of each taught digit per batch; most taught images per batch
ABANDONED_SECONDS = 600  # an unfinished file unchanged for this long was left by a killed run
ANSWER_SECONDS = 2  # a mirror that has not answered by then counts as unreachable
PART, PART_SECONDS = 100_000, 10  # bytes per read, and the longest a read may take
LARGEST = 1 << 29  # bytes of an unpacked file of digits; MNIST's largest has 47 million
NPZ_COMPRESSIONS = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED  # zipfile unpacks others without a limit
NOT_MNIST = """\
+----------------------------------------------------------------------------+
|  These are NOT the MNIST digits, but built-in ones drawn by this program.  |
|  The lessons are the same, the figures are not: do not compare them.       |
+----------------------------------------------------------------------------+"""


class DigitsError(ValueError):
    """One sentence: which file or folder of digits is unusable, and why."""


class DataSet:
    """Images and labels, handed out in shuffled batches."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, seed: int):
        self.images = np.divide(images, 255, dtype=np.float32).reshape(-1, 28, 28, 1)
        self.labels = np.eye(10, dtype=np.float32)[labels]
        self._random = np.random.default_rng(seed)
        self._upcoming = np.empty(0, int)  # indices of the next digits
        self.taught = []  # (image, label) of the learner's own digits, repeated in every batch

    def next_batch(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The next `size` digits. Every epoch has each digit once, in a new order."""
        images, labels = self.next_batches(1, size)
        return images[0], labels[0]

    def next_batches(self, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The next `count` batches: images [count, size, 28, 28, 1], labels [count, size, 10]."""
        while len(self._upcoming) < count * size:
            self._upcoming = np.append(self._upcoming, self._random.permutation(len(self.labels)))
        batch, self._upcoming = np.split(self._upcoming, [count * size])
        images = self.images[batch].reshape(count, size, 28, 28, 1)
        labels = self.labels[batch].reshape(count, size, 10)
        taught = self.taught[:size]
        if taught:  # they replace the first digits of every batch
            images[:, : len(taught)] = [image for image, _ in taught]
            labels[:, : len(taught)] = [label for _, label in taught]
        return images, labels

    def teach(self, image: np.ndarray, digit: int) -> None:
        """Put COPIES of an image [28, 28], labelled with this digit, into every batch from now on."""
        copy = np.reshape(image, (28, 28, 1)).astype(np.float32), np.eye(10, dtype=np.float32)[digit]
        self.taught = [*self.taught, *[copy] * COPIES][-MOST_TAUGHT:]

    def stop_teaching(self) -> None:
        self.taught = []


class DataSets(NamedTuple):
    train: DataSet
    test: DataSet
    source: str  # where the digits come from, for people


def read_data_sets(folder: str | os.PathLike | None = None, seed: int = 0) -> DataSets:
    """The digits for a lesson; the same seed gives the same batches. An error ends the program."""
    try:
        *arrays, source = load(folder)
    except DigitsError as error:
        report(error)
        sys.exit(2)
    return DataSets(DataSet(*arrays[:2], seed), DataSet(*arrays[2:], seed), source)


def load(folder=None):
    """Training images (uint8 [n, 28, 28]) and labels (uint8 [n]), the same for the test, and the source."""
    if folder is None:
        folder = os.environ.get("MNIST_DATA") or None
    if folder == "synthetic":
        return synthetic_digits()
    if folder is not None:
        return *read_folder(folder), f"the digits in {folder}"
    cached = {name: read_cached(f"{name}.gz", sha) for name, (_, sha) in FILES.items()}
    if all(cached.values()):
        return *parse_four_files(cached), f"MNIST, cached in {cache_folder()}"
    return keras_digits() or downloaded_digits(cached) or synthetic_digits()


def keras_digits():
    """The digits from Keras's download cache, or None."""
    path = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "datasets", "mnist.npz")
    if os.path.isfile(path):
        try:
            return *read_npz(path), f"MNIST, from Keras's {path}"
        except DigitsError as error:
            report(f"{error} It is skipped.")


def downloaded_digits(cached):
    """The digits, after downloading the files that are not cached, or None."""
    mirrors, new = list(MIRRORS), {}
    for name in FILES:
        if not cached[name]:
            new[name] = download_from_any(mirrors, name)
            if not new[name]:
                return None
    write_cache({f"{name}.gz": data for name, data in new.items()})
    return *parse_four_files({**cached, **new}), "MNIST, downloaded"


def synthetic_digits():
    """The built-in digits, announced as not being MNIST."""
    import syntheticdigits  # not needed with MNIST

    data = read_cached(SYNTHETIC_FILE, SYNTHETIC_SHA256)
    if not data:
        data = b"".join(array.tobytes() for writers in WRITERS for array in syntheticdigits.draw(writers))
        write_cache({SYNTHETIC_FILE: data})
    report(NOT_MNIST)
    arrays = np.split(np.frombuffer(data, np.uint8), np.cumsum([60_000 * 28 * 28, 60_000, 10_000 * 28 * 28]))
    arrays[::2] = (images.reshape(-1, 28, 28) for images in arrays[::2])
    return *arrays, "built-in digits, NOT MNIST: do not compare figures"


def report(text, end="\n", terminal_only=False):
    """Print to standard error, if there is one; without it, the program continues."""
    with contextlib.suppress(AttributeError, OSError, ValueError):  # it is None, broken, or closed
        if not terminal_only or sys.stderr.isatty():
            sys.stderr.write(f"{text}{end}")
            sys.stderr.flush()


# ------------------------------------------------------------------------------------------- the cache folder


def cache_folder():
    """This project's folder among the user's caches; None for a user without a home folder."""
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        caches = "~/Library/Caches"
    else:
        caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    caches = os.path.expanduser(caches)  # keeps the ~ if there is no home folder
    return None if caches.startswith("~") else Path(caches, "mnist-lessons")


def read_cached(name, sha):
    """The bytes of a cached file, or None if it is missing or damaged."""
    folder = cache_folder()
    if not folder or not os.path.exists(folder / name):
        return None
    try:
        data = read_file(folder / name)
        if hashlib.sha256(data).hexdigest() == sha:
            return data
        report(f"{folder / name}: damaged, skipped.")
    except DigitsError as error:
        report(f"{error} It is skipped.")


def write_cache(files):
    """Cache {name: bytes}. Other runs never see an incomplete file."""
    folder = cache_folder()
    if not folder:
        report("The digits cannot be cached: this user has no home folder.")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            remove_abandoned(folder / name)
            with startup.atomic_write(folder / name) as path:
                path.write_bytes(data)
    except OSError as error:
        report(f"{folder}: the digits cannot be cached ({error.strerror}).")


def remove_abandoned(path):
    """Remove unfinished versions of this file that killed runs have left."""
    for unfinished in path.parent.glob(startup.temporary_path(path, process="*").name):
        with contextlib.suppress(OSError):  # another run may have removed it first
            if time.time() - unfinished.stat().st_mtime > ABANDONED_SECONDS:
                unfinished.unlink()


# ------------------------------------------------------------------------------------------------ downloading


def download_from_any(mirrors, name):
    """One of MNIST's files, or None. Mirrors that do not answer are removed from the list."""
    for mirror in list(mirrors):
        url = f"{mirror}{name}.gz"
        try:
            return download(url, *FILES[name])
        except Exception as error:  # requests and urllib3 raise almost anything
            report(f"{url}: {reason(error)}.")
            if isinstance(error, (OSError, futures.TimeoutError)):
                mirrors.remove(mirror)  # so that the other files do not wait for it again


def download(url, size, sha):
    """The verified bytes at a URL. On a terminal, shows the progress."""
    import requests  # not needed with cached digits

    headers = {"Accept-Encoding": "identity"}  # the file is compressed already
    response = in_time(
        ANSWER_SECONDS, lambda: requests.get(url, headers=headers, stream=True, timeout=2 * PART_SECONDS)
    )
    if response.status_code != 200:
        raise DigitsError(f"HTTP status {response.status_code} {response.reason}")
    data, title = bytearray(), f"{Path(url).name} from {urlsplit(url).netloc}"
    try:  # raw is never decoded, whatever Content-Encoding the mirror declares
        while len(data) <= size and (part := in_time(PART_SECONDS, lambda: response.raw.read(PART))):
            data += part
            report(f"\r{title}: {len(data) / size:4.0%}", end="", terminal_only=True)
    finally:
        report("", terminal_only=True)  # end the progress line
    if hashlib.sha256(data).hexdigest() != sha:
        raise DigitsError(f"not the expected file ({len(data):,} of {size:,} bytes, or another SHA-256)")
    return data


def in_time(seconds, function):
    """The result of a function, run in a thread because name look-ups have no timeout."""
    future = futures.Future()

    def run():
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)


def reason(error):
    """Why a download failed: the original error's text, without what requests and urllib3 wrap around it."""
    place = "the proxy: " if type(error).__name__ == "ProxyError" else ""
    while error.__context__:
        error = error.__context__
    words = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return place + (" ".join(words.split()).strip(".") or "no answer, or too slow")


# ---------------------------------------------------------------------------------------------- reading files


def read_folder(folder):
    """The four arrays from a folder with MNIST's four files, gzipped or not, or mnist.npz."""
    if not os.path.isdir(folder):
        raise DigitsError(f"'{folder}': no such folder. Name one with MNIST's files, or 'synthetic'.")
    paths = [find_file(folder, name) for name in FILES]
    npz = Path(folder, "mnist.npz")
    if not all(paths) and os.path.exists(npz):
        return read_npz(npz)
    for name, path in zip(FILES, paths):
        if not path:
            raise DigitsError(f"{folder}: {name} (or {name}.gz) is missing there, and so is mnist.npz.")
    return parse_four_files({path: read_file(path) for path in paths})


def find_file(folder, name):
    """The path of one of MNIST's files under any of its usual names, or None."""
    for candidate in (f"{name}.gz", name, name.replace("-idx", ".idx")):
        if os.path.exists(Path(folder, candidate)):
            return Path(folder, candidate)


def read_file(path):
    """The bytes of a regular file; reading a fifo or device might never end."""
    if not os.path.isfile(path):
        raise DigitsError(f"{path}: not a regular file.")
    try:
        check_size(os.path.getsize(path), path)
        return Path(path).read_bytes()
    except OSError as error:
        raise DigitsError(f"{path}: cannot be read: {error.strerror}.") from None


def check_size(size, name):
    if size > LARGEST:
        raise DigitsError(f"{name}: more than {LARGEST:,} bytes (LARGEST in mnistdata.py).")


def parse_four_files(files):
    """The four arrays from {name: bytes}, in the order of FILES."""
    arrays = [parse_idx(data, name) for name, data in files.items()]
    return check_digits(arrays, list(files))


def parse_idx(data, name):
    """The array in an IDX file: magic number, shape, then one byte per pixel or label."""
    if data[:2] == b"\x1f\x8b":
        data = gunzip(data, name)
    magic = int.from_bytes(data[:4], "big")
    if magic not in (2049, 2051):
        raise DigitsError(f"{name}: not a file of digits: it starts with {data[:4].hex(' ') or 'nothing'}.")
    dimensions = magic % 256  # 1 for labels, 3 for images
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise DigitsError(f"{name}: cut short within its first {start} bytes.")
    shape = [int(size) for size in np.frombuffer(data, ">u4", dimensions, offset=4)]
    expected, found = math.prod(shape), len(data) - start
    if found != expected:
        raise DigitsError(f"{name}: {expected:,} bytes of digits expected from its header, {found:,} found.")
    if not found:
        raise DigitsError(f"{name}: there are no digits in it.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def gunzip(data, name):
    unpacked, file = bytearray(), gzip.GzipFile(fileobj=io.BytesIO(data))
    try:
        while part := file.read(1 << 20):
            unpacked += part
            check_size(len(unpacked), name)
    except (OSError, EOFError, zlib.error) as error:
        raise DigitsError(f"{name}: damaged ({error}).") from None
    return unpacked


def read_npz(path):
    """The four arrays from Keras's mnist.npz, a zip file with one .npy file per array."""
    data = io.BytesIO(read_file(path))
    try:
        with zipfile.ZipFile(data) as archive:
            members = [archive.getinfo(f"{name}.npy") for name in KERAS_ARRAYS]
            check_size(sum(member.file_size for member in members), path)
            if not all(member.compress_type in NPZ_COMPRESSIONS for member in members):
                raise DigitsError(f"{path}: packed with a compression that NumPy does not use.")
            arrays = [np.lib.format.read_array(archive.open(member)) for member in members]
    except DigitsError:
        raise
    except Exception:  # on a damaged file, zipfile, zlib and NumPy raise almost anything
        raise DigitsError(f"{path}: damaged, or not Keras's mnist.npz.") from None
    return check_digits(arrays, [f"{path}: {name}" for name in KERAS_ARRAYS])


def check_digits(arrays, names):
    """The four arrays, checked: training images and labels, test images and labels."""
    train_images, _, test_images, _ = arrays
    for i in 0, 2:
        check_images(arrays[i], names[i])
        check_labels(arrays[i + 1], names[i + 1], len(arrays[i]))
    if len(test_images) > len(train_images):
        raise DigitsError(f"{names[2]}: more test digits than training digits. Are the files swapped?")
    if np.array_equal(test_images[:100], train_images[: len(test_images[:100])]):
        raise DigitsError(f"{names[2]}: the same digits as in {names[0]}.")
    return arrays


def check_images(images, name):
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        found = f"{images.dtype} {list(images.shape)}"
        raise DigitsError(f"{name}: images must be uint8 [n, 28, 28]; these are {found}.")
    if len(images) == 0:
        raise DigitsError(f"{name}: there are no digits in it.")
    if not images.any(axis=(1, 2)).all():
        raise DigitsError(f"{name}: there are blank images in it.")


def check_labels(labels, name, count):
    if labels.dtype != np.uint8 or labels.ndim != 1:
        found = f"{labels.dtype} {list(labels.shape)}"
        raise DigitsError(f"{name}: labels must be uint8 [n]; these are {found}.")
    if len(labels) != count:
        raise DigitsError(f"{name}: {len(labels):,} labels for {count:,} images.")
    if labels.max() > 9:
        raise DigitsError(f"{name}: label {labels.argmax():,} is {labels.max()}; labels go from 0 to 9.")
