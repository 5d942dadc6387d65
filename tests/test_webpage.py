"""webpage: a run as one file, in a browser that may load nothing from anywhere."""

import base64
import math
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
import toy
from processes import ROOT, wait_for
from screens import Opened, page_size

from dashboard import networks
from dashboard.panels import style, views
from dashboard.run.handles import Handles
from dashboard.run.handwriting import Handwriting
from dashboard.run.run import Earlier, Run
from dashboard.webpage import network, page, record

PARTS = ROOT / "dashboard" / "webpage"
TITLE = 'Lesson 9: </title><script>alert("out")</script> {{DATA}} <!--'


def written(folder, run, title="a run", predict=None, **handed):
    path = folder / "run.html"
    handles = Handles({"": predict} if predict else {}, **handed)
    networks.save_page(path, title, run, handles)
    return path


@pytest.fixture(scope="module")
def finished():
    return toy.finished(300)


@pytest.fixture
def opened(browser, tmp_path, finished):
    shown = Opened(browser, written(tmp_path, finished, TITLE))
    yield shown
    assert not shown.faults()


# ------------------------------------------------------------------------------------------ what a page holds


def test_moments_are_bounded_and_denser_at_the_start():
    run = toy.finished(5000)
    kept = [moment.measured_at for moment in record.chosen_moments(run)]
    assert len(kept) <= record.MOST_MOMENTS and kept == sorted(kept)
    assert kept[0] == 0 and kept[-1] == run.newest.measured_at
    assert kept[1] - kept[0] < kept[-1] - kept[-2]


def test_curves_are_bounded_and_keep_their_end():
    rows = np.arange(30_000).reshape(-1, 3)
    kept = record.thinned(rows)
    assert len(kept) <= record.MOST_ROWS and (kept[-1] == rows[-1]).all()
    assert (record.thinned(rows[:5]) == rows[:5]).all() and len(record.thinned(rows[:0])) == 0


def test_the_digits_that_were_wrong_most_often_are_kept(monkeypatch, finished):
    monkeypatch.setattr(record, "MOST_TEST_DIGITS", 50)
    kept = record.digits(finished.tests())
    tests = [test.answers for test in finished.tests()]
    often = sum((test.given != test.right).astype(int) for test in tests)
    assert often[kept["index"]].min() >= np.delete(often, kept["index"]).max()
    assert (kept["given"][-1] == tests[-1].given[kept["index"]]).all()


@pytest.mark.parametrize("kind, worst", [(np.int16, 1 / 32767), (np.int8, 1 / 127)])
def test_weights_are_rounded_for_each_column(kind, worst):
    W = np.random.default_rng(0).normal(size=[50, 3]) * [1, 100, 0]
    kept = network.rounded(W, kind)
    again = kept["values"].astype(float) * kept["scale"]
    assert (np.abs(again - W) <= 0.51 * worst * np.abs(W).max(axis=0)).all()
    assert network.rounded(np.float32(-2), kind)["scale"].shape == (1,)


# ----------------------------------------------------------------------------------------- what a reader sees


def test_the_page_shows_the_run(opened, finished):
    assert opened.browser.title == TITLE and opened.text("title") == "Lesson 9"
    test = finished.newest.test
    assert opened.text("accuracy") == f"{100 * test.accuracy:.2f} %"
    assert test.answers.score in opened.text("wrong")
    opened.key("Home")
    assert opened.text("accuracy") == f"{100 * finished.tests()[0].accuracy:.2f} %"
    assert opened.text("iteration") == "iteration 0 of 300"
    opened.key("ArrowRight")
    assert opened.text("iteration") == f"iteration {finished.tests()[1].i} of 300"
    opened.key("End")
    opened.run("document.getElementById('table').open = true")
    rows = "return [...document.querySelectorAll('#table tr')].map(row => row.textContent)"
    wait_for(lambda: opened.run(rows), "the table")
    table = opened.run(rows)
    assert len(table) == 1 + finished.test.length and f"{100 * test.accuracy:.4g} %" in table[-1]


def test_it_needs_nothing_from_anywhere(opened):
    assert opened.run("return performance.getEntriesByType('resource').length") == 0
    assert "default-src 'none'" in opened.browser.page_source
    opened.run("""document.body.append(Object.assign(document.createElement("img"), {src: "x.png"}))""")
    wait_for(lambda: any("Content Security Policy" in fault for fault in opened.faults()), "a refusal")


def test_every_view_has_its_key_and_its_button(opened):
    before = None
    for key in re.findall(r'{ key: "(.)"', (PARTS / "page.js").read_text("utf-8")):
        opened.key(key)
        picture = opened.run("return document.querySelector('#panels canvas').toDataURL()")
        assert opened.run("return look.view") == key and picture != before, key
        before = picture
    for button in opened.browser.find_elements("css selector", "#views [aria-pressed]"):
        button.click()
        assert button.get_attribute("aria-pressed") == "true"


def test_it_plays(opened):
    opened.key("0")
    opened.key(" ")
    assert opened.text("iteration").startswith("iteration 0 ") and opened.text("play") == "pause"
    wait_for(lambda: opened.text("iteration").startswith("iteration 300 "), "the end")
    wait_for(lambda: opened.text("play") == "play", "a pause at the end")


def test_clicks_lead_to_a_cell_and_the_life_of_a_digit(opened, finished):
    opened.key("m")
    test = finished.newest.test.answers
    assert "of 1,000 wrong" in opened.text("wrong")
    right, given = opened.run("return cellOf(look, run.tests.at(-1).matrix)")
    count = np.count_nonzero((test.right == right) & (test.given == given))
    heading = "return document.querySelectorAll('#panels h2 > :first-child')[1].textContent"
    assert opened.run(heading).startswith(f"{right} read as {given}: {count} of ")
    opened.click(1, 0.02, 0.02)
    kept = opened.run("return [look.view, look.digit.index, look.digit.right]")
    assert kept[0] == "i" and test.right[kept[1]] == kept[2] == right
    life = opened.run("return lifeOf(context())")
    assert life == [[one.i, int(one.answers.given[kept[1]])] for one in finished.tests()]


def test_a_stroke_is_centred_as_on_the_dashboard(opened):
    random, worst = np.random.default_rng(0), 0
    for _ in range(100):
        pad, places = Handwriting(), random.random([4, 2]).tolist()
        for start, end in zip(places, places[1:]):
            pad = pad.written(start, end)
        found = opened.run(
            """const ink = new Float32Array(PAPER * PAPER), places = arguments[0]
            for (let k = 1; k < places.length; k++) stroke(ink, places[k - 1], places[k])
            return [true, false].map(centring => Array.from(networkInput(ink, 28, 28, centring)))""",
            places,
        )
        for centring, pixels in zip((True, False), found):
            wanted = Handwriting(pad.ink, centring).network_input(None, 28, 28).ravel()
            worst = max(worst, np.abs(np.array(pixels) - wanted).max())
    assert worst < 0.5 / 255, worst


def test_two_fingers_and_a_pen_that_leaves_write_one_digit(opened):
    x, y, width = opened.run(
        "const box = $('pad').getBoundingClientRect(); return [box.left, box.top, box.width]"
    )

    def touch(kind, *fingers):
        points = [{"id": k, "x": x + a * width, "y": y + b * width} for k, a, b in fingers]
        opened.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (1, 0.3, 0.2))
    touch("touchStart", (1, 0.3, 0.2), (2, 0.8, 0.8))
    for b in 0.3, 0.9, 1.5:
        touch("touchMove", (1, 0.3, b), (2, 0.8, 0.8 - b / 2))
    touch("touchEnd")
    left, right = opened.run(
        """return [x => x < PAPER / 2, x => x > PAPER / 2].map(
            half => look.ink.some((value, k) => value && half(k % PAPER)))"""
    )
    assert (left, right, opened.run("return pen")) == (True, False, None)
    opened.key("Backspace")
    assert not opened.run("return look.ink.some(Boolean)")


def test_keys_reach_what_has_the_focus_once(opened):
    from selenium.webdriver import ActionChains, Keys

    def pressed(focused, key):
        opened.run("document.querySelector(arguments[0]).focus()", focused)
        ActionChains(opened.browser).send_keys(key).perform()
        return opened.run("return [look.view, look.moment, playing !== null]")

    last = opened.run("return look.moment")
    assert pressed("#views [data-key='m']", " ") == ["m", last, False]
    assert pressed("#play", " ") == ["m", 0, True]
    assert pressed("#play", " ")[::2] == ["m", False]
    assert pressed("#slider", Keys.HOME)[1] == 0 and pressed("#slider", Keys.ARROW_RIGHT)[1] == 1
    pressed("#slider", "?")
    assert pressed("#slider", "0") == ["m", 1, False], "the list of keys is open"
    assert pressed("dialog", Keys.ESCAPE) == ["m", 1, False] and not opened.run("return $('keys').open")
    assert pressed("#panels [tabindex]", Keys.ENTER)[0] == "m" and opened.run("return look.cell") is not None
    assert pressed("#panels section:last-child [tabindex]", Keys.ENTER)[0] == "i"
    assert opened.run("return document.activeElement.tagName") == "CANVAS"


def test_a_held_key_plays_once(opened):
    held = (
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: ' ', repeat: true, bubbles: true}))"
    )
    opened.key(" ")
    opened.run(held)
    assert opened.run("return playing !== null")
    opened.key("ArrowLeft")
    assert opened.run("return playing === null"), "who travels does not play"


def test_it_can_be_read_without_seeing_it(opened, finished):
    assert f"test {100 * finished.newest.test.accuracy:.4g} %" in opened.run(
        "return document.querySelector('#panels canvas').getAttribute('aria-label')"
    )
    unnamed = "return [...document.querySelectorAll('canvas, button, input')].filter(one => "
    assert opened.run(unnamed + "!one.getAttribute('aria-label') && !one.textContent).length") == 0
    opened.run("clearTimeout(speaking); $('spoken').textContent = ''; stroke(look.ink ?? [], [0, 0], [0, 0])")
    opened.key("ArrowLeft")
    assert opened.text("spoken") == "" and opened.text("answer-note"), "told when nothing moves any more"
    wait_for(lambda: opened.text("spoken") == opened.text("answer-note"), "the answer")


def test_printed_it_is_a_report(opened):
    opened.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    opened.run(
        """addEventListener("beforeprint", () => {
            window.printed = [colour.paper, look.view, document.body.innerText]
        })"""
    )
    pdf = opened.browser.execute_cdp_cmd("Page.printToPDF", {})["data"]
    opened.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    paper, view, words = opened.run("return window.printed")
    assert (paper, view) == ("#ffffff", "on paper") and len(base64.b64decode(pdf)) > 10_000
    assert "Confusion matrix" in words and "Accuracy" in words
    assert not {"play", "click"} & set(words.split()), "nothing to press"
    assert opened.run("return look.view") == "0"


@pytest.mark.parametrize("width, height", [(200, 150), (4000, 3000)])
def test_any_window_will_do(opened, width, height):
    page_size(opened.browser, width, height)
    for key in "0123456789wlgmi":
        opened.key(key)
        assert opened.run("return document.documentElement.scrollWidth") <= width, key


def test_a_damaged_file_and_an_old_browser_are_told(browser, tmp_path, finished):
    whole = written(tmp_path, finished).read_text("utf-8")
    data = whole.index('id="data">') + 5000
    script = whole.index("<script>")

    def told(text):
        (tmp_path / "bad.html").write_text(text, "utf-8")
        browser.get((tmp_path / "bad.html").as_uri())
        shown = "return [...document.body.children].filter(one => one.offsetHeight).map(one => one.innerText)"
        wait_for(lambda: browser.execute_script(shown), "a sentence")
        return lambda: browser.execute_script(shown)

    assert told(whole[:data])()[0].startswith("One moment. If this stays, the file is not complete")
    damaged = told(f"{whole[:data]}AAAA{whole[data + 4 :]}")
    wait_for(
        lambda: damaged() == ["This file is damaged: its data cannot be read. Have it sent again."], "damage"
    )
    without = re.sub(r"<meta http-equiv[^>]*>", "", whole[:script])
    old = told(f"{without}<script>delete window.DecompressionStream</script>{whole[script:]}")
    wait_for(lambda: old()[0].startswith("This browser is too old for this page"), "an old browser")


def test_the_page_to_try_is_up_to_date():
    """If not: python docs/make/pages.py --renew."""
    text = (ROOT / "docs" / "try.html").read_text("utf-8")
    assert len(text) <= 1_500_000 and text == page.renewed(text)


def test_one_name_means_one_thing_in_all_scripts():
    names = [
        name
        for path in PARTS.glob("*.js")
        for name in re.findall(
            r"^(?:async )?(?:function|const|let) (\w+)", path.read_text("utf-8"), re.MULTILINE
        )
    ]
    assert len(names) > 100 and sorted(names) == sorted(set(names))


def test_colours_and_views_are_the_dashboards():
    light = (PARTS / "page.css").read_text("utf-8").partition("@media")[0]
    colours = dict(re.findall(r"--([a-z-]+): ([^;]+);", light))
    assert len(colours) > 15
    for name, value in colours.items():
        known = getattr(style, name.replace("-", "_").upper())
        assert value == (known if isinstance(known, str) else " ".join(known)), name
    keys = re.findall(r'{ key: "(.)"', (PARTS / "page.js").read_text("utf-8"))
    assert set(keys) == {view.keys[0] for view in views.VIEWS} - {"d"}, "the pad is there in every view"


# ------------------------------------------------------------------------------------------------ the network


def test_the_network_of_then_answers_and_a_neuron_is_explained(browser, tmp_path, finished):
    tf = pytest.importorskip("tensorflow")
    from dashboard.run import past

    W1, W2 = tf.Variable(tf.random.normal([784, 5], seed=1)), tf.Variable(tf.random.normal([5, 10], seed=2))

    def predict(X):
        Y1 = tf.nn.relu(tf.reshape(X, [-1, 784]) @ W1 + 0.1)
        return [Y1, tf.nn.softmax(Y1 @ W2)]

    W1_now, run = W1.numpy(), toy.finished(300)
    W1_now[:, 4] = -1
    W1.assign(W1_now)
    run.networks = [past.Network(0, [W1_now * 0, W2.numpy()]), past.Network(290, [W1_now, W2.numpy()])]
    shown = Opened(browser, written(tmp_path, run, predict=predict, state=[W1, W2]))
    image = np.random.default_rng(0).random([1, 28, 28, 1], np.float32)
    answer = "return window.network(arguments[0])"
    assert np.abs(shown.run(answer, image.ravel().tolist()) - predict(image)[-1].numpy()).max() < 0.001
    shown.key("Home")
    W1.assign(W1_now * 0)
    assert np.abs(shown.run(answer, image.ravel().tolist()) - predict(image)[-1].numpy()).max() < 0.02
    shown.key("End")
    shown.key("l")
    shown.click(0, 0.02, 0.3)
    told = shown.text("explained").splitlines()
    assert told[0] == "Y1, 0, its sum, the strongest inputs first:" and len(told) >= 3
    first = re.fullmatch(r"row (\d+), column (\d+): (\S+) × (\S+) = (\S+)", told[1])
    pixel = int(first[1]) * 28 + int(first[2])
    assert math.isclose(float(first[4].replace("−", "-")), W1_now[pixel, 0], rel_tol=0.06)
    assert " → with the bias: " in told[-1] and " → relu: " in told[-1]
    shown.run(
        "const draw = label; window.words = []; label = (g, ...a) => { words.push(a[0]); draw(g, ...a) }"
    )
    shown.click(0, 0.7, 0.3)
    wait_for(lambda: "Y1, 4 is dead" in shown.text("panels"), "a neuron that is 0 for all digits")
    assert "Y1  5: 1 of 5 dead" in shown.run("return words")
    assert not shown.faults()


def test_what_it_cannot_do_it_says(browser, tmp_path, finished, capsys):
    shown = Opened(browser, written(tmp_path, finished, predict=lambda X: np.asarray(X)[:, :10, 0, 0]))
    assert "without the network: " in capsys.readouterr().err
    assert shown.text("answer-note").startswith("The network cannot be asked here: ")
    shown.key("l")
    assert not shown.faults()


# ------------------------------------------------------------------------------------------ runs of all kinds


def small_run(shape, classes, tests=3, loss=1.0, shown=("test", "train")):
    random, run = np.random.default_rng(0), Run(20)
    X, Y_ = random.random([200, *shape], np.float32), np.eye(classes)[random.integers(0, classes, 200)]
    for i in range(tests):
        Y = random.random([200, classes])
        W = random.normal(size=[math.prod(shape), classes])
        made = {
            "test": toy.test_update(i * 10, X, Y_, Y, loss),
            "train": toy.train_update(i * 10, X[:20], Y_[:20], Y[:20], loss, [W], [W[0]]),
        }
        toy.show(run, *(made[part] for part in shown))
    return run


@pytest.mark.parametrize(
    "run",
    [
        small_run([28, 28, 1], 3), small_run([8, 8, 1], 10), small_run([28, 28, 1], 100),
        small_run([28, 28, 1], 10, loss=math.nan), small_run([28, 28, 1], 10, tests=1),
        small_run([28, 28, 1], 10, shown=["train"]), small_run([28, 28, 1], 10, shown=["test"]), Run(100),
    ],
    ids=["3 classes", "8x8", "100 classes", "NaN", "one test", "no test", "no training", "nothing"],
)  # fmt: skip
def test_runs_of_all_kinds(browser, tmp_path, run):
    shown = Opened(browser, written(tmp_path, run))
    for key in "0123456789wlgmi":
        shown.key(key)
        assert not shown.faults(), key
    shown.run("document.getElementById('table').open = true")
    assert not shown.faults()


def test_a_long_run_stays_small_and_opens_at_once(browser, tmp_path):
    path = written(tmp_path, toy.finished(50_000))
    assert path.stat().st_size < 8_000_000
    shown = Opened(browser, path)
    print(f"{path.stat().st_size:,} bytes, ready after {shown.run('return performance.now()'):.0f} ms")
    assert not shown.faults()


def test_names_stay_words(browser, tmp_path):
    run = small_run([28, 28, 1], 10)
    name = "<img src=x onerror=alert(1)>"
    run.earlier = [Earlier(name, run.train.rows[:, :3], run.test.rows[:, :3])]
    shown = Opened(browser, written(tmp_path, run, f"{name}: {name}"))
    assert shown.text("title") == shown.text("subtitle") == name
    assert shown.run("return document.querySelectorAll('img').length") == 0 and not shown.faults()


def test_a_run_that_is_stopped_has_its_page(tmp_path):
    path = tmp_path / "run.html"
    asked = f"save_page=pathlib.Path({str(path)!r}), text=True"
    code = f"import pathlib; from toy import *; lesson(100_000, {asked})"
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [sys.executable, "-uc", code], stdout=subprocess.PIPE, env=environment, cwd=tmp_path
    )
    for line in process.stdout:
        if line.startswith(b"100:"):
            process.send_signal(signal.SIGINT)
            break
    process.communicate(timeout=60)
    assert process.returncode == 130 and path.stat().st_size > 100_000


def test_a_full_disk_costs_the_page_and_nothing_else(tmp_path, monkeypatch, capsys):
    path = tmp_path / "run.html"
    path.write_text("an earlier page")

    def full(self, *given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_text", full)
    with pytest.raises(SystemExit):
        toy.lesson(30, 0, save_page=path, text=True)
    out, err = capsys.readouterr()
    assert f"The page is not saved in {path}: No space left on device" in err and "final test accuracy" in out
    assert path.read_bytes() == b"an earlier page"
