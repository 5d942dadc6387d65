"""Measure the exercises of the course, and the lessons themselves: what the pages of docs/ say about them.

    python docs/make/measure.py                                   all of them: hours
    python docs/make/measure.py 2.1 2.1_constant --jobs 1         these
    python docs/make/measure.py 2.0_plain --iterations 1500       for so long

Each runs for several seeds, as text, in a process of its own, on MNIST unless MNIST_DATA names other digits.
The table: final test accuracy of each seed, their mean ± half the difference between the best and the worst,
the best accuracy on the way, the lowest and the last test loss; all but the first are means over the seeds.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import edits

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now

TEST = re.compile(r"^\d+: \*.* test accuracy:(\S+) test loss: (\S+)$", re.MULTILINE)


def main():
    startup.start_program()
    scripts = {number: path.read_text("utf-8") for number, path in edits.LESSONS.items()}
    scripts |= {name: exercise.script for name, exercise in edits.exercises().items()}
    parser = startup.Parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(scripts))
    number = startup.whole_number(1)
    parser.add_argument(
        "--jobs", type=number, default=2, metavar="N", help="processes at a time (default: 2)"
    )
    parser.add_argument("--seeds", type=number, default=3, metavar="N", help="0 to N - 1 (default: 3)")
    parser.add_argument("--iterations", type=number, metavar="N", help="(default: the script's own)")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the curves there, as NAME-SEED.csv")
    options = parser.parse_args()
    names = options.names or list(scripts)
    if unknown := [name for name in names if name not in scripts]:
        parser.error(f"{unknown[0]} is none of: {', '.join(scripts)}")
    more = ["--iterations", options.iterations] if options.iterations else []
    folder = Path(options.keep).absolute() if options.keep else None
    if folder:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            parser.error(f"'{folder}' cannot be made: {error.strerror}")
    print("| name | final test accuracy | mean | best | lowest test loss | last |\n|---|---|---|---|---|---|")
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    runs = {
        name: [pool.submit(run, name, scripts[name], seed, more, folder) for seed in range(options.seeds)]
        for name in names
    }
    try:
        for name, waiting in runs.items():
            print(row(name, [future.result() for future in waiting]), flush=True)
    finally:
        pool.shutdown(cancel_futures=True)  # after a run that failed, or Ctrl-C, no further one begins


def run(name, script, seed, more, folder):
    """[(test accuracy, test loss), ...] of one run."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"my_{name}.py"
        path.write_text(script, "utf-8")
        command = [sys.executable, path, "--text", "--seed", seed, *more]
        if folder:
            command += ["--save-curves", folder / f"{name}-{seed}.csv"]
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, "PYTHONPATH": str(edits.ROOT), "PYTHONUTF8": "1"},
            cwd=edits.ROOT,
            capture_output=True,
            encoding="utf-8",
        )
    if done.returncode:
        sys.exit(f"{name}, seed {seed}: {done.stderr}")
    return [(float(accuracy), float(loss)) for accuracy, loss in TEST.findall(done.stdout)]


def row(name, runs):
    """A row of the table."""
    final = [run[-1][0] for run in runs]
    spread = (max(final) - min(final)) / 2
    best = mean(max(accuracy for accuracy, _ in run) for run in runs)
    lowest, last = mean(min(loss for _, loss in run) for run in runs), mean(run[-1][1] for run in runs)
    each = " ".join(f"{accuracy:.4f}" for accuracy in final)
    return f"| {name} | {each} | {mean(final):.4f} ± {spread:.4f} | {best:.4f} | {lowest:.2f} | {last:.2f} |"


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


if __name__ == "__main__":
    main()
