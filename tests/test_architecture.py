"""Who may know whom: imports, read from the source, and that importing a module does nothing."""

import ast
import sys

import pytest
from conftest import LESSONS
from processes import ROOT, run

ROOMS = sorted((ROOT / "dashboard").glob("*.py"))
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
FOLDERS = "*.py", "dashboard/*.py", "mlengine/**/*.py"
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


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_everybody_knows_only_whom_it_may(path):
    who = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert top(imports(path)) & OURS <= KNOWS[who]


def test_startup_knows_the_standard_library_only():
    assert top(imports(ROOT / "startup.py")) <= sys.stdlib_module_names


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.stem)
def test_no_room_knows_tensorflow_or_files_of_digits(path):
    assert not top(imports(path)) & {"tensorflow", "keras", "mnistdata", "syntheticdigits"}


def test_no_room_needs_matplotlib_to_be_imported():
    """Data rooms know none of it, and the others import it only once window.py has found it."""
    for path in ROOMS:
        assert "matplotlib" not in top(imports(path, inside_functions=False)), path


def test_mnistdata_knows_no_tensorflow_and_no_matplotlib():
    for name in "mnistdata.py", "syntheticdigits.py":
        assert top(imports(ROOT / name)) - sys.stdlib_module_names <= {"numpy", "requests", *OURS}


def test_there_is_no_circle_among_the_rooms():
    rooms = {f"dashboard.{path.stem}" for path in ROOMS}
    knows = {}  # room: those that it imports, or from which it imports something
    for path in ROOMS:
        names = [name.split(".")[:2] for name in imports(path)]
        knows[f"dashboard.{path.stem}"] = {".".join(name) for name in names} & rooms
    assert any(knows.values())
    while free := [room for room, known in knows.items() if not known]:
        for room in free:
            del knows[room]
        for known in knows.values():
            known.difference_update(free)
    assert not knows, "these know each other"


def test_importing_does_nothing():
    """No seed set, no path edited, no environment, no hook; what is not needed is not even imported."""
    modules = ["startup", "mnistdata", "syntheticdigits", "tensorflowvisu"]
    modules += [f"dashboard.{path.stem}" for path in ROOMS]
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
