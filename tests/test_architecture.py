"""Who may know whom: imports, read from the source, and that importing a module does nothing."""

import ast
import sys

import pytest
from conftest import LESSONS
from processes import ROOT, run

DASHBOARD = ROOT / "dashboard"
ROOMS = sorted(path for path in DASHBOARD.rglob("*.py") if path.stem != "__init__")
SMALLEST, LARGEST = 20, 250  # lines of a room
OURS = {"mnistdata", "syntheticdigits", "startup", "tensorflowvisu", "dashboard", "mlengine"}
KNOWS = {  # of ours
    "startup": set(),
    "syntheticdigits": set(),
    "mnistdata": {"startup", "syntheticdigits"},
    "tensorflowvisu": {"startup", "dashboard"},
    "dashboard": {"startup", "dashboard"},
    "mlengine": {"startup", "mnistdata", "mlengine"},
    **{lesson.stem: {"mnistdata", "tensorflowvisu"} for lesson in LESSONS},
}
BOXES = {  # of the dashboard, and their arrows
    "run": set(),
    "traced": {"run"},
    "webpage": {"run"},
    "panels": {"run"},
    "screens": {"run", "panels"},
    "options": {"run", "panels", "screens"},
    "networks": {"run", "traced", "webpage"},
    "comparison": {"run", "panels", "screens", "networks"},
}
FOLDERS = "*.py", "dashboard/**/*.py", "mlengine/**/*.py"
SOURCES = [path for pattern in FOLDERS for path in sorted(ROOT.glob(pattern))]


def imports(path, inside_functions=True):
    """The modules that a file imports, as 'package.module'."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = set()
    if not inside_functions:
        functions = (n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda)))
        inner = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        if id(node) in inner:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def top(names):
    return {name.split(".")[0] for name in names}


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def box_of(module):
    return module.split(".")[1]


def rooms_known_by(path):
    """The rooms that it imports, or from which it imports something."""
    names = set(imports(path))
    return {
        room for room in map(module_of, ROOMS) if any(f"{name}.".startswith(f"{room}.") for name in names)
    }


@pytest.mark.parametrize("who", KNOWS)
def test_everybody_knows_whom_it_may_and_nobody_else(who):
    paths = [path for path in SOURCES if path.relative_to(ROOT).parts[0].removesuffix(".py") == who]
    assert set.union(*(top(imports(path)) & OURS for path in paths)) == KNOWS[who]


def test_startup_knows_the_standard_library_only():
    assert top(imports(ROOT / "startup.py")) <= sys.stdlib_module_names


def test_mnistdata_knows_no_tensorflow_and_no_matplotlib():
    for name in "mnistdata.py", "syntheticdigits.py":
        assert top(imports(ROOT / name)) - sys.stdlib_module_names <= {"numpy", "requests", *OURS}


# --------------------------------------------------------------------------------------------- the dashboard


def test_the_boxes_of_the_dashboard_have_these_arrows_and_no_others():
    found = {}
    for path in ROOMS:
        known = found.setdefault(box_of(module_of(path)), set())
        known |= {box_of(room) for room in rooms_known_by(path)} - {box_of(module_of(path))}
    assert found.keys() == BOXES.keys()
    for box, known in found.items():
        assert known <= BOXES[box], box


def test_what_is_computed_of_a_run_needs_numpy_only():
    for path in (DASHBOARD / "run").glob("*.py"):
        assert top(imports(path)) - sys.stdlib_module_names <= {"numpy", "startup", "dashboard"}, path


def test_no_room_knows_tensorflow_or_files_of_digits():
    for path in ROOMS:
        assert not top(imports(path)) & {"tensorflow", "keras", "mnistdata", "syntheticdigits"}, path


def test_no_room_needs_matplotlib_to_be_imported():
    """Text and what is computed know none of it; the others import it once stage.py has found it."""
    for path in ROOMS:
        assert "matplotlib" not in top(imports(path, inside_functions=False)), path
    assert "matplotlib" not in top(imports(DASHBOARD / "screens" / "unattended.py"))


def test_there_is_no_circle_among_the_rooms():
    knows = {module_of(path): rooms_known_by(path) for path in ROOMS}
    assert any(knows.values())
    while free := [room for room, known in knows.items() if not known]:
        for room in free:
            del knows[room]
        for known in knows.values():
            known.difference_update(free)
    assert not knows, "these know each other"


def test_no_room_is_too_large_or_too_small():
    lines = {module_of(path): len(path.read_text("utf-8").splitlines()) for path in ROOMS}
    assert {room: n for room, n in lines.items() if not SMALLEST <= n <= LARGEST} == {}


def test_importing_does_nothing():
    """No seed set, no path edited, no environment, no hook; what is not needed is not even imported."""
    modules = ["startup", "mnistdata", "syntheticdigits", "tensorflowvisu", *map(module_of, ROOMS)]
    code = f"""
import importlib, os, signal, sys, threading
import numpy

def state():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    return (numpy.random.get_state()[1].tobytes(), list(sys.path), dict(os.environ), sys.excepthook,
            handlers, threading.active_count(), sorted(os.listdir()))

before = state()
for name in {modules}:
    importlib.import_module(name)
print([name for name in ("tensorflow", "keras", "matplotlib", "PIL") if name in sys.modules])
assert state() == before
"""
    done = run("-c", code)
    assert (done.stdout, done.stderr) == ("[]\n", "")
