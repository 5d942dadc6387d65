"""A training that nobody watches in a window: as text, or into files."""

import sys

import startup


def train(run, moments, report, board=None, outputs=(), told=lambda: ""):
    """Until the training ends, or is asked to: the exit status. `told` gives the diagnosis for the header."""
    error, films = None, any(output.moves for output in outputs)
    with startup.stop_requests() as stop_requested:
        try:
            for moment in moments:
                run.append(moment)
                if films:
                    with board.errors.reported():
                        board.header.status = told()
                        board.draw_changes()
                        for output in outputs:
                            output.add()
                if stop_requested:
                    break
        except BaseException as raised:
            error = raised
        try:
            well = report(not error or startup.is_stop(error, stop_requested))
        except OSError as raised:  # the last lines cannot be printed
            error, well = error or raised, False
        if board:
            with board.errors.reported():
                board.header.status = ", ".join(filter(None, ("finished", told())))
                board.draw_changes()
            well &= all([close(output) for output in outputs]) and not board.errors.seen
    if error:
        raise error
    return startup.exit_status(stop_requested, not well)


def close(output):
    """True if it is written."""
    try:
        output.add()
        output.close()
        return True
    except Exception as error:  # each library has its own
        print(f"{output.path} is not written: {error}", file=sys.stderr)
        return False
