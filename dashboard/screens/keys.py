"""The list of keys, and of the control bar's buttons, which do the same.

A view's key is in `views.VIEWS`, a panel's own in its `keys`.
"""

from dashboard.panels import pad, views
from dashboard.panels.bar import Button
from dashboard.panels.panel import Key

TRAINING_KEYS = (  # each press(player)
    Key(
        ("space", " "), "pause, resume", lambda player: player.time.pause_or_resume(), "pause",
        lambda player: player.state.name == "PAUSED",
    ),
    Key(("left",), "back in time, while paused or finished", lambda player: player.time.step(-1), "←"),
    Key(("right",), "forward; at the newest: one update", lambda player: player.time.step(1), "→"),
    Key(("home",), "to the first moment", lambda player: player.time.first(), None),
    Key(("end",), "to the newest", lambda player: player.time.newest(), None),
    Key(("b",), "train on from there", lambda player: player.time.branch(), "branch"),
    Key(("-",), "halve the learning rate", lambda player: player.turn_rate(0.5), "rate -"),
    Key(("+", "="), "double the learning rate", lambda player: player.turn_rate(2), "rate +"),
)  # fmt: skip
PICTURE_KEYS = (
    Key(
        ("o",), "zoom into a box", lambda player: player.screen.zoom(), "zoom",
        lambda player: player.screen.is_zooming(),
    ),
    Key(("h", "r"), "back to the whole", lambda player: player.painter.show_whole_axes(), "whole"),
    Key(("ctrl+s", "cmd+s"), "save the picture", lambda player: player.screen.save_picture(), "save"),
    Key(("f", "ctrl+f"), "full screen", lambda player: player.screen.switch_full_screen(), "full"),
    Key(
        ("?",), "show or hide this list", lambda player: player.painter.switch_keys(), "keys",
        lambda player: player.painter.keys.is_shown,
    ),
    Key(("q", "ctrl+w", "cmd+w"), "end the run", lambda player: player.close(), "end"),
)  # fmt: skip
KEYS = TRAINING_KEYS + PICTURE_KEYS


def list_of_keys():
    """Every key with its meaning, in two groups: the views', with their panels' own, and the others."""
    group = []
    for view in views.VIEWS:
        group.append((", ".join(view.keys), view.meaning))
        group += [(f"    {key.names[0]}", key.meaning) for panel in view.panels for key in panel.keys]
    return group, [(key.names[0], key.meaning) for key in KEYS]


def buttons(player):
    """The control bar's, in groups: the training's, the views, the panels' own, the picture's."""
    board = player.painter
    if board.look.asks:  # for the right answer
        return [
            [Button(digit, digit) for digit in pad.answer_keys(board.run)],
            [Button("stop teaching", "t"), Button("cancel", "escape")],
        ]
    return [
        [button(key, player) for key in TRAINING_KEYS if key.button is not None and player.training],
        [Button(view.button, view.keys[0], view is board.view) for view in views.VIEWS if view.button],
        [button(key, board.panels[panel], board.look) for panel in board.view.panels for key in panel.keys],
        [button(key, player) for key in PICTURE_KEYS],
    ]


def button(key, *about):
    return Button(key.button or key.meaning, key.names[0], bool(key.is_active(*about)))
