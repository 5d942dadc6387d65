"""Where tests see the dashboard: a screen that nobody sees with windows on it, and a browser."""

import contextlib
import ctypes
import io
import os
import re
import subprocess

import numpy as np
from PIL import Image, ImageGrab
from processes import wait_for

# colours of the curves, of the inner bands of weights and biases, of wrong digits and of ink
TRAINING, WEIGHTS, BIASES, WRONG = (34, 102, 179), (61, 77, 94), (148, 88, 10), (251, 221, 224)
INK = 31, 41, 51
CANVAS = "canvas.mpl-canvas"


@contextlib.contextmanager
def screen(size="1400x900", dots_per_inch=96):
    """The name of its display."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-noreset", "-screen", "0", f"{size}x24"]
    command += ["-dpi", str(dots_per_inch)]
    process = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)  # so that reading ends if Xvfb does
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb does not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


# --------------------------------------------------------------------------------------- what a picture shows


def panels_in(picture):
    """Which of the curves, weights, biases and digits are to be seen, by their colours."""
    least = {"c": (TRAINING, 25, 20), "w": (WEIGHTS, 0, 200), "b": (BIASES, 0, 200), "d": (WRONG, 0, 5000)}
    return "".join(name for name, (color, off, n) in least.items() if count(picture, color, off) > n)


def count(picture, color, off=0):
    """How many pixels have this color, or almost, as those of a thin curve."""
    red, green, blue = (abs(picture[..., k].astype(np.int16) - value) <= off for k, value in enumerate(color))
    return int((red & green & blue).sum())


def part(picture, place):
    left, top, width, height = place
    return picture[top : top + height, left : left + width]


def at(place, x, y):
    """Pixels of a position (x, y), 0..1, within a place."""
    left, top, width, height = place
    return round(left + x * width), round(top + y * height)


# ------------------------------------------------------------------------------------------------ the screens


class Window:
    """A window on a screen, its keys, its mouse and what is seen in it."""

    def __init__(self, display, title):
        self.display = display
        find = "search", "--onlyvisible", "--name", title
        self.id = wait_for(lambda: self.do(*find, check=False).split(), f"a window {title!r}")[0]
        self.do("windowfocus", "--sync", self.id)
        wait_for(lambda: len(np.unique(self.picture()[::4, ::4])) > 50, "something in the window")

    def do(self, *arguments, check=True):
        """Let xdotool do something."""
        run = subprocess.run(
            ["xdotool", *map(str, arguments)],
            env={**os.environ, "DISPLAY": self.display}, capture_output=True, text=True,
        )  # fmt: skip
        assert run.returncode == 0 or not check, run.stderr
        return run.stdout

    def key(self, *names):
        self.do("key", *names)

    def mouse(self, *actions):
        """Places (x, y) in pixels to move to, and other words of xdotool."""
        words = []
        for action in actions:
            if isinstance(action, tuple):
                words += ["mousemove", "--window", self.id, *action, "sleep", "0.02"]
            else:
                words += action.split()
        self.do(*words)

    def title(self):
        return self.do("getwindowname", self.id)

    def press_close_button(self):
        """As a window manager reports it; there is none here."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype, x11.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
        screen = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        protocols, delete = (
            x11.XInternAtom(screen, name, False) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        client_message, bits = 33, 32
        message = [client_message, 0, 0, 0, int(self.id), protocols, bits, delete]
        event = (ctypes.c_long * 24)(*message)
        x11.XSendEvent(screen, ctypes.c_ulong(int(self.id)), False, ctypes.c_long(0), event)
        x11.XCloseDisplay(screen)

    def size(self):
        geometry = self.do("getwindowgeometry", "--shell", self.id)
        return tuple(map(int, re.findall(r"(?:WIDTH|HEIGHT)=(\d+)", geometry)))

    def picture(self):
        return np.asarray(ImageGrab.grab(xdisplay=self.display))

    def still_picture(self):
        """When nothing moves any more."""
        return when_still(self.picture)

    def wait_for_panels(self, panels, after=""):
        wait_for(lambda: panels_in(self.picture()) == panels, f"panels {panels!r} after {after}")


def page_size(browser, width=1344, height=756):
    """Of what a page fills, in pixels of the screen: set anew for each page, as tests share a browser."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


class Page:
    """The dashboard's page in a browser, its keys and what is seen in it."""

    def __init__(self, browser, process):
        self.browser = browser
        page_size(browser)
        browser.get(address(process))
        self.canvas = wait_for(lambda: browser.find_elements("css selector", CANVAS), "the page")[0]
        wait_for(lambda: len(np.unique(self.picture()[::4, ::4])) > 50, "something on the page")

    def picture(self):
        return np.asarray(Image.open(io.BytesIO(self.canvas.screenshot_as_png)).convert("RGB"))

    def key(self, name):
        """After a click into the picture: a page has no keys before."""
        from selenium.webdriver import ActionChains

        middle = ActionChains(self.browser).move_to_element(self.canvas)
        middle.click().send_keys(name).perform()

    def finger(self, *places):
        """Draws a line through these places: pixels right of and below the middle of the picture."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder
        from selenium.webdriver.common.actions.pointer_input import PointerInput

        finger = ActionBuilder(self.browser, mouse=PointerInput("touch", "finger"), duration=20)
        for k, place in enumerate(places):
            finger.pointer_action.move_to(self.canvas, *place)
            if k == 0:
                finger.pointer_action.pointer_down()
        finger.pointer_action.pointer_up()
        finger.perform()

    def wait_for_panels(self, panels, after=""):
        wait_for(lambda: panels_in(self.picture()) == panels, f"panels {panels!r} after {after}")


class Opened:
    """A page that --save-page has written, in a browser."""

    def __init__(self, browser, path):
        self.browser = browser
        page_size(browser)
        browser.get_log("browser")
        browser.get(path.as_uri())
        ready = "return document.documentElement.dataset.ready"
        wait_for(lambda: self.run(ready) or self.faults(), "the page")

    def run(self, code, *given):
        return self.browser.execute_script(code, *given)

    def text(self, name):
        return self.run("return document.getElementById(arguments[0]).textContent", name)

    def key(self, name):
        self.run(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}))",
            name,
        )

    def click(self, panel, x, y):
        """A panel of the present view, at these shares of its picture."""
        self.run(
            """const canvas = document.querySelectorAll("#panels canvas")[arguments[0]]
            canvas.scrollIntoView()
            const box = canvas.getBoundingClientRect()
            canvas.dispatchEvent(new MouseEvent("click", {bubbles: true,
                clientX: box.left + arguments[1] * box.width,
                clientY: box.top + arguments[2] * box.height}))""",
            panel, x, y,
        )  # fmt: skip

    def faults(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]


def address(process):
    """Of the page that a run offers, once it says so."""
    found = r"http://127\.0\.0\.1:\d+\S*"
    return wait_for(lambda: re.search(found, process.text()), "an address").group()


def when_still(picture):
    """A picture that five in a row agree with."""
    last = [picture()]

    def still():
        last.append(picture())
        return len(last) > 5 and all((one == last[-1]).all() for one in last[-6:])

    wait_for(still, "a picture that does not move")
    return last[-1]
