"""What the mouse, or a finger, does: to panels, to buttons, to the line of the run's progress."""


class Mouse:
    def __init__(self, player):
        self.player, self.painter, self.screen = player, player.painter, player.screen
        self.grabbed = None  # the panel in which its button was pressed
        self.hovered = None  # the panel that shows what is under it

    def press(self, event):
        board = self.painter
        self.grabbed = None
        self.player.drop_notice()
        if event.button == 1 and (key := board.key_at(event.x, event.y)):
            self.player.press(key)
        elif event.button == 1 and (share := board.header.progress_at(event.x, event.y)) is not None:
            self.player.time.go_to(share)
        elif not self.screen.is_zooming():
            self.grabbed = board.panel_at(event.inaxes)
        if self.grabbed:
            board.look = self.grabbed.press(event.xdata, event.ydata, event.button, board.run, board.look)

    def move(self, event):
        board = self.painter
        if self.grabbed:
            x, y = self.grabbed.axes.transData.inverted().transform((event.x, event.y)).tolist()
            board.look = self.grabbed.drag(x, y, board.run, board.look)
            return
        self.screen.show_hand(
            bool(board.key_at(event.x, event.y)) or board.header.progress_at(event.x, event.y) is not None
        )
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
