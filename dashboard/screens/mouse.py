"""What the mouse does to panels."""


class Mouse:
    def __init__(self, painter, screen):
        self.painter, self.screen = painter, screen
        self.grabbed = None  # the panel in which its button was pressed
        self.hovered = None  # the panel that shows what is under it

    def press(self, event):
        board = self.painter
        self.grabbed = None if self.screen.is_zooming() else board.panel_at(event.inaxes)
        if self.grabbed:
            board.look = self.grabbed.press(event.xdata, event.ydata, event.button, board.run, board.look)

    def move(self, event):
        board = self.painter
        if self.grabbed:
            x, y = self.grabbed.axes.transData.inverted().transform((event.x, event.y)).tolist()
            board.look = self.grabbed.drag(x, y, board.run, board.look)
            return
        panel = board.panel_at(event.inaxes)
        if self.hovered and self.hovered is not panel:
            self.hovered.leave()
            board.stale.add(self.hovered)
            self.hovered = None
        if panel and panel.hover(event.xdata, event.ydata, board.run):
            self.hovered = panel
            board.stale.add(panel)

    def release(self, event):
        self.grabbed = None
