"""The command that lets saved networks read what you write, side by side."""

import argparse
import os
import sys
from pathlib import Path

import startup
from dashboard import networks
from dashboard.panels import style
from dashboard.run.handles import Handles
from dashboard.run.look import Look
from dashboard.run.run import Run
from dashboard.screens import player, stage


def saved_network(name):
    """The type of an argument: a folder that --save-network has made."""
    if not os.path.isfile(os.path.join(name, "saved_model.pb")):
        raise argparse.ArgumentTypeError(f"{name!r} is no network that --save-network has saved")
    return name


def compare(arguments=None):
    """Saved networks read what you write, side by side."""
    startup.start_program()
    parser = startup.Parser(compare.__doc__)
    made = "made by --save-network"
    parser.add_argument("networks", nargs="+", type=saved_network, metavar="FOLDER", help=made)
    instead = "no window; one file in which they read what is written, in any browser"
    parser.add_argument("--save-page", type=startup.new_file(".html"), metavar="FILE", help=instead)
    options = parser.parse_args(arguments)
    folders = options.networks
    title = f"Write a digit: {', '.join(Path(folder).name for folder in folders)}"
    if len(folders) > len(style.NETWORKS):
        parser.error(f"there are colours for {len(style.NETWORKS)} networks at most")
    if options.save_page:
        try:
            networks.save_comparison(options.save_page, title, folders)
        except (OSError, ValueError) as error:
            parser.error(f"'{options.save_page}' is not written: {error}")
        return 0
    stage.import_matplotlib()
    with style.applied(*folders):
        try:
            screen = stage.open_screen()
        except stage.NoWindow as reason:
            print(f"{reason}. MPLBACKEND=webagg shows the pad in a browser.", file=sys.stderr)
            return 1
        try:
            functions, (shape, classes) = networks.load({folder: folder for folder in folders})
        except ValueError as error:
            parser.error(str(error))
        run = Run(shape=shape, classes=classes)
        return player.Player(screen, run, Handles(functions), Look("d"), title).play()
