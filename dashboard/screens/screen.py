"""Where a dashboard is seen: what windows, pages and notebooks have in common."""

import time
from collections.abc import Callable

RESEND_SECONDS = 1  # a browser gets a whole picture no more often


class Screen:
    blocks = True  # show() returns when the learner has closed it

    def __init__(self, figure):
        self.figure, self.canvas, self.manager = figure, figure.canvas, figure.canvas.manager
        self.is_hand = False  # the mouse's pointer

    def show(self, if_lost: Callable[[], None]) -> None:
        """`if_lost` is called before the program ends because the display is gone."""

    def stop(self) -> None:
        """It is closed: let show() return."""

    def close(self) -> None:
        import matplotlib.pyplot as plt

        plt.close(self.figure)

    def is_closing(self) -> bool:
        return self.figure.canvas is not self.canvas

    def is_watched(self) -> bool:
        """Whether somebody sees it: training waits until a page is open; a window always is."""
        return bool(getattr(self.manager, "web_sockets", True))

    def refresh(self, unsent: bool) -> bool:
        """Show what was drawn and not sent yet, if there is anything; True if it could not be sent."""
        if unsent:
            self.canvas.blit()
        return False

    # -------------------------------------------------------------------------------------- the toolbar's own

    def is_zooming(self) -> bool:
        return bool(self.canvas.toolbar and self.canvas.toolbar.mode)

    def zoom(self) -> None:
        if self.canvas.toolbar:
            self.canvas.toolbar.zoom()

    def save_picture(self) -> None:
        if self.canvas.toolbar:
            self.canvas.toolbar.save_figure()

    def show_hand(self, is_over_button: bool) -> None:
        """The pointer over what can be clicked; set when that changes, because each time a page is told."""
        from matplotlib.backend_tools import Cursors

        if is_over_button != self.is_hand and not self.is_zooming():
            self.is_hand = is_over_button
            self.canvas.set_cursor(Cursors.HAND if is_over_button else Cursors.POINTER)

    def switch_full_screen(self) -> None:
        self.manager.full_screen_toggle()


class Browser(Screen):
    """It is sent what has changed, and loses some of it while it is busy: send everything now and then."""

    def __init__(self, figure):
        super().__init__(figure)
        self.resent = 0.0  # seconds: when it last got the whole picture
        self.parts_sent = False  # since then

    def refresh(self, unsent):
        now = time.perf_counter()
        whole = self.parts_sent and now - self.resent > RESEND_SECONDS
        if whole:
            self.canvas._force_full, self.resent = True, now  # there is no public way
        if unsent or whole:
            self.canvas.blit()
        self.parts_sent = (self.parts_sent or unsent) and not whole
        return False
