"""Write a request for predictions: the first five test digits, and print the right answers.

    python -m mlengine.digits                                   writes digits.json
    python -m mlengine.predict mnist-job digits.json            asks the network on this machine

The same file goes to a TensorFlow server's `:predict`, and to the cloud with
`gcloud ai endpoints predict ENDPOINT --json-request=digits.json`.
"""

import sys

import mnistdata
from startup import Parser, start_program

COUNT = 5


def main(arguments=None):
    start_program()
    parser = Parser(__doc__, prog="python -m mlengine.digits")
    parser.add_argument(
        "--out", default="digits.json", metavar="FILE", help="the file to write (default: digits.json)"
    )
    parser.add_data_option()
    options = parser.parse_args(arguments)
    try:
        _, _, images, labels, source = mnistdata.load(options.data)
    except mnistdata.DigitsError as fault:
        parser.error(str(fault).rstrip("."))
    try:
        with open(options.out, "w") as file:
            file.write(request(images[:COUNT] / 255))
    except OSError as fault:
        parser.error(f"{options.out}: {fault.strerror}")
    print(f"{options.out}: {COUNT} digits, {source}")
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
