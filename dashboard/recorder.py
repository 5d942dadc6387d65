"""Records a run that nobody watches in a window."""

import sys

import startup


def record_run(painter, results, outputs, report_end):
    """Until the training ends, or is asked to: the exit status."""
    record, failed = painter.record, False
    with startup.stop_requests() as stop_requested:
        try:
            for result in results:
                with painter.errors.reported():
                    record.take(result)
                    if any(output.moves for output in outputs):
                        record.iteration = record.measured_at()
                        painter.draw_changes()
                        record.iteration = result.iteration
                        for output in outputs:
                            output.add()
                if stop_requested:
                    break
            failed = not report_end()
        finally:
            painter.header.status = "finished"
            with painter.errors.reported():
                painter.draw_changes()
            for output in outputs:
                try:
                    output.add()
                    output.close()
                except Exception as error:  # each library has its own
                    print(f"{output.path} is not written: {error}", file=sys.stderr)
                    failed = True
    if stop_requested:
        return startup.SIGNALLED + stop_requested[0]
    return int(bool(failed or painter.errors.seen))
