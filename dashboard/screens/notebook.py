"""A notebook's figure (ipympl): its cell is done at once, and the training goes on."""

import re

import startup
from dashboard.screens.screen import Browser

INCHES = 8.96, 5.04  # of 100 pixels: what a laptop's notebook has room for, beside its list of files


class Notebook(Browser):
    blocks = False

    def __init__(self, figure):
        super().__init__(figure)
        figure.set_size_inches(INCHES)
        # the control bar takes the place of ipympl's own
        self.canvas.toolbar_visible = self.canvas.header_visible = self.canvas.footer_visible = False

    def show(self, if_lost):
        import IPython
        import matplotlib
        import matplotlib.pyplot as plt

        before_restart(self.close)
        by_run = startup.program_name() and IPython.version_info >= (8, 20)  # `%run` shows it at its end
        with matplotlib.rc_context({"interactive": True}):  # else pyplot forgets the figure
            if not by_run:
                plt.show()

    def close(self):
        from matplotlib.backend_bases import CloseEvent

        # plt.close() would not tell the dashboard
        self.canvas.callbacks.process("close_event", CloseEvent("close_event", self.canvas))

    def is_closing(self):
        import matplotlib.pyplot as plt

        return super().is_closing() or not plt.fignum_exists(self.manager.num)


def before_restart(end):
    """Call `end` before the same cell or script runs again, which takes away the names that training uses."""
    from IPython import get_ipython

    shell, script = get_ipython(), startup.program_name()
    started_by = shell.history_manager.input_hist_raw[-1].strip()
    runs_it = rf"(?m)^\s*%?run\b.*{re.escape(script)}(?!\w)"

    def check(cell):
        if cell.raw_cell.strip() == started_by or (script and re.search(runs_it, cell.raw_cell)):
            shell.events.unregister("pre_run_cell", check)
            end()

    shell.events.register("pre_run_cell", check)
