"""Where a run is shown: in files, in a notebook's cell, in a window or on a page."""

import sys

import startup
from dashboard import outputs, painter, player, recorder, views, window
from dashboard.training import Training


def show_run(options, record, handles, results, report_end):
    """The exit status; None, and a sentence that says why, if it cannot be shown anywhere."""
    view = views.BY_KEY[options.view]
    kinds = list(outputs.chosen(options))
    if kinds or window.in_inline_notebook():
        figure = window.file_figure()
        board = painter.Painter(figure, record, handles, view, startup.program_name())
        files = [kind(path, figure) for kind, path in kinds] or [outputs.NotebookCell(figure)]
        return recorder.record_run(board, results, files, report_end)
    try:
        screen = window.open_screen()
    except window.NoWindow as reason:
        print(f"{reason}: text only. MPLBACKEND=webagg shows the dashboard in a browser.", file=sys.stderr)
        return None
    return player.Player(screen, record, handles, view, Training(results), report_end).play()
