"""The trainer, which pauses at one place in its run so that a signal can reach it exactly there.

    python tests/told.py PLACE MARK [options of the trainer]

MARK is a file that it makes when it is there.
"""

import signal
import sys
import time
from pathlib import Path

PAUSE_SECONDS, BRIEFLY = 0.5, 0.05
PLACES = "before the first step", "in a step", "while saving", "while validating", "in the last step"


def main(place, mark):
    import startup  # here, because endurance.py reads PLACES, and has no path to the project's folder

    with startup.signals_wait(signal.SIGTERM):  # as the trainer does it
        startup.start_tensorflow()
        from mlengine.trainer import checkpoints, loop, run, task

    def in_a_step(training):
        return BRIEFLY if training.progress.step % 50 == 20 else 0

    def in_the_last_step(training):
        return BRIEFLY if training.progress.step == training.last_step else 0

    places = dict(zip(PLACES, (
        (run.Chief, "watch", lambda *_: PAUSE_SECONDS),
        (loop.Training, "update_mean", in_a_step),
        (checkpoints, "save", lambda *_: PAUSE_SECONDS),
        (loop.Training, "validate", lambda *_: PAUSE_SECONDS),
        (loop.Training, "update_mean", in_the_last_step),
    )))  # fmt: skip
    owner, name, pause_at = places[place]
    function = getattr(owner, name)

    def paused(*arguments):
        if (seconds := pause_at(*arguments)) and not mark.exists():
            mark.touch()
            time.sleep(seconds)
        return function(*arguments)

    setattr(owner, name, paused)
    task.main()


if __name__ == "__main__":
    _, place, mark, *sys.argv[1:] = sys.argv
    main(place, Path(mark))
