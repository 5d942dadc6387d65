"""Where a dashboard is seen: what a window and a page have in common."""

import contextlib


class Screen:
    blocks = True  # show() returns when the learner has closed it

    def __init__(self, figure):
        self.figure, self.canvas, self.manager = figure, figure.canvas, figure.canvas.manager

    def show(self):
        import matplotlib.pyplot as plt

        plt.show(block=True) if self.blocks else plt.show()

    def close(self):
        import matplotlib.pyplot as plt

        plt.close(self.figure)

    def is_closing(self):
        return self.figure.canvas is not self.canvas

    def is_watched(self):
        """Whether somebody sees it: training waits for that."""
        return True

    def refresh(self, unsent):
        """Show what was drawn and not sent yet, if there is anything; True if it could not be sent."""
        if unsent:
            self.canvas.blit()
        return False

    def loss_reported(self, report_run):
        """Around show(): calls report_run before the program ends because the display is gone."""
        return contextlib.nullcontext()

    # -------------------------------------------------------------------------------------- the toolbar's own

    def is_zooming(self):
        return bool(self.canvas.toolbar and self.canvas.toolbar.mode)

    def zoom(self):
        if self.canvas.toolbar:
            self.canvas.toolbar.zoom()

    def save_picture(self):
        if self.canvas.toolbar:
            self.canvas.toolbar.save_figure()

    def switch_full_screen(self):
        self.manager.full_screen_toggle()
