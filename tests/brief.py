"""The trainer without the two slowest parts of a short job: the export, and the pictures for TensorBoard.

python -m tests.brief [options of the trainer]
"""

import signal


def main():
    import startup

    with startup.signals_wait(signal.SIGTERM):  # as the trainer does it
        startup.start_tensorflow()
        from mlengine.trainer import export, report, task

    export.export = lambda *_: None
    report.pictures = lambda *_: {}
    task.main()


if __name__ == "__main__":
    main()
