"""Handwritten digits: 60,000 to learn from, 10,000 others for the test.

    mnist = mnistdata.read_data_sets()
    mnist.test.images                       float32 [10000, 28, 28, 1], 0 is paper, 1 is ink
    mnist.test.labels                       float32 [10000, 10], one-hot: a 3 is 0001000000
    X, Y_ = mnist.train.next_batch(100)     the next 100 training digits and their labels

They come from the first of these places that has them:
    1. the folder asked for, as an argument or in the environment variable MNIST_DATA ('synthetic' means 5)
    2. this project's cache folder
    3. Keras's mnist.npz, where a Keras program has left it
    4. a public mirror; the download is verified and kept in the cache folder
    5. the built-in digits of syntheticdigits.py, which are not MNIST: the same lessons, other figures
"""

import contextlib
import hashlib
import http.client
import io
import math
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

try:
    import numpy as np
except ImportError:
    sys.exit(
        "NumPy is missing. This installs all that the lessons need: python -m pip install -r requirements.txt"
    )

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
FILES = {  # gzipped: (bytes, SHA-256)
    "train-images-idx3-ubyte": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    "train-labels-idx1-ubyte": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "t10k-images-idx3-ubyte": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    "t10k-labels-idx1-ubyte": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
KERAS_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
WRITERS = (range(600), range(600, 700))  # of the built-in digits for training and test, 100 digits each
SYNTHETIC_SHA256 = "bdd61f86cb2b53c7f5caec0f84597b591ebd301df98763ed9a1856b686697dac"
ANSWER_SECONDS = 2  # a mirror that has not answered by then is out of reach
SILENCE_SECONDS = 5  # a download that brings nothing for so long is given up
SLOWEST = 10_000  # bytes a second; a download that crawls is given up after GRACE_SECONDS
GRACE_SECONDS = 10
UNFINISHED = ".part"  # the end of a file's name while the file is being written
ABANDONED_SECONDS = 600  # an unfinished file that has not grown for so long belongs to a run that was killed
LARGEST = 1 << 29  # bytes in a file of digits, unpacked: eleven times MNIST
GZIP = 31  # zlib's wbits for gzip, with its header and checksum
GZIP_STEP = 4096  # bytes unpacked at a time: each member copies the rest of its step
NPZ_COMPRESSIONS = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED  # zipfile unpacks all others without a limit
NOT_MNIST = """\
+----------------------------------------------------------------------------+
|  These are NOT the MNIST digits, but built-in ones drawn by this program.  |
|  The lessons are the same, the figures are not: do not compare them.       |
+----------------------------------------------------------------------------+"""


class DigitsError(ValueError):
    """What is wrong with some digits, in one sentence that names the file."""


class DataSet:
    """Digits and their labels, handed out in batches."""

    def __init__(self, images, labels, seed):
        self.images = np.divide(images, 255, dtype=np.float32).reshape(-1, 28, 28, 1)
        self.labels = np.eye(10, dtype=np.float32)[labels]
        self._random = np.random.default_rng(seed)
        self._coming = np.empty(0, int)  # the numbers of the digits to hand out next

    def next_batch(self, size):
        """The next `size` digits; each comes once an epoch, in a new order every epoch."""
        while len(self._coming) < size:
            self._coming = np.append(self._coming, self._random.permutation(len(self.labels)))
        batch, self._coming = self._coming[:size], self._coming[size:]
        return self.images[batch], self.labels[batch]

    def next_batches(self, count, size):
        """`count` batches at once: images [count, size, 28, 28, 1], labels [count, size, 10]."""
        images, labels = self.next_batch(count * size)
        return images.reshape(count, size, 28, 28, 1), labels.reshape(count, size, 10)


class DataSets(NamedTuple):
    train: DataSet
    test: DataSet
    source: str  # where they come from, in words


def read_data_sets(folder=None, seed=0):
    """The digits for a lesson, in the same batches for the same seed; a fault ends it in one sentence."""
    try:
        *arrays, source = load(folder)
    except DigitsError as fault:
        report(fault)
        sys.exit(2)
    return DataSets(DataSet(*arrays[:2], seed), DataSet(*arrays[2:], seed), source)


def load(folder=None):
    """uint8 images [n, 28, 28] and labels [n] for training, the same for the test, and their source."""
    if folder is None:
        folder = os.environ.get("MNIST_DATA") or None
    if folder == "synthetic":
        return synthetic_digits()
    if folder is not None:
        return *read_folder(folder), f"the digits in {folder}"
    kept = {name: read_kept(name + ".gz", sha) for name, (_, sha) in FILES.items()}
    return kept_digits(kept) or keras_digits() or downloaded_digits(kept) or synthetic_digits()


# -------------------------------------------------------- the places where digits may be (None: not there)


def kept_digits(files):
    if all(files.values()):
        return *parse_four_files(files), f"MNIST, kept in {cache_folder()}"


def keras_digits():
    path = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "datasets", "mnist.npz")
    if os.path.isfile(path):
        try:
            return *read_npz(path), f"Keras's {path}"
        except DigitsError as fault:
            report(f"{fault} It is passed over.")


def downloaded_digits(kept):
    new, mirrors = {}, list(MIRRORS)
    for name, (size, sha) in FILES.items():
        for mirror in [] if kept[name] else list(mirrors):
            try:
                new[name] = download(f"{mirror}{name}.gz", size, sha)
                break
            except (OSError, http.client.HTTPException, ValueError) as fault:
                out_of_reach = type(fault) is urllib.error.URLError
                reason = " ".join(str(fault.reason if out_of_reach else fault).split())
                report(f"{mirror}{name}.gz: {reason}.")
                if out_of_reach:  # then the other files need not wait for it again
                    mirrors.remove(mirror)
        if not kept[name] and name not in new:
            return None
    keep({name + ".gz": data for name, data in new.items()})
    return *parse_four_files({**kept, **new}), "MNIST, downloaded"


def synthetic_digits():
    import syntheticdigits  # not needed where there is MNIST

    name = "synthetic-digits.bin"  # the four arrays, byte after byte
    data = read_kept(name, SYNTHETIC_SHA256)
    if not data:
        data = b"".join(array.tobytes() for writers in WRITERS for array in syntheticdigits.draw(writers))
        keep({name: data})
    report(NOT_MNIST)
    arrays = np.split(np.frombuffer(data, np.uint8), np.cumsum([60_000 * 28 * 28, 60_000, 10_000 * 28 * 28]))
    arrays[::2] = (images.reshape(-1, 28, 28) for images in arrays[::2])
    return *arrays, "built-in, NOT MNIST: not to be compared with it"


# ------------------------------------------------------------------------------------------- the cache folder


def cache_folder():
    """This project's own, where each system has its caches; None for a user without a home folder."""
    if sys.platform == "win32":
        caches = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        caches = "~/Library/Caches"
    else:
        caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    caches = os.path.expanduser(caches)  # which leaves the ~ where it is if it finds no home folder
    return None if caches.startswith("~") else Path(caches, "mnist-lessons")


def read_kept(name, sha):
    """The bytes of a kept file, or None where it is missing or no longer what it was."""
    folder = cache_folder()
    if not folder or not os.path.exists(folder / name):
        return None
    path = folder / name
    try:
        data = read_file(path)
        if hashlib.sha256(data).hexdigest() == sha:
            return data
        report(f"{path}: damaged, skipped.")
    except DigitsError as error:
        report(error)


def keep(files):
    """Cache files for later runs: written aside and renamed, so that nobody ever reads half a file."""
    folder = cache_folder()
    if not folder:
        report("The digits cannot be cached: this user has no home folder.")
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder)
        for name, data in files.items():
            unfinished = folder / f"{name}.{os.urandom(8).hex()}{UNFINISHED}"
            try:
                unfinished.write_bytes(data)
                unfinished.replace(folder / name)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        report(f"{folder}: the digits cannot be cached ({error.strerror}).")


def remove_abandoned(folder):
    """Remove the unfinished files of runs that were killed."""
    for path in folder.glob(f"*{UNFINISHED}"):
        with contextlib.suppress(OSError):  # another run may be faster
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                path.unlink()


# ------------------------------------------------------------------------------------------------ downloading


def download(url, size, sha):
    """The bytes of a file on the network, or an exception that says what went wrong."""
    with answer(url) as response:
        try:
            data = receive(response, size, f"{Path(url).name} from {urlsplit(url).netloc}")
        finally:
            report("", terminal_only=True)  # ends the line that shows the progress
    if len(data) < size:
        raise DigitsError(f"cut short: {len(data):,} of {size:,} bytes")
    if hashlib.sha256(data).hexdigest() != sha:
        raise DigitsError("not the file that it should be (another SHA-256)")
    return bytes(data)


def receive(response, size, title):
    """The bytes of a response, not many more than `size`, and on a terminal the progress."""
    data, started = bytearray(), time.monotonic()
    while len(data) <= size and (part := response.read1(1 << 16)):
        data += part
        report(f"\r{title}: {len(data) / size:4.0%}", end="", terminal_only=True)
        seconds = time.monotonic() - started
        if seconds > GRACE_SECONDS and len(data) < SLOWEST * seconds:
            raise TimeoutError(f"only {len(data):,} bytes in {seconds:.0f} s")
    return data


def report(text, end="\n", terminal_only=False):
    """Print to standard error, if there is one: a program can go on without it."""
    with contextlib.suppress(AttributeError, OSError, ValueError):  # it is None, broken, or closed
        if not terminal_only or sys.stderr.isatty():
            sys.stderr.write(f"{text}{end}")
            sys.stderr.flush()


def answer(url):
    """The response to a request, asked in a thread: a silent name server would hold this one up for long."""
    answers = queue.SimpleQueue()

    def ask():
        try:
            answers.put(urllib.request.urlopen(url, timeout=SILENCE_SECONDS))
        except Exception as fault:
            answers.put(fault)

    threading.Thread(target=ask, daemon=True).start()
    try:
        response = answers.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        raise urllib.error.URLError(f"no answer within {ANSWER_SECONDS} s") from None
    if isinstance(response, Exception):
        raise response
    return response


# ---------------------------------------------------------------------------------------------- reading files


def read_folder(folder):
    """The four arrays in a folder with MNIST's four files, gzipped or not, or with mnist.npz."""
    if not os.path.isdir(folder):
        raise DigitsError(f"'{folder}': no such folder. Name one with MNIST's files, or say synthetic.")
    paths = [find(folder, name) for name in FILES]
    npz = Path(folder, "mnist.npz")
    if not all(paths) and npz.exists():
        return read_npz(npz)
    for name, path in zip(FILES, paths):
        if not path:
            raise DigitsError(f"{folder}: {name} (or {name}.gz) is missing there, and so is mnist.npz.")
    return parse_four_files({path: read_file(path) for path in paths})


def find(folder, name):
    """The path of one of MNIST's files, under the names that it goes by, or None."""
    for candidate in (f"{name}.gz", name, name.replace("-idx", ".idx")):
        if os.path.exists(Path(folder, candidate)):
            return Path(folder, candidate)


def read_file(path):
    """The bytes of a file. Only regular files are opened: others may keep their reader waiting for ever."""
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
    """The four arrays in {name: bytes}, in the order of FILES."""
    arrays = [parse_idx(data, name) for name, data in files.items()]
    return check(arrays, list(files))


def parse_idx(data, name):
    """The array in an IDX file's bytes: a magic number, the shape, then a byte for each pixel or label."""
    if data[:2] == b"\x1f\x8b":
        data = gunzip(data, name)
    magic = int.from_bytes(data[:4], "big")
    if magic not in (2049, 2051):
        raise DigitsError(f"{name}: not a file of digits: it starts with {data[:4].hex(' ') or 'nothing'}.")
    dimensions = magic % 256  # labels have 1, images 3
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise DigitsError(f"{name}: cut short within its first {start} bytes.")
    shape = [int(size) for size in np.frombuffer(data, ">u4", dimensions, offset=4)]
    expected, found = math.prod(shape), len(data) - start
    if found != expected:
        raise DigitsError(f"{name}: its header announces {expected:,} bytes of digits, but it has {found:,}.")
    if not found:
        raise DigitsError(f"{name}: there are no digits in it.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def gunzip(data, name):
    """The bytes in a gzip file, which may have several members, one after the other."""
    unpacked = bytearray()
    member = zlib.decompressobj(wbits=GZIP)
    try:
        for start in range(0, len(data), GZIP_STEP):
            part = data[start : start + GZIP_STEP]
            while part:
                if member.eof:
                    member = zlib.decompressobj(wbits=GZIP)
                unpacked += member.decompress(part, LARGEST + 1 - len(unpacked))
                check_size(len(unpacked), name)
                part = member.unused_data
    except zlib.error as error:
        raise DigitsError(f"{name}: damaged ({error}).") from None
    if not member.eof:
        raise DigitsError(f"{name}: its gzip data is cut short.")
    return unpacked


def read_npz(path):
    """The four arrays in Keras's mnist.npz: a zip file that has each of them in a file of its own."""
    data = io.BytesIO(read_file(path))
    try:
        with zipfile.ZipFile(data) as archive:
            members = [archive.getinfo(f"{name}.npy") for name in KERAS_ARRAYS]
            check_size(sum(member.file_size for member in members), path)
            if not all(member.compress_type in NPZ_COMPRESSIONS for member in members):
                raise DigitsError(f"{path}: its compression is not one that NumPy uses.")
            arrays = [np.lib.format.read_array(archive.open(member)) for member in members]
    except DigitsError:
        raise
    except Exception:  # whatever a damaged zip file makes zipfile, zlib and numpy raise
        raise DigitsError(f"{path}: damaged, or not Keras's mnist.npz.") from None
    return check(arrays, [f"{path}: {name}" for name in KERAS_ARRAYS])


def check(arrays, names):
    """The four arrays, if they are digits: training images and labels, test images and labels."""
    train_images, train_labels, test_images, test_labels = arrays
    train_name, _, test_name, _ = names
    for images, name in (train_images, train_name), (test_images, test_name):
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
            shape = " x ".join(map(str, images.shape))
            raise DigitsError(
                f"{name}: images are needed, n x 28 x 28 bytes; these are {shape} of {images.dtype}."
            )
        if len(images) == 0:
            raise DigitsError(f"{name}: there are no digits in it.")
        if not images.any(axis=(1, 2)).all():
            raise DigitsError(f"{name}: there are blank images in it.")
    for labels, images, name in (train_labels, train_images, names[1]), (test_labels, test_images, names[3]):
        if labels.dtype != np.uint8 or labels.ndim != 1:
            raise DigitsError(f"{name}: labels are needed, one byte each.")
        if len(labels) != len(images):
            raise DigitsError(f"{name}: {len(labels):,} labels for {len(images):,} images.")
        if labels.max() > 9:
            raise DigitsError(
                f"{name}: label {labels.max()} at number {labels.argmax():,}; labels go from 0 to 9."
            )
    if len(test_images) > len(train_images):
        raise DigitsError(f"{test_name}: more test digits than training digits. Are the files swapped?")
    if np.array_equal(test_images[:100], train_images[: len(test_images[:100])]):
        raise DigitsError(f"{test_name}: the same digits as in {train_name}.")
    return arrays
