"""What the mouse does to panels."""

from dashboard import views


class Mouse:
    def __init__(self, painter, screen):
        self.painter, self.screen = painter, screen
        self.grabbed = None  # the panel in which its button was pressed
        self.hovered = None  # the panel that shows what is under it

    def press(self, event):
        if not event.inaxes or self.screen.is_zooming():
            return
        self.grabbed = self.painter.panel_at(event.inaxes)
        if self.grabbed:
            key = self.grabbed.press(event.xdata, event.ydata, event.button)
            if key:
                self.painter.show_view(views.BY_KEY[key])

    def move(self, event):
        if self.grabbed:
            place = self.grabbed.axes.transData.inverted().transform((event.x, event.y))
            self.grabbed.drag(*place.tolist())
            return
        panel = self.painter.panel_at(event.inaxes)
        if self.hovered and self.hovered is not panel:
            self.hovered.leave()
            self.painter.stale.add(self.hovered)
            self.hovered = None
        if panel and panel.hover(event.xdata, event.ydata):
            self.hovered = panel
            self.painter.stale.add(panel)

    def release(self, event):
        self.grabbed = None
