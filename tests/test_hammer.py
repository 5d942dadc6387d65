"""The hammer, briefly: `python tests/hammer.py` does the same for longer."""

import hammer
import pytest
from conftest import need_toolkit

pytestmark = pytest.mark.slow
EVENTS, RELOADS = 30, 5
SEED = 0


@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_a_window_holds_out(need_a_screen, tmp_path, backend):
    need_toolkit(backend)
    with hammer.in_a_window(backend, tmp_path) as place:
        assert hammer.hammer(place, EVENTS, SEED) is None


@pytest.mark.parametrize("what, count", [(hammer.hammer, EVENTS), (hammer.reload, RELOADS)])
def test_a_page_holds_out(browser, tmp_path, what, count):
    with hammer.in_a_browser(tmp_path, browser) as place:
        assert what(place, count, SEED) is None
