"""Trains a network that reads handwritten digits, as a job: here or in the cloud, on one machine or several.

    python -m mlengine.trainer.task                                       the best network, in 12 minutes
    python -m mlengine.trainer.task --epochs 1 --job-dir first-try        a first try
    python -m mlengine.trainer.task --model dense --job-dir mnist-dense   lesson 2.2's network

The same command resumes a job that was stopped or killed, and prints the report of a finished one.
Exit status: 0 done, 1 something failed on the way, 2 wrong use, 130 or 143 stopped by Ctrl-C or SIGTERM.
Where one of several machines is told to stop, all of them stop. 142: another one ended while they connected.
"""

import os
import signal
import sys

import startup
from mlengine.trainer import options as command_line

STARTED = "MNIST_JOB_STARTED"  # in the environment: how often this process has started
MOST_STARTS = 20
NO_MEMORY = "There is not enough memory: lower --hp-batch, --hp-dense, or --hp-conv1 to --hp-conv6."


def main():
    startup.start_program()
    os.environ.pop("MPLBACKEND", None)  # pictures go to files; with a mistyped one matplotlib does not start
    options = command_line.parse(__doc__, sys.argv[1:])
    if options.search:
        from mlengine.trainer import search

        sys.exit(search.search(options, sys.argv[1:]))
    # else a thread that a library starts may receive SIGTERM, with TensorFlow's handler instead of ours
    with startup.signals_wait(signal.SIGTERM):
        tensorflow = startup.start_tensorflow()
        import mnistdata
        from mlengine.trainer import job_folder, loop, machines, run

    try:
        sys.exit(run.run(options))
    except (machines.WrongUse, mnistdata.DigitsError) as error:
        startup.give_up(error)
    except (job_folder.JobError, loop.Diverged, machines.Disagree) as error:
        sys.exit(str(error))
    except (tensorflow.errors.ResourceExhaustedError, MemoryError):
        sys.exit(NO_MEMORY)
    except machines.Lost as error:
        restart(error)


def restart(error):
    """Another machine is lost: this process starts again too, and all resume from the last checkpoint."""
    started = int(os.environ.get(STARTED, 1))
    if started == MOST_STARTS:
        sys.exit(f"{error} Given up after {started} starts.")
    print(f"{error} Restarting.", file=sys.stderr, flush=True)
    os.environ[STARTED] = str(started + 1)
    os.execv(sys.executable, [sys.executable, "-m", "mlengine.trainer.task", *sys.argv[1:]])


if __name__ == "__main__":
    main()
