"""Write a request for predictions: the first five test digits, and print the right answers.

    python -m mlengine.digits                                   writes digits.json
    python -m mlengine.predict mnist-job digits.json            asks the network on this machine

The same file goes to a TensorFlow server's `:predict`, and to the cloud with
`gcloud ai endpoints predict ENDPOINT --json-request=digits.json`.
"""

import sys

import mnistdata
from startup import Parser, atomic_write, new_file, start_program

COUNT = 5
OUT = "digits.json"


def main(arguments=None):
    start_program()
    parser = Parser(__doc__, prog="python -m mlengine.digits")
    parser.add_argument("--out", default=OUT, type=new_file(".json"), metavar="FILE", help=f"default: {OUT}")
    parser.add_data_option()
    options = parser.parse_args(arguments)
    try:
        _, _, images, labels, source = mnistdata.load(options.data)
    except mnistdata.DigitsError as error:
        parser.error(str(error).rstrip("."))
    try:
        with atomic_write(options.out) as unfinished:
            unfinished.write_text(request(images[:COUNT] / 255))
    except OSError as error:
        parser.error(f"{options.out}: {error.strerror}")
    count = len(labels[:COUNT])
    print(f"{options.out}: {count} digit{'s' * (count > 1)}, {source}")
    print("the right answers:", *labels[:COUNT])
    return 0


def request(images):
    """JSON with a line for each row of pixels, in which the digits can be seen."""
    digits = []
    for image in images:
        rows = (", ".join(f"{round(float(ink), 3):5g}" for ink in row) for row in image)
        digits.append("[" + ",\n ".join(f"[{row}]" for row in rows) + "]")
    return '{"instances": [\n' + ",\n\n".join(digits) + "\n]}\n"


if __name__ == "__main__":
    sys.exit(main())
