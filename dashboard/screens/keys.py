"""The list of keys. A view's key is in `views.VIEWS`, a panel's own in its `keys`."""

from dashboard.panels import views
from dashboard.panels.panel import Key

KEYS = (  # each press(player)
    Key(("space", " "), "pause, resume", lambda player: player.pause_or_resume()),
    Key(("left",), "back in time, while paused or finished", lambda player: player.step(-1)),
    Key(("right",), "forward; at the newest: one update", lambda player: player.step(1)),
    Key(("home",), "to the first moment", lambda player: player.travel(player.look.first(player.run))),
    Key(("end",), "to the newest", lambda player: player.travel(player.look.newest())),
    Key(("+", "="), "double the learning rate", lambda player: player.turn_rate(2)),
    Key(("-",), "halve the learning rate", lambda player: player.turn_rate(0.5)),
    Key(("o",), "zoom into a box", lambda player: player.screen.zoom()),
    Key(("h", "r"), "back to the whole", lambda player: player.painter.show_whole_axes()),
    Key(("ctrl+s", "cmd+s"), "save the picture", lambda player: player.screen.save_picture()),
    Key(("f", "ctrl+f"), "full screen", lambda player: player.screen.switch_full_screen()),
    Key(("?",), "show or hide this list", lambda player: player.painter.switch_keys()),
    Key(("q", "ctrl+w", "cmd+w"), "end the run", lambda player: player.close()),
)


def list_of_keys():
    """Every key with its meaning, a line each; a panel's own keys below its view."""
    lines = []
    for view in views.VIEWS:
        lines.append((", ".join(view.keys), view.meaning))
        lines += [(f"  {key.names[0]}", key.meaning) for panel in view.panels for key in panel.keys]
    lines += [(key.names[0], key.meaning) for key in KEYS]
    return "\n".join(f"{names:<13}{meaning}" for names, meaning in lines)
