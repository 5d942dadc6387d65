"""The drawings as PNGs, light and 1,920 pixels wide. Chromium draws them: matplotlib does not read SVG."""

import hashlib
import io
import math
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
WIDTH, COLORS = 1920, 24
LONGEST = 60  # seconds for one drawing


def browser():
    """Where it is, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def slide(browser, drawing):
    """A PNG of a drawing, with few colours, which also says of what drawing it was made."""
    from PIL import Image, PngImagePlugin

    root = ElementTree.fromstring(drawing)
    width, height = (math.ceil(float(root.get(side))) for side in ("width", "height"))
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder) / "drawing.svg", Path(folder) / "slide.png"
        page.write_text(drawing.replace("(prefers-color-scheme: dark)", "not all"), "utf-8")
        photograph(browser, page, picture, (width, height), WIDTH / width)
        places, palette = few_colors(np.asarray(Image.open(picture).convert("RGB"), int))
    image = Image.fromarray(places)
    image.putpalette(palette)
    told, png = PngImagePlugin.PngInfo(), io.BytesIO()
    told.add_text("drawing", fingerprint(drawing))
    image.save(png, "PNG", optimize=True, pnginfo=told)
    return png.getvalue()


def photograph(browser, page, picture, size, zoom):
    """A picture of a page."""
    width, height = size
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, "--headless=new", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={profile}",
            f"--window-size={width},{height}", f"--force-device-scale-factor={zoom}",
            "--virtual-time-budget=10000", f"--screenshot={picture}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)


def few_colors(image):
    """Pixels [height, width, 3] as places in a palette, and that palette: each pixel's nearest colour.

    The most frequent colours are those of the drawing; the others are at the edges of letters and lines.
    Pillow's own quantize() changes them all a little: white paper would be grey.
    """
    codes, which, counts = np.unique(image @ (1 << 16, 1 << 8, 1), return_inverse=True, return_counts=True)
    colors = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1)
    palette = colors[np.argsort(-counts)[:COLORS]]
    nearest = ((colors[:, None] - palette) ** 2).sum(axis=-1).argmin(axis=-1).astype(np.uint8)
    return nearest[which].reshape(image.shape[:2]), palette.ravel().tolist()


def fingerprint(drawing):
    """With it a test sees whether a slide is that of today's drawing."""
    return hashlib.sha256(drawing.encode()).hexdigest()
