"""The dashboard in a notebook's cells, `%matplotlib inline` and `%matplotlib widget`; course.ipynb."""

import pytest
from conftest import LESSONS, for_toys
from processes import ROOT

pytestmark = pytest.mark.slow
IMPORT = "%matplotlib {}\nfrom toy import *\nimport asyncio"


@pytest.fixture
def notebook(monkeypatch):
    """Runs the cells of a notebook and returns them with their outputs."""
    for library in "nbclient", "nbformat", "ipykernel", "ipympl":
        pytest.importorskip(library, reason=f"{library} is not installed")
    import nbclient
    import nbformat

    for name, value in for_toys().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)

    def run(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
        return notebook.cells

    return run


def shown(cell):
    """What kinds of pictures a cell shows, of those that it shows at all."""
    return [set(output["data"]) for output in cell.outputs if output.output_type == "display_data"]


def outcome(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_inline_the_cell_shows_a_picture_that_moves(notebook):
    cells = notebook(
        IMPORT.format("inline"),
        "run = lesson(40)",
        "assert (run.run.train.length, run.run.test.length) == (4, 5)",
    )
    (kinds,) = shown(cells[1])
    assert "image/png" in kinds


def test_two_dashboards_side_by_side(notebook):
    """Each cell is done at once, and both runs go on behind them, each with its own keys."""
    cells = notebook(
        IMPORT.format("widget") + "\nimport matplotlib.pyplot as plt",
        "one = lesson(150)",
        "two = lesson(200)\nfigures = [plt.figure(number) for number in plt.get_fignums()]",
        "while not (one.run.train.length and two.run.train.length):\n    await asyncio.sleep(0.01)",
        "assert one.run.train.length < 15 and two.run.train.length < 20, 'they did not run together'",
        """from matplotlib.backend_bases import KeyEvent
KeyEvent("key_press_event", figures[0].canvas, "8")._process()
visible = [{axes.get_label() for axes in figure.axes if axes.get_visible()} for figure in figures]
assert visible[0] == {"header", "Weights", "Biases"} and len(visible[1]) == 7, visible""",
        "while one.run.iteration < 150 or two.run.iteration < 200:\n    await asyncio.sleep(0.01)",
        "assert (one.run.train.length, two.run.train.length) == (15, 20)",
        "assert figures[0].canvas.get_width_height() == (896, 504), 'wider than the cells of a laptop'",
    )
    (kinds,) = shown(cells[1])
    assert "application/vnd.jupyter.widget-view+json" in kinds


def test_the_laboratory_in_a_notebook(notebook):
    """Keys and clicks, as the page sends them."""
    last = notebook(
        IMPORT.format("widget")
        + """
import matplotlib.pyplot as plt
from matplotlib.backend_bases import KeyEvent, MouseEvent
from dashboard.panels import layers, mosaics

def press(*keys):
    for key in keys:
        KeyEvent("key_press_event", figure.canvas, key)._process()

def click(panel):
    (axes,) = [axes for axes in figure.axes if axes.get_label() == panel.__name__]
    x, y = axes.bbox.x0 + 100, axes.bbox.y1 - 60
    MouseEvent("button_press_event", figure.canvas, x, y, 1)._process()

def shown():
    return {axes.get_label() for axes in figure.axes if axes.get_visible()}

async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)""",
        "run = laboratory(1_000_000)\nfigure = plt.gcf()",
        "await until(lambda: run.run.test.length > 2)",
        # the page loses some of what has changed: now and then it gets everything
        "sent = []\nfigure.canvas.set_image_mode = sent.append\nawait until(lambda: sent.count('full') > 1)",
        "press('+', '+', '-')\nawait until(lambda: list(run.run.turns.values())[-1:] == [2])",
        "press('l')\nclick(layers.Layers)\nawait until(lambda: 'Favourites' in shown())",
        "press('6')\nclick(mosaics.TestDigits)\nawait until(lambda: 'Life' in shown())",
        "press('d', 't', '7')\nassert run.mnist.train.taught",
        "press(' ', 'left')\nassert 'back in time' in figure.canvas.manager.get_window_title()",
        "press('home', 'b')\nawait until(lambda: run.run.branches == [0] and run.run.test.length > 1)",
        "press('q')",
    )[-1]
    assert "max test accuracy" in outcome(last)


SCRIPT = """
from pathlib import Path
from toy import *
asked = options.defaults()
asked.save_curves = Path("own.csv")
network = Network()
datavis = tensorflowvisu.MnistDataVis(asked)

def step(i, n, update_test_data, update_train_data):
    datavis.update_test_data(i, *network.answers(i, 1000))
    time.sleep(0.01)

datavis.animate(step, 1_000_000, 10, 10)
"""


@pytest.mark.parametrize(
    "first, again", [("%run own.py", "%run own.py --seed 1"), (SCRIPT, SCRIPT)], ids=["a script", "a cell"]
)
def test_the_same_again_ends_the_run_before(notebook, tmp_path, monkeypatch, first, again):
    """Its names would be taken away from it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(SCRIPT)
    cells = notebook(
        IMPORT.format("widget"), first, "await asyncio.sleep(1)", "first = datavis",
        "assert not Path('own.csv').exists(), 'who only names own.py does not end its run'",
        again, "await asyncio.sleep(1)",
        "assert datavis is not first and Path('own.csv').exists()",
    )  # fmt: skip
    assert len(shown(cells[5])) == 1 and "Error" not in "".join(map(outcome, cells))


def test_a_script_shows_one_figure_and_closing_it_ends_the_run(notebook, tmp_path, monkeypatch):
    """With its results: what is asked for is kept."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(SCRIPT)
    cells = notebook(
        IMPORT.format("widget") + "\nimport matplotlib.pyplot as plt", "%run own.py",
        "await asyncio.sleep(1)", "assert len(plt.get_fignums()) == 1\nplt.close('all')",
        "while not Path('own.csv').exists():\n    await asyncio.sleep(0.01)",
        "assert not plt.get_fignums()",
    )  # fmt: skip
    assert len(shown(cells[1])) == 1


# ------------------------------------------------------------------------------------------------- the course


def test_the_course_as_a_notebook_is_up_to_date(monkeypatch):
    """docs/make/notebook.py would write the same."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "make")
    from docs.make import notebook

    assert (ROOT / "course.ipynb").read_text("utf-8") == notebook.notebook()


def test_the_course_as_a_notebook_runs(digits_folder, monkeypatch):
    """All six lessons, one after the other in the same process, for a few iterations."""
    for library in "nbclient", "nbformat", "ipykernel":
        pytest.importorskip(library, reason=f"{library} is not installed")
    import nbclient
    import nbformat

    monkeypatch.delenv("MPLBACKEND", raising=False)
    course = nbformat.read(ROOT / "course.ipynb", as_version=4)
    nbformat.validate(course)
    lessons = [cell for cell in course.cells if cell.source.startswith("%run")]
    assert [cell.source for cell in lessons] == [f"%run {path.name}" for path in LESSONS]
    for cell in lessons:
        cell.source += f' --iterations 40 --data "{digits_folder}"'
    place = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(course, timeout=300, kernel_name="python3", resources=place).execute()
    for cell in lessons:
        text = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        assert "final test accuracy: 0." in text and shown(cell) == [{"image/png", "text/plain"}]
