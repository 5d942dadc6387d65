"""page: the dashboard in a browser, and what a page may send."""

import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from processes import wait_for
from screens import Page, address, when_still
from visitors import Visitor

from dashboard.screens import page, stage


def on_a_page(toy, code):
    return toy(code, DISPLAY=None, MPLBACKEND="webagg")


def test_a_browser(toy, browser):
    from selenium.webdriver import Keys

    run = on_a_page(toy, "lesson(100_000)")
    address(run)
    assert "loss" not in run.text(), "it did not wait for the page"
    shown = Page(browser, run)
    shown.wait_for_panels("cwbd")
    before = shown.picture()
    wait_for(lambda: (shown.picture() != before).any(), "a picture that moves")
    shown.key("8")
    shown.wait_for_panels("wb", after="key 8")
    shown.key(" ")
    wait_for(lambda: "paused" in browser.page_source, "a pause")
    lines = run.text().count("loss")
    shown.key(Keys.ARROW_RIGHT)
    wait_for(lambda: run.text().count("loss") > lines, "an update")

    # a browser that is busy loses what it was sent
    def black():
        return (shown.picture().max(axis=2) == 0).sum()

    when_still(shown.picture)
    few = black()
    canvas = "document.querySelector('canvas.mpl-canvas').getContext('2d')"
    browser.execute_script(f"{canvas}.fillRect(100, 200, 300, 100)")
    assert black() >= 300 * 100
    shown.key("?")
    shown.key("?")
    wait_for(lambda: black() < few + 1000, "a whole picture")
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130
    assert "max test accuracy" in run.text()


@pytest.mark.parametrize("seconds, status", [(0.001, 0), (None, 1)], ids=["q", "a fault"])
def test_a_run_in_a_browser_ends(toy, browser, seconds, status):
    run = on_a_page(toy, f"lesson(100_000, {seconds})")
    if status == 0:
        Page(browser, run).key("q")
    else:
        browser.get(address(run))
    assert run.wait(20) == status, run.text()
    assert ("TypeError" if status else "max test accuracy") in run.text().splitlines()[-1]


def test_a_page_that_is_left_and_opened_again_does_not_end_the_run(toy, browser):
    run = on_a_page(toy, "lesson(100_000)")
    for _ in range(3):
        Page(browser, run)
        browser.get("about:blank")
    shown = Page(browser, run)
    shown.wait_for_panels("cwbd")
    run.send_signal(signal.SIGTERM)
    assert run.wait(10) == 143
    assert "Traceback" not in run.text() and "max test accuracy" in run.text()


def test_another_sites_name_for_this_machine_is_refused(toy):
    pytest.importorskip("tornado", reason="tornado is not installed")
    run = on_a_page(toy, "lesson(100_000)")
    url = address(run)
    assert urllib.request.urlopen(url).status == 200
    for host in "evil.example", "evil.example:8988", "127.0.0.1.evil.example":
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}))
    run.send_signal(signal.SIGINT)
    assert run.wait(10) == 130 and "WARNING" not in run.text()


@pytest.mark.parametrize("message, sensible", [
    ({"type": "resize", "width": 300, "height": 200}, True),
    ({"type": "resize", "width": 0, "height": 0}, False),
    ({"type": "resize", "width": 60_000, "height": 60_000}, False),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": 2}, True),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": 0}, False),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": -1}, False),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": float("nan")}, False),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": 1000}, False),
    ({"type": "key_press", "key": "8"}, True),
    ({"type": "set_device_pixel_ratio", "device_pixel_ratio": 8}, False),  # of 1344 pixels: too many
])  # fmt: skip
def test_a_page_asks_for_pictures_within_bounds(message, sensible):
    assert page.is_bounded(message, stage.file_figure().canvas) == sensible


# ---------------------------------------------------------------------- pages that are not as they should be


@pytest.fixture
def need_tornado():
    pytest.importorskip("tornado", reason="tornado is not installed")


def ends_with_q(run, visitor):
    """It goes on training and ends as always, without a word of complaint."""
    updates = run.text().count("loss")
    wait_for(lambda: run.text().count("loss") > updates + 5, "it goes on")
    visitor.key("q")
    assert run.wait(20) == 0, run.text()
    said = [line for line in run.text().splitlines() if line and not re.match(r"\d+: ", line)]
    expected = "To view", "Press Ctrl", "Server is stopped", "final test accuracy", "max test accuracy"
    assert len(said) == len(expected) and all(map(str.startswith, said, expected)), said


def test_pages_that_come_and_go_in_the_middle_of_a_picture(toy, need_tornado):
    run = on_a_page(toy, "lesson(1_000_000, 0)")
    for k in range(12):
        visitor = Visitor(run)
        visitor.say({"type": "draw"})
        time.sleep(k % 4 / 100)  # four moments of a picture's way
        visitor.leave(abruptly=k % 3 > 0)
    last = Visitor(run)
    last.read_all()
    ends_with_q(run, last)


SMALL_BUFFERS = """
import socket
from tornado import tcpserver
bind = tcpserver.bind_sockets
def bind_small(*where, **more):
    sockets = bind(*where, **more)
    for each in sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    return sockets
tcpserver.bind_sockets = bind_small
"""


@pytest.mark.slow
def test_a_page_that_reads_nothing_neither_fills_the_memory_nor_stops_another(toy, need_tornado):
    run = on_a_page(toy, f"{SMALL_BUFFERS}\nlesson(10**6, 0)")
    silent, reader = Visitor(run), Visitor(run)
    for visitor in silent, reader:
        visitor.say({"type": "refresh"})
    reader.read_all()
    wait_for(lambda: reader.received > 3e6, "3 MB of pictures")
    reader.key(" ")
    wait_for_no_more(lambda: reader.received)
    silent.connection.settimeout(0.5)
    silent.read()
    assert silent.received < 1.5e6, "more than the system keeps for it"
    reader.key(" ")
    ends_with_q(run, reader)


def wait_for_no_more(count, seconds=1):
    """The number at which it stands still."""
    last, since = count(), time.monotonic()

    def stands_still():
        nonlocal last, since
        if count() != last:
            last, since = count(), time.monotonic()
        return time.monotonic() > since + seconds

    wait_for(stands_still, "an end")
    return last


def test_another_site_gets_no_connection(toy, need_tornado):
    run = on_a_page(toy, "lesson(1_000_000)")
    for host, origin, status in [
        ("evil.example:8988", None, 403), ("evil.example", None, 403), (None, "http://evil.example", 403),
        ("localhost", None, 101), (None, None, 101),
    ]:  # fmt: skip
        assert Visitor(run, host, origin).status == status, (host, origin)
    last = Visitor(run)
    last.read_all()
    ends_with_q(run, last)


def test_a_run_outlives_whatever_a_page_says(toy, need_tornado):
    run = on_a_page(toy, "lesson(1_000_000)")
    visitor = Visitor(run)
    visitor.read_all()
    mouse = {"type": "button_press", "x": 300, "y": 300, "button": 0, "buttons": 0, "modifiers": []}
    nan = float("nan")
    for size in (300, 15), (1, 1), (1344, 18), (400, 60), (0, 0), (60_000, 60_000), (-5, nan), (10**400, 1):
        visitor.say({"type": "resize", "width": size[0], "height": size[1]})
        visitor.say({"type": "draw"})
    for ratio in 0, -1, nan, float("inf"), 1e9, "1", None:
        visitor.say({"type": "set_device_pixel_ratio", "device_pixel_ratio": ratio})
        visitor.say({"type": "set_dpi_ratio", "dpi_ratio": ratio})
    visitor.say({"type": "supports_binary", "value": False})
    site = address(run)
    for path in "/2", "/1/download.xyz", "/1/ws", "/nothing":
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.parse.urljoin(site, path))
    for words in "", "{", "[" * 60_000, '{"type": ' * 5_000, "7", "null", '{"type": "event"}', "\0":
        visitor.say(words)
    for more in {"button": 3}, {"button": 4}, {"button": "left"}, {"x": nan}, {"y": 1e300}:
        visitor.say({**mouse, **more})
    visitor.say({"type": "resize", "width": 1344, "height": 756})
    ends_with_q(run, visitor)
