"""How long a key takes: from the X server's time stamp to the painted window.

First while lesson 3.1 trains; then, while it pauses, how long a step back in time takes, in several views.

    python tests/keys.py

The window is Tk's, 1344 x 756 pixels, on a screen of its own.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from screens import screen

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "mnist_3.1_convolutional_bigger_dropout.py"
KEYS = *"1234567890dmwg", "question"
STEPS = "Left", "Left", "Left", "Right", "Home", "End"
VIEWS_OF_THE_PAST = "0", "3", "6", "8", "m", "w"
COUNT, WARM_UP = 100, 10
PAUSE = 0.2, 0.6  # seconds between two keys


def main():
    with screen() as display:
        environment = {**os.environ, "DISPLAY": display, "MPLBACKEND": "tkagg"}
        command = [sys.executable, __file__, "watch"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            next(line for line in process.stdout if line.startswith("100:"))  # everything is compiled by then
            window = run(
                "xdotool", "search", "--onlyvisible", "--name", "Lesson 3.1", env=environment
            ).split()
            run("xdotool", "windowfocus", "--sync", window[-1], env=environment)
            generator = random.Random(0)

            def press(keys):
                """[(key, milliseconds)]"""
                found = []
                for key in keys:
                    time.sleep(generator.uniform(*PAUSE))
                    run("xdotool", "key", key, env=environment)
                    line = next(line for line in process.stdout if line.startswith("painted"))
                    found.append((key, float(line.split()[1])))
                return found

            report("keys while it trains", press(generator.choices(KEYS, k=WARM_UP + COUNT))[WARM_UP:])
            press(["space"])
            steps = []
            for view in VIEWS_OF_THE_PAST:
                press([view])
                steps += [(f"{view}, {key}", latency) for key, latency in press(STEPS)]
            report("steps in time", steps)
            process.kill()


def report(name, found):
    for key, latency in found:
        print(f"{key:10}{latency:6.0f} ms")
    latencies = sorted(latency for _, latency in found)
    within = sum(latency <= 100 for latency in latencies)
    median, worst = statistics.median(latencies), latencies[-1]
    print(f"{name}: {within} of {len(latencies)} within 100 ms, median {median:.0f} ms, worst {worst:.0f} ms")


def run(*command, env):
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def watch():
    """The lesson itself, which prints when the window was painted after a key."""
    sys.path.insert(0, str(ROOT))
    from dashboard.screens.player import Player

    respond = Player.respond

    def respond_and_report(player, to, event):
        respond(player, to, event)
        if event.name == "key_press_event" and event.key != "shift":
            window = player.screen.manager.window
            window.update_idletasks()
            window.winfo_pointerx()  # an answer of the X server: it has painted all that came before
            now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1000  # as the X server's time stamps
            print(f"\npainted {(now - event.guiEvent.time) % (1 << 32):.1f}", flush=True)

    Player.respond = respond_and_report
    sys.argv = [str(LESSON)]
    exec(compile(LESSON.read_text("utf-8"), str(LESSON), "exec"), {"__name__": "__main__", "__doc__": ""})


if __name__ == "__main__":
    watch() if sys.argv[1:] else main()
