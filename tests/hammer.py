"""Keys, clicks, drags and window sizes at random, in every view, while a toy lesson runs: nothing may break.

    python tests/hammer.py [tk|qt|browser] [COUNT]    all three, 500 events each
    python tests/hammer.py reload [COUNT]             a page opened, left, reloaded, closed, 100 times
    python tests/hammer.py tk 500 --seed 7            the same events again: each run prints its seed

A run holds out if it then ends as always: status 0, its two last lines, and not a word of complaint.
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import processes
from processes import ROOT, wait_for
from screens import CANVAS, Page, Window, screen

EVENTS, RELOADS = 500, 100
PATIENCE, AGAIN = 300, 15  # seconds: a slow machine still answers events when it is told to end
LARGEST = 4000, 3000  # pixels
SIZES = (1, 1), LARGEST, (1344, 18), (400, 60), (300, 15), (40, 800)  # besides those at random
MOVES = "Home", "End", "Left", "Right", "Up", "Down"
OUR_KEYS = (*"1234567890dmwlgibcohrvt+-?f ", "Escape", "BackSpace", *MOVES)
OTHER_KEYS = (*"kLGpsaxyQ", "Tab", "Return", "Delete", "F5", "Shift")
NAMES = {"?": "question", " ": "space", "+": "plus", "-": "minus", "Shift": "Shift_L"}  # xdotool's
MODIFIERS = "", "", "", "ctrl", "alt"
THE_END = ("ctrl", "w"), ("ctrl", "q"), ("alt", "F4")  # these keys end a run
NO_END = """
from dashboard.panels.painter import Painter
key_at = Painter.key_at
Painter.key_at = lambda board, x, y: key if (key := key_at(board, x, y)) != "q" else None
"""  # a button does, too
TRAINED = r"\d+: .*", r"final test accuracy: 0\.\d{4}", r"max test accuracy: 0\.\d{4}"
SERVED = r"To view figure, visit .*", r"Press Ctrl\+C .*", r"Server is stopped", ""
CANCELLED = {  # dialogs are the toolkit's own: a learner who saves at once, and changes nothing else
    "tkagg": "from tkinter import filedialog; filedialog.asksaveasfilename = lambda **_: 'saved.png'",
    "qtagg": "from matplotlib.backends.qt_compat import QtWidgets as qt\n"
    "qt.QFileDialog.getSaveFileName = lambda *_, **__: ('saved.png', '')\n"
    "qt.QInputDialog.getItem = lambda *_, **__: ('', False)",
    "webagg": "",
}


class Run:
    """A toy lesson without an end, in a process of its own."""

    def __init__(self, folder, backend, **environment):
        self.words = Path(folder) / f"words-{backend}"
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
        lesson = "lesson(10_000_000, predict=lambda X: np.eye(10)[[3]])"
        code = f"from toy import *\n{CANCELLED[backend]}\n{NO_END}\n{lesson}"
        with self.words.open("w") as output:
            self.process = processes.start(
                "-u", "-X", "faulthandler", "-c", code, cwd=folder, stdout=output, stderr=output,
                **{"MPLBACKEND": backend, "PYTHONPATH": path, **environment},
            )  # fmt: skip

    def text(self):
        return self.words.read_text()

    def updates(self):
        return self.text().count("loss")

    def fault(self, hand=None):
        """What is wrong with how it has ended, or None; a hand ends it again where a menu took the key."""
        deadline = time.monotonic() + PATIENCE
        while (status := self.process.poll()) is None:
            if time.monotonic() > deadline:
                self.process.send_signal(signal.SIGABRT)  # which tells where it is
                self.process.wait()
                return f"it has not ended\n{self.complaints()}"
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(AGAIN)
                continue
            with contextlib.suppress(AssertionError):  # its window has just gone
                hand.end()
        if status or self.complaints() or not re.search("\n".join(TRAINED[1:]) + "\n$", self.text()):
            return f"status {status}\n{self.complaints()}\n{self.text()[-300:]}"

    def complaints(self):
        known = re.compile("|".join((*TRAINED, *SERVED)))
        return "\n".join(line for line in self.text().splitlines() if not known.fullmatch(line))

    def end(self):
        self.process.kill()
        self.process.wait()


# ------------------------------------------------------------------------------------------------- the events


def events(chance, count):
    """(what, ...), as often as asked for: places are shares of the window, from its upper left corner."""
    sizes = [*SIZES]
    for k in range(count):
        kind = chance.choices(("key", "click", "drag", "size"), (5, 3, 2, 1))[0]
        if kind == "size" or sizes and k % 5 == 4:
            yield "size", *(sizes.pop() if sizes else any_size(chance))
        elif kind == "key":
            yield "key", *any_key(chance)
        elif kind == "click":
            yield "click", chance.randint(1, 5), any_place(chance)
        else:
            yield "drag", chance.randint(1, 3), *(any_place(chance) for _ in range(3))


def any_size(chance):
    """Small ones are as likely as large ones."""
    return tuple(round(most ** chance.random()) for most in LARGEST)


def any_place(chance):
    """A little outside, too."""
    return chance.uniform(-0.05, 1.05), chance.uniform(-0.05, 1.05)


def any_key(chance):
    """A modifier and a key that does not end the run."""
    while True:
        key = chance.choice(MODIFIERS), chance.choice(chance.choice((OUR_KEYS, OTHER_KEYS)))
        if key not in THE_END:
            return key


# ------------------------------------------------------------------------------------------------ the screens


class WindowHand:
    """A window, and a hand at its keys and its mouse."""

    def __init__(self, window):
        self.window = window
        self.width, self.height = window.size()

    def do(self, kind, *more):
        getattr(self, kind)(*more)

    def size(self, width, height):
        self.width, self.height = width, height
        self.window.do("windowsize", self.window.id, width, height)

    def key(self, modifier, key):
        name = NAMES.get(key, key)
        self.window.do("windowfocus", self.window.id, "key", f"{modifier}+{name}" if modifier else name)

    def click(self, button, place):
        self.window.do(*self.move(place), "click", button)

    def drag(self, button, start, *places):
        moves = [word for place in places for word in self.move(place)]
        self.window.do(*self.move(start), "mousedown", button, *moves, "mouseup", button)

    def move(self, place):
        """xdotool takes a place before the first pixel for an option."""
        x, y = place
        return (
            "mousemove",
            "--window",
            self.window.id,
            *(max(0, round(share * side)) for share, side in ((x, self.width), (y, self.height))),
        )

    def end(self):
        self.size(1344, 800)
        for key in "Escape", "Escape", "q":  # a toolkit's own menu may be open
            self.key("", key)


class PageHand:
    """A page, and a hand at its keys and its mouse, without what the browser itself would do."""

    SEND = f"""
        const [kind, numbers, init] = arguments, canvas = document.querySelector('{CANVAS}');
        const page = canvas.parentElement, box = canvas.getBoundingClientRect();
        function send(type, place, more) {{
            const clientX = box.left + place[0] * box.width, clientY = box.top + place[1] * box.height;
            page.dispatchEvent(new MouseEvent(type, {{ bubbles: true, clientX, clientY, ...more }}));
        }}
        if (kind === "size") {{
            page.style.width = numbers[0] + "px"; page.style.height = numbers[1] + "px";
        }} else if (kind === "key") {{
            for (const type of ["keydown", "keyup"])
                page.dispatchEvent(new KeyboardEvent(type, {{ bubbles: true, ...init }}));
        }} else {{
            const [button, ...places] = numbers, pressed = {{ button: button - 1, buttons: 1 << button - 1 }};
            send("mousedown", places[0], pressed);
            for (const place of places.slice(1)) send("mousemove", place, pressed);
            send("mouseup", places[places.length - 1], {{ button: button - 1 }});
        }}
    """
    NAMES = {
        "Right": "ArrowRight",
        "Left": "ArrowLeft",
        "Up": "ArrowUp",
        "Down": "ArrowDown",
        "Return": "Enter",
    }

    def __init__(self, page):
        self.page = page

    def do(self, kind, *numbers):
        init = {}
        if kind == "key":
            modifier, key = numbers
            init = {
                "key": self.NAMES.get(key, key),
                "ctrlKey": modifier == "ctrl",
                "altKey": modifier == "alt",
            }
        self.page.browser.execute_script(self.SEND, kind, numbers, init)

    def end(self):
        self.do("key", "", "q")


@contextlib.contextmanager
def in_a_window(backend, folder):
    with screen("{}x{}".format(*LARGEST)) as display:
        run = Run(folder, backend, DISPLAY=display)
        try:
            yield run, WindowHand(Window(display, "iteration"))
        finally:
            run.end()


@contextlib.contextmanager
def in_a_browser(folder, browser=None):
    run = Run(folder, "webagg", DISPLAY=None)
    with contextlib.ExitStack() as last:
        last.callback(run.end)
        browser = browser or last.enter_context(chromium())
        yield run, PageHand(Page(browser, run))


@contextlib.contextmanager
def chromium():
    """Without a screen."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


# ------------------------------------------------------------------------------------------------ the hammers


def hammer(place, count, seed):
    """What is wrong after so many events, or None."""
    run, hand = place
    chance = random.Random(seed)
    for k, event in enumerate(events(chance, count)):
        if run.process.poll() is not None:
            return f"it has ended before event {k}, {event}\n{run.fault()}"
        hand.do(*event)
        if k % 20 == 19:
            keep_training(run, hand)
    hand.end()
    return run.fault(hand)


def keep_training(run, hand):
    """If nothing comes any more, it pauses, most probably."""
    before, deadline = run.updates(), time.monotonic() + 1
    while run.updates() == before:
        if time.monotonic() > deadline:
            hand.do("key", "", " ")
            return
        time.sleep(0.01)


def reload(place, count, seed):
    """Opened, left, reloaded, closed, sooner or later: what is wrong then, or None."""
    run, hand = place
    chance, browser = random.Random(seed), hand.page.browser
    url = browser.current_url
    first = browser.current_window_handle
    for _ in range(count):
        action = chance.choice(("reload", "leave", "another"))
        if action == "reload":
            browser.execute_script("location.reload()")
        elif action == "leave":
            browser.get("about:blank")
            browser.get(url)
        else:
            browser.switch_to.new_window("tab")
            browser.get(url)
            time.sleep(chance.choice((0, 0.1)))
            browser.close()
            browser.switch_to.window(first)
        time.sleep(chance.choice((0, 0, 0.05, 0.3)))
    hand = PageHand(Page(browser, run))
    before = run.updates()
    wait_for(lambda: run.updates() > before, "an update")
    hand.end()
    return run.fault(hand)


PLACES = {
    "tk": lambda folder: in_a_window("tkagg", folder),
    "qt": lambda folder: in_a_window("qtagg", folder),
    "browser": in_a_browser,
    "reload": in_a_browser,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("part", nargs="?", choices=PLACES)
    parser.add_argument("count", nargs="?", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    asked = parser.parse_args()
    failed = False
    for part in [asked.part] if asked.part else ["tk", "qt", "browser"]:
        count = asked.count or (RELOADS if part == "reload" else EVENTS)
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, PLACES[part](folder) as place:
            fault = (reload if part == "reload" else hammer)(place, count, asked.seed)
            updates = place[0].updates()
        seconds = time.monotonic() - began
        print(f"{part}: {count} events, seed {asked.seed}, {updates} updates, {seconds:.0f} s", end=": ")
        print(fault or "fine")
        failed = failed or fault
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
