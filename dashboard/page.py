"""A page in a browser (matplotlib's webagg) or in a notebook: who may see it, and what it may send."""

import contextlib
import json
import logging
import signal
import time

from dashboard.errors import Errors
from dashboard.screen import Screen

RESEND_SECONDS = 1  # a page gets a whole picture no more often
STALLED = 600  # looks of 5 ms, or more on a busy machine: a page that reads nothing for so long is closed
LARGEST_SIDE = 8000  # pixels of a picture that a page may ask for
BUTTONS = 0, 1, 2  # of a mouse that matplotlib understands: not those for back and forward
PIXEL_RATIOS = 0.25, 8  # pixels of a screen for one of a page, at least and at most
HOSTS = "localhost", "127.0.0.1", "[::1]", "::1"
FINGER = """
// matplotlib's page knows the mouse only: translate touches into mouse events
const mouse = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup" };
for (const touch in mouse) {
    document.addEventListener(touch, (event) => {
        const { target, clientX, clientY } = event.changedTouches[0];
        if (!target.firstElementChild?.matches("canvas")) return;  // it is not on the picture
        const buttons = touch === "touchend" ? 0 : 1;
        target.dispatchEvent(new MouseEvent(mouse[touch], { bubbles: true, clientX, clientY, buttons }));
        event.preventDefault();  // no scrolling
    }, { passive: false });
}
"""


class Page(Screen):
    def __init__(self, figure):
        super().__init__(figure)
        self.blocks = type(self.canvas).__module__.endswith("backend_webagg")  # a notebook's cell does not
        self.resent = 0.0  # seconds: when the page last got the whole picture
        self.parts_sent = False  # since then
        self.is_served = False  # by matplotlib's server, which runs as long as show()
        if self.blocks:
            guard_server()

    def show(self):
        self.is_served = self.blocks
        super().show()
        self.is_served = False

    def close(self):
        if self.is_served:
            signal.raise_signal(signal.SIGINT)  # which ends the server; it would outlive its page
        else:
            super().close()

    def is_watched(self):
        return bool(self.manager.web_sockets)

    def refresh(self, unsent):
        """Send pages what has changed; a busy one loses some of it, so send everything now and then."""
        now, pages = time.perf_counter(), self.manager.web_sockets
        readers = [page for page in pages if hasattr(page, "look")]  # a notebook's are not
        for page in readers:
            page.look()
        if readers and all(page.behind for page in readers):
            return unsent
        self.parts_sent = self.parts_sent or any(page.missed for page in readers)
        whole = self.parts_sent and now - self.resent > RESEND_SECONDS
        if whole:
            self.canvas._force_full, self.resent = True, now  # there is no public way
            for page in readers:
                page.missed = False
        if unsent or whole:
            self.canvas.blit()
        self.parts_sent = not whole and (unsent or self.parts_sent)
        return False


def guard_server():
    """Make matplotlib's server careful, before its first page is opened."""
    import matplotlib
    import tornado.web
    from matplotlib.backends.backend_webagg import WebAggApplication as Server
    from matplotlib.backends.backend_webagg_core import FigureManagerWebAgg as Manager

    if hasattr(Server, "hosts"):
        return
    address = matplotlib.rcParams["webagg.address"]
    Server.hosts = {*HOSTS, address}
    is_open = address in ("0.0.0.0", "::", "")  # to everybody: the learner has set it so
    find_handler, script = Server.find_handler, Manager.get_javascript()

    def find_handler_for_host(server, request, **more):
        """Another site's name for this machine would let that site in."""
        if is_open or request.host_name in Server.hosts:
            return find_handler(server, request, **more)
        return server.get_handler_delegate(request, tornado.web.ErrorHandler, {"status_code": 403})

    Server.find_handler = find_handler_for_host
    Server.WebSocket = careful(Server.WebSocket)
    Manager.get_javascript = staticmethod(lambda: script + FINGER)
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)  # they are not for the learner


def careful(socket):
    """matplotlib's connection to a page, for which a page that is closed or reads no more is no error."""
    from tornado.websocket import WebSocketClosedError

    errors = Errors()

    class CarefulSocket(socket):
        unread = 0  # messages that it has not received yet
        behind = 0  # how many looks in a row found some
        missed = False  # a picture

        def look(self):
            self.behind = self.behind + 1 if self.unread else 0
            if self.behind == STALLED:
                self.close()

        def open(self, number):
            with contextlib.suppress(AttributeError):  # that figure is closed
                super().open(number)

        def on_close(self):
            with contextlib.suppress(AttributeError, KeyError):
                super().on_close()

        def on_message(self, message):
            with errors.reported():
                if is_sensible(message, self.manager.canvas):
                    super().on_message(message)

        def send_binary(self, picture):
            """None while it has others to read: they would pile up here, or other pages would wait for it."""
            if self.behind:
                self.missed = True
            else:
                super().send_binary(picture)

        def write_message(self, message, binary=False):
            with contextlib.suppress(WebSocketClosedError):
                sending = super().write_message(message, binary)
                self.unread += 1
                sending.add_done_callback(self.sent)

        def sent(self, sending):
            self.unread -= 1
            sending.cancelled() or sending.exception()  # asked for, or asyncio would report it

    return CarefulSocket


def is_sensible(message, canvas):
    """Whether a page of ours would send it: no event without a type, no picture of absurd size."""
    try:
        event = json.loads(message, parse_constant=refuse)
        kind, ratio = event["type"], canvas.device_pixel_ratio
        if kind == "resize":
            return all(1 <= event[side] * ratio <= LARGEST_SIDE for side in ("width", "height"))
        if kind in ("set_device_pixel_ratio", "set_dpi_ratio"):
            least, most = PIXEL_RATIOS
            wanted = event[kind.removeprefix("set_")]
            return least <= wanted <= most and max(canvas.figure.bbox.size) / ratio * wanted <= LARGEST_SIDE
        if kind == "supports_binary":
            return event["value"] is True
        return kind != "event" and event.get("button", 0) in BUTTONS
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return False


def refuse(constant):
    """Python would read NaN and Infinity, which are no JSON."""
    raise ValueError(constant)
