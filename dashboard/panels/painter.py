"""Draws a run: artists are made once and updated, and only what has changed is drawn again."""

from dashboard.panels import bar, header, views
from dashboard.panels.errors import Errors
from dashboard.panels.key_list import KeyList
from dashboard.panels.panel import TITLE
from dashboard.panels.style import EM, HEIGHT, SMALLEST_EM, WIDTH

SMALLEST_CELL = 40  # pixels: a smaller panel is not drawn


class Painter:
    def __init__(self, figure, run, handles, look, name="", list_of_keys=()):
        self.figure, self.canvas, self.run, self.look = figure, figure.canvas, run, look
        self.handles, self.errors = handles, Errors()
        board = figure.add_axes((0, 0, 1, 1), label="header", zorder=-1, navigate=False)
        self.header, self.keys = header.Header(board, name), KeyList(board, list_of_keys)
        self.panels = views.Panels(figure, handles)
        self.bar = bar.Bar(self.canvas, self.panels.fonts)
        self.buttons = tuple  # gives the bar's groups of buttons: none, in files
        self.places = {}  # of the panels in view that are large enough to be drawn
        self.backgrounds = {}  # panels without what moves: {(panel, place): (limits shown there, pixels)}
        self.shown_look, self.shown = None, {}  # what was drawn last, by the names in Panel.shows
        self.stale = set()  # panels to draw again, though they show the same
        self.undrawn = [None, *views.VIEWS]  # whose words were not drawn in this size yet; None: the keys
        self.unsent = False  # something was drawn and is not on the screen yet
        self.savefig, figure.savefig = figure.savefig, self.save
        self.canvas.mpl_connect("resize_event", self.resized)
        self.canvas.mpl_connect("draw_event", self.drawn)
        self.arrange()

    @property
    def view(self):
        return views.BY_KEY[self.look.view]

    def panel_at(self, axes):
        """The panel in these axes."""
        return next((panel for panel in self.places if panel.axes is axes), None)

    def key_at(self, x, y):
        """The key that does what a click at these pixels means: a button's, a title's; or None."""
        if button := self.bar.at(x, y):
            return button.key
        for panel, place in self.places.items():
            left, bottom, width, height = place.cell
            if panel.key and left <= x < left + width and 0 < bottom + height - y < 2 * TITLE * self.letter:
                return "0" if panel.key in self.view.keys else panel.key  # once more: all six

    # ------------------------------------------------------------------------------------- where panels go

    def arrange(self):
        """Put the panels in view where they belong, in letters that suit the size of the figure."""
        width, height = self.figure.bbox.size
        em = max(SMALLEST_EM, EM * min(width / WIDTH, height / HEIGHT))
        points = 72 / self.figure.dpi
        self.header.arrange(width, height, em, em * points)
        self.bar.arrange(self.buttons(), width, height, em, self.figure.dpi)
        self.keys.arrange(width, height, em, em * points)
        self.letter = letter = em * self.view.letter_size
        high = self.header.bottom - self.bar.height
        places = views.layout(width, high, self.view, letter, self.fit_grid, self.bar.height)
        self.grids = self.grids_in_view()
        large = {panel: place for panel, place in places.items() if min(place.cell[2:]) >= SMALLEST_CELL}
        self.places = {self.panels[panel]: place for panel, place in large.items()}
        for panel in self.panels.values():
            panel.axes.set_visible(panel in self.places)
            panel.axes.set_navigate(panel in self.places)  # a hidden one would take the mouse
        for panel, place in self.places.items():
            left, bottom, w, h = place.axes
            panel.axes.set_position((left / width, bottom / height, w / width, h / height))
            panel.arrange(letter * points, place.cell, self.run, self.look)
        if self.canvas.toolbar:
            self.canvas.toolbar.update()  # or its home button would put panels back where they were
        self.fit()

    def fit_grid(self, panel, shape):
        """A mosaic's grid that fills a room which is `shape` times as wide as high; None of other panels."""
        self.panels[panel].shape = shape
        return self.panels[panel].grid(self.run, self.look)

    def grids_in_view(self):
        return [self.panels[panel].grid(self.run, self.look) for panel in self.view.panels]

    def has_left(self):
        """The figure has another canvas: an SVG's while it is saved, or once it is closed, a dummy."""
        return self.figure.canvas is not self.canvas

    def resized(self, event):
        if self.has_left():
            return
        with self.errors.reported():
            self.backgrounds.clear()
            self.undrawn = [None, *views.VIEWS]
            self.arrange()

    def fit(self, zoomed_too=False):
        """Adjust the axes of the panels in view, unless the learner has zoomed in; those that it changed."""
        changed = []
        for panel in self.places:
            now = (*panel.axes.get_xlim(), *panel.axes.get_ylim())
            wanted, automatic = now, panel.automatic_limits
            with self.errors.reported():
                wanted = tuple(map(float, panel.limits(self.run, self.look, now)))
            if wanted != now and (automatic in (now, None) or zoomed_too):
                panel.axes.set(xlim=wanted[:2], ylim=wanted[2:])
                panel.automatic_limits = wanted
                changed.append(panel)
        return changed

    def save(self, *where, **how):
        """The figure's own `savefig`, without the control bar and the list of keys."""
        buttons, self.buttons, keys = self.buttons, tuple, self.keys.is_shown
        self.keys.show(False)
        try:
            self.arrange()
            with self.errors.reported():
                for panel in self.places:
                    panel.update(self.run, self.look)  # pictures fit their places
                    panel.number_axes()
            self.savefig(*where, **how)
        finally:
            self.buttons = buttons
            self.keys.show(keys)
            self.arrange()
            self.stale.update(self.places)

    # ------------------------------------------------------------------------------------- what is drawn

    def show_all(self):
        """All of the view, and the header."""
        self.arrange()
        self.wipe((0, 0, *self.figure.bbox.size))
        self.paint(self.places, everything=True)

    def show_whole_axes(self):
        """As if nobody had zoomed in."""
        self.fit(zoomed_too=True)
        self.show_all()

    def switch_keys(self):
        self.keys.show(not self.keys.is_shown)
        self.show_all()

    def draw_ahead(self):
        """Draw words that nobody sees yet, those of the list of keys or of another view, and wipe them out:
        the first time takes much longer, and their key is then answered at once.
        """
        if self.look is not self.shown_look or self.stale or not self.undrawn:
            return
        look, before, view = self.look, self.canvas.copy_from_bbox(self.figure.bbox), self.undrawn.pop(0)
        try:
            if view is None:
                self.keys.draw_ahead()
            else:
                self.look = look._replace(view=view.keys[0])
                self.arrange()
                for panel in self.places:
                    panel.draw_words()
                    self.figure.draw_artist(panel.axes)
        finally:
            self.look = look
            self.arrange()
            self.canvas.restore_region(before)

    def draw_changes(self):
        """What has changed since it was last drawn."""
        changed, stale, self.stale = self.changes(), self.stale, set()
        below = self.bar.height
        self.bar.update(self.buttons())
        if not self.backgrounds or ("view" not in changed and self.grids_in_view() != self.grids):
            self.backgrounds.clear()
            self.show_all()
        elif "view" in changed or self.bar.height != below:
            self.arrange()
            low, high = self.bar.height, self.header.bottom
            self.wipe((0, low, self.figure.bbox.width, high - low))
            self.paint(self.places)
        else:
            stale.update(self.fit())
            self.paint([panel for panel in self.places if panel in stale or panel.shows & changed])

    def changes(self):
        """Names in Panel.shows: the learner looks at something else, or training has gone on."""
        before, moment, self.shown_look = self.shown, self.look.at(self.run), self.look
        self.shown = {"train": moment.train, "test": moment.test, **self.look._asdict()}
        changed = {name for name, value in self.shown.items() if value is not before.get(name)}
        return changed | {"train", "test"} if "moment" in changed else changed

    def paint(self, panels, everything=False):
        """These panels, and what has changed in the header and in the bar."""
        for panel in panels:
            with self.errors.reported():
                panel.update(self.run, self.look)
                self.draw_background(panel)
                panel.draw()
        header_is_new = self.header.update(self.run, self.look) or everything
        bar_is_new = everything or not self.bar.is_drawn
        if header_is_new:
            self.header.draw()
        if bar_is_new:
            self.bar.draw()
        self.keys.draw()
        self.unsent = self.unsent or bool(panels or header_is_new or bar_is_new)

    def drawn(self, event):
        """matplotlib has drawn the axes; the words and what moves are still missing."""
        if self.has_left() or self.canvas.is_saving():
            self.backgrounds.clear()  # on a high-DPI screen, saving leaves the canvas empty
            return
        with self.errors.reported():
            for panel in self.places:
                panel.draw_words()
                self.save_background(panel)
            self.paint(self.places, everything=True)

    def draw_background(self, panel):
        """The panel without what moves: restored, if it was drawn before with the same limits."""
        place = self.places[panel]
        limits, pixels = self.backgrounds.get((panel, place), (None, None))
        if limits == panel.axes.viewLim.extents.tolist():
            self.canvas.restore_region(pixels)
        else:
            self.wipe(place.cell)
            panel.draw_words()
            self.figure.draw_artist(panel.axes)
            self.save_background(panel)

    def save_background(self, panel):
        limits, place = panel.axes.viewLim.extents.tolist(), self.places[panel]
        self.backgrounds[panel, place] = limits, self.canvas.copy_from_bbox(box(place.cell))

    def wipe(self, region):
        patch = self.figure.patch
        patch.set_clip_box(box(region))
        self.figure.draw_artist(patch)
        patch.set_clip_box(None)


def box(region):
    from matplotlib.transforms import Bbox  # not before window.py has seen that matplotlib is there

    return Bbox.from_bounds(*region)
