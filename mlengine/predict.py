"""Ask an exported network which digits it sees.

    python -m mlengine.predict mnist-job three.png photo.jpg    a digit in each: PNG or JPEG, of any size
    python -m mlengine.predict mnist-job digits.json            a request, as mlengine.digits writes it

For each digit: the answer and the ten probabilities. What cannot be a digit is refused, with the reason, and
the others are answered. Exit status: 0 all answered, 1 some refused, 2 wrong use.
"""

import contextlib
import json
import os
import sys

from startup import Parser, no_chatter, start_program, start_tensorflow

LARGEST = 20_000_000  # bytes of a file
MOST_PIXELS = 64_000_000  # of a picture; large photos have 50 million
SCAN, MOST_SCANS = (
    b"\xff\xda",
    100,
)  # how a scan of a JPEG begins; each costs the time of all pixels, 10 are usual
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"  # the first bytes of these files
SIZE = 28  # pixels
BAR = 40  # characters for a probability of 1


class Refused(ValueError):
    """Why something is not answered."""


def main(arguments=None):
    start_program()
    parser = Parser(__doc__, prog="python -m mlengine.predict")
    parser.add_argument("model", metavar="MODEL_FOLDER", help="the model, or the trainer's job folder")
    parser.add_argument("files", metavar="FILE", nargs="+", help="PNG, JPEG, or a request: a name in .json")
    options = parser.parse_args(arguments)
    start_tensorflow()
    try:
        network = load(options.model)
    except Refused as reason:
        parser.error(f"{options.model}: {reason}")

    refused = []

    @contextlib.contextmanager
    def answered_or_refused(name):
        try:
            yield
        except Refused as reason:
            refused.append(name)
            print(f"{name}: refused, {reason}.", file=sys.stderr)

    for file in options.files:
        with answered_or_refused(file):
            for name, ask, instance in questions(file):
                with answered_or_refused(name):
                    print(bars(name, ask(network, instance), sys.stdout.encoding), flush=True)
    return 1 if refused else 0


def load(folder):
    """The functions of the network, from the model's folder or the job's."""
    import tensorflow as tf

    for place in folder, os.path.join(folder, "model"):
        if tf.io.gfile.exists(os.path.join(place, "saved_model.pb")):
            break
    else:
        raise Refused("there is no model, that is no saved_model.pb in this folder or in its folder 'model'")
    try:
        network = tf.saved_model.load(place).signatures
    except Exception:  # whatever TensorFlow makes of damaged files
        raise Refused("the model is damaged") from None
    if not {"serving_default", "encoded"} <= set(network):
        raise Refused("the model is not one that mlengine has exported")
    return network


def questions(file):
    """(name, function to ask, what to ask it) for each digit in the file."""
    data = content(file)
    if not file.lower().endswith(".json"):
        return [(file, ask_picture, data)]
    try:
        instances = json.loads(data)["instances"]
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"not JSON ({error})") from None
    except ValueError:  # Python's own limit for whole numbers
        raise Refused("a number in it has thousands of digits") from None
    except (KeyError, TypeError):
        instances = None
    if not isinstance(instances, list) or not instances:
        raise Refused('a request looks like this: {"instances": [one or more digits]}')
    return [(f"{file}, instance {i}", ask_rows, rows) for i, rows in enumerate(instances, 1)]


def content(file):
    if os.path.exists(file) and not os.path.isfile(file):
        raise Refused("not a regular file")  # reading from others may never end
    try:
        with open(file, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise Refused(error.strerror) from None
    if not data:
        raise Refused("the file is empty")
    if len(data) > LARGEST:
        raise Refused(f"more than {LARGEST // 1_000_000} MB")
    return data


def ask_picture(network, data):
    """The ten probabilities for the digit in a PNG or JPEG file, given its bytes."""
    import tensorflow as tf

    from mlengine.trainer.export import NO_INK, TWO_DIGITS

    if not data.startswith((PNG, JPEG)):
        raise Refused("neither PNG nor JPEG")
    try:
        if data.startswith(PNG):  # a small file can unpack to more than fits into memory
            width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        else:
            if data.count(SCAN) > MOST_SCANS:
                raise Refused(f"{data.count(SCAN)} scans, more than {MOST_SCANS}")
            with no_chatter():  # of the JPEG library
                height, width, _ = tf.io.extract_jpeg_shape(data).numpy().tolist()
        if width * height > MOST_PIXELS:
            raise Refused(f"{width} x {height} pixels, more than {MOST_PIXELS // 1_000_000} million")
        with no_chatter():
            return network["encoded"](pictures=tf.constant([data]))["probabilities"][0].numpy()
    except tf.errors.InvalidArgumentError as error:
        reasons = [reason for reason in (NO_INK, TWO_DIGITS) if reason in str(error)]
        raise Refused(*reasons or ["damaged or cut short"]) from None


def ask_rows(network, rows):
    """The ten probabilities for 28 rows of 28 numbers."""
    import tensorflow as tf

    from mlengine.trainer import export

    if not isinstance(rows, list) or len(rows) != SIZE:
        raise Refused(f"it is not {SIZE} rows")
    for i, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != SIZE:
            raise Refused(f"row {i} is not {SIZE} numbers")
        for value in row:
            if type(value) not in (int, float) or not 0 <= value <= 1:
                raise Refused(f"{value!r:.30} in row {i} is not a number from 0, paper, to 1, ink")
    if max(map(max, rows)) - min(map(min, rows)) <= export.FAINTEST:
        raise Refused("there is no ink in it")
    return network["serving_default"](images=tf.constant([rows], tf.float32))["probabilities"][0].numpy()


def bars(name, probabilities, encoding):
    """The answer and the ten probabilities as text, in characters that the output can encode."""
    try:
        block = "█"
        block.encode(encoding or "ascii")
    except UnicodeEncodeError:
        block = "#"
    lines = [f"{name}: {probabilities.argmax()}"]
    for digit, probability in enumerate(probabilities):
        lines.append(f"  {digit}  {probability:7.2%}  {block * round(BAR * float(probability))}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
