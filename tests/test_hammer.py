"""The hammer, briefly: `python tests/hammer.py` does the same for longer."""

import hammer
import pytest

pytestmark = pytest.mark.slow
EVENTS, RELOADS = 30, 5
SEED = 0


@pytest.mark.parametrize("backend, module", [("tkagg", "tkinter"), ("qtagg", "PySide6")])
def test_a_window_holds_out(need_a_screen, tmp_path, backend, module):
    pytest.importorskip(module, reason=f"{module} is not installed")
    with hammer.in_a_window(backend, tmp_path) as place:
        assert hammer.hammer(place, EVENTS, SEED) is None


@pytest.mark.parametrize("what, count", [(hammer.hammer, EVENTS), (hammer.reload, RELOADS)])
def test_a_page_holds_out(browser, tmp_path, what, count):
    with hammer.in_a_browser(tmp_path, browser) as place:
        assert what(place, count, SEED) is None
