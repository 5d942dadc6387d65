"""How everything looks: sizes, colours, fonts; whatever a reader's own matplotlibrc says."""

import contextlib
import logging
import warnings

WIDTH, HEIGHT = 1344, 756  # pixels of the whole picture
BLUE, RED, DARK, GREY, LIGHT = "#0060b0", "#d01c2a", "#222222", "#999999", "#e4e4e4"
SMALL = 0.85  # size of numbers and captions; a title has 1
FONT = "DejaVu Sans"  # comes with matplotlib and has all letters but those of East Asia
HAN_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
FIRST_HAN = "\u2e80"  # letter


@contextlib.contextmanager
def applied(*names):
    """While a dashboard is shown; `names` are the reader's own, in whatever letters."""
    from matplotlib import font_manager, style

    fonts = [FONT]
    if max("".join(names), default="") >= FIRST_HAN:
        known = font_manager.get_font_names()
        fonts += [font for font in HAN_FONTS if font in known]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    settings = {"font.family": fonts, "text.parse_math": False}
    with warnings.catch_warnings(), style.context(["default", settings]):
        warnings.filterwarnings("ignore", "Glyph .* missing")  # no font of this system has that letter
        log.setLevel(logging.ERROR)  # a Han font without bold letters
        try:
            yield
        finally:
            log.setLevel(level)
