"""Trains a network that reads handwritten digits, as a job: here or in the cloud, on one machine or several.

    python -m mlengine.trainer.task                                       the best network, in 12 minutes
    python -m mlengine.trainer.task --epochs 1 --job-dir first-try        a first try
    python -m mlengine.trainer.task --model dense --job-dir mnist-dense   lesson 2.2's network

The same command goes on with a job that was stopped or killed, and says how good a finished one is.
Exit status: 0 done, 1 something failed on the way, 2 wrong use, 130 or 143 stopped by Ctrl-C or SIGTERM.
"""

import os
import sys

import mnistdata
import startup
from mlengine.trainer import options as command_line

STARTED = "MNIST_JOB_STARTED"  # in the environment: how often this process has started again
MOST_STARTS = 20


def main():
    startup.start_program()
    options = command_line.parse(__doc__, sys.argv[1:])
    if options.search:
        from mlengine.trainer import search

        sys.exit(search.search(options, sys.argv[1:]))
    startup.start_tensorflow()
    from mlengine.trainer import job, loop, machines, run

    try:
        sys.exit(run.run(options))
    except (machines.WrongUse, mnistdata.DigitsError) as fault:
        print(fault, file=sys.stderr)
        sys.exit(2)
    except (job.JobError, loop.Diverged) as fault:
        sys.exit(str(fault))
    except machines.Lost as fault:
        start_again(fault)


def start_again(fault):
    """Another machine is lost: this one starts from its beginning too; they meet at the last checkpoint."""
    started = int(os.environ.get(STARTED, 1))
    if started == MOST_STARTS:
        sys.exit(f"{fault} Given up after {started} starts.")
    print(f"{fault} Starting again.", file=sys.stderr, flush=True)
    os.environ[STARTED] = str(started + 1)
    os.execv(sys.executable, [sys.executable, "-m", "mlengine.trainer.task", *sys.argv[1:]])


if __name__ == "__main__":
    main()
