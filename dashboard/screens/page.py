"""A page in a browser (matplotlib's webagg): who may see it, and what it may send."""

import contextlib
import json
import logging
import signal

from dashboard.screens.screen import Browser

LARGEST_SIDE = 8000  # pixels of a picture that a page may ask for
PIXEL_RATIOS = 0.25, 8  # pixels of a screen for one of a page, at least and at most
HOSTS = "localhost", "127.0.0.1", "[::1]", "::1"
SCRIPT = """
// matplotlib's page without its own title and buttons: the picture is as large as the page
const style = document.createElement("style");
style.textContent = `
    body, #figures, #figure-div, #figure { margin: 0 !important }
    #figure-div, #figure-div > div { display: block !important }
    .ui-dialog-titlebar, .mpl-toolbar { display: none }
    .mpl-picture { width: 100vw !important; height: 100vh !important }
    .mpl-picture { border: 0 !important; resize: none !important }
`;
document.head.append(style);
const { handle_resize, handle_figure_label } = mpl.figure.prototype;
mpl.figure.prototype._canvas_extra_style = (div) => div.classList.add("mpl-picture");
mpl.figure.prototype.handle_resize = function (figure, message) {
    handle_resize.call(this, figure, message);
    const { canvas, canvas_div, resizeObserverInstance } = figure;
    if (canvas.clientWidth !== canvas_div.clientWidth || canvas.clientHeight !== canvas_div.clientHeight) {
        resizeObserverInstance.unobserve(canvas_div);
        resizeObserverInstance.observe(canvas_div);  // again: before it was connected, it was ignored
    }
};
mpl.figure.prototype.handle_full_screen = () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
mpl.figure.prototype.handle_figure_label = function (figure, message) {
    handle_figure_label.call(this, figure, message);
    document.title = message.label;
};

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


class Page(Browser):
    def __init__(self, figure):
        super().__init__(figure)
        self.is_served = False  # by matplotlib's server, which runs as long as show()
        guard_server()

    def show(self, if_lost):
        import matplotlib.pyplot as plt

        self.is_served = True
        plt.show()
        self.is_served = False

    def close(self):
        if self.is_served:
            signal.raise_signal(signal.SIGINT)  # which ends the server; it would outlive its page
        else:
            super().close()

    def switch_full_screen(self):
        self.canvas.send_event("full_screen")  # see the script above

    def refresh(self, unsent):
        """Not while all pages are busy."""
        pages = self.manager.web_sockets
        for page in pages:
            page.is_behind = page.unsent > 0
        if pages and all(page.is_behind for page in pages):
            return unsent
        return super().refresh(unsent)


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
    Manager.get_javascript = staticmethod(lambda: script + SCRIPT)
    for log in "tornado.access", "tornado.application":
        logging.getLogger(log).setLevel(logging.CRITICAL)  # what a page asks for is not for the learner


def careful(socket):
    """matplotlib's connection to a page, which may be closed, slow or not ours."""

    class CarefulSocket(socket):
        unsent = 0  # messages
        is_behind = False  # some were unsent when the last picture was drawn

        def on_message(self, message):
            with contextlib.suppress(Exception):  # not a message of our page
                if is_bounded(json.loads(message), self.manager.canvas):
                    super().on_message(message)

        def on_close(self):
            with contextlib.suppress(AttributeError, KeyError):  # that figure is closed
                super().on_close()

        def send_binary(self, picture):
            if not self.is_behind:  # else drop this one while earlier messages are unsent
                self.write_message(picture, binary=True)

        def write_message(self, message, binary=False):
            with contextlib.suppress(Exception):  # the page is closed
                sending = super().write_message(message, binary)
                self.unsent += 1
                sending.add_done_callback(self.sent)

        def sent(self, sending):
            self.unsent -= 1
            sending.cancelled() or sending.exception()  # asked for, or asyncio would report it

    return CarefulSocket


def is_bounded(event, canvas):
    """No picture of absurd size is asked for."""
    kind, ratio = event["type"], canvas.device_pixel_ratio
    if kind == "resize":
        return all(1 <= event[side] * ratio <= LARGEST_SIDE for side in ("width", "height"))
    if kind in ("set_device_pixel_ratio", "set_dpi_ratio"):
        wanted, (least, most) = event[kind.removeprefix("set_")], PIXEL_RATIOS
        return least <= wanted <= most and max(canvas.figure.bbox.size) / ratio * wanted <= LARGEST_SIDE
    return True
