"""How everything looks: sizes, colours, fonts; whatever a reader's own matplotlibrc says."""

import contextlib
import logging
import warnings

WIDTH, HEIGHT = 1344, 756  # pixels of the whole picture
EM, SMALLEST_EM = 14, 9  # pixels: a letter in a picture of that size, and in the smallest

# letters, in ems: one number is largest
LARGE, NORMAL, SMALL = 1.8, 1.0, 0.8

# one colour, one meaning
INK, GREY, FAINT, RULE, PAPER, BAND = "#1f2933", "#5f6b7a", "#c3cbd3", "#e8ebee", "#ffffff", "#f3f5f8"
TRAINING, EACH_BATCH, TEST = "#2266b3", "#c9dcf1", "#c8283c"
WEIGHTS = "#dde3e9", "#b3bfcb", "#7d8d9e", "#3d4d5e"  # bands, from all values to the middle seventh
BIASES = "#fae6c8", "#f2c583", "#d9922e", "#94580a"
NETWORKS = INK, "#b45f06", "#7a4fa3", "#00796b"  # side by side
EARLIER = "#6e747b", "#b45f06", "#1b7837", "#8e2f74"  # earlier runs; apart also for the colour-blind
MARKED = "#e69f00"  # the learner's own digits
WRONG_INK, WRONG_PAPER = "#b0182c", "#fbdde0"  # a wrong answer is a tint of red
LAYERS = "#3b2a78", "#00796b", "#b45f06"  # from the first layer to the last
NEGATIVE, POSITIVE = "#6a3d9a", "#1b7837"  # weights

# faces: the first that this system has; the last comes with matplotlib and has all letters but East Asia's
FONTS = "Inter", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans"
HAN_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
FIRST_HAN = "\u2e80"  # letter


@contextlib.contextmanager
def applied(*names):
    """While a dashboard is shown; `names` are the reader's own, in whatever letters."""
    from matplotlib import font_manager

    known = font_manager.get_font_names()
    fonts = [font for font in FONTS if font in known]
    if max("".join(names), default="") >= FIRST_HAN:
        fonts += [font for font in HAN_FONTS if font in known]
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with warnings.catch_warnings(), settings(fonts):
        warnings.filterwarnings("ignore", "Glyph .* missing")  # no font of this system has that letter
        log.setLevel(logging.ERROR)  # a Han font without bold letters
        try:
            yield
        finally:
            log.setLevel(level)


def settings(fonts):
    """matplotlib's own, but for these. A reader's are back afterwards: in a notebook, while a run goes on."""
    from matplotlib import style

    return style.context(["default", {"font.family": fonts, "text.parse_math": False}])


def lettering(fonts):
    """Of words that are written while a reader's settings may be back."""
    return {"family": fonts, "parse_math": False, "usetex": False}
