"""Plays a run in a window: the timer, the list of keys."""

import enum
import functools
import gc
import queue
import signal
import time
import traceback

import startup
from dashboard import layers, painter, views
from dashboard.mouse import Mouse
from dashboard.panel import Key

POLL_MILLISECONDS = 5  # between two looks whether the training has something to show
SPEED_SECONDS = 1  # over which the speed is taken, at least


class State(enum.Enum):
    TRAINING = enum.auto()
    PAUSED = enum.auto()
    ONE_UPDATE = enum.auto()  # then paused again
    FINISHED = enum.auto()  # or there was nothing to train
    CLOSED = enum.auto()


STATUS = {State.PAUSED: "paused", State.ONE_UPDATE: "paused", State.FINISHED: "finished"}


class Player:
    """Shows what a training sends, and does what the learner asks for."""

    def __init__(self, screen, record, handles, view, training=None, report_end=None):
        self.screen, self.record, self.training, self.report_end = screen, record, training, report_end
        self.state, self.rate = State.TRAINING if training else State.FINISHED, handles.rate
        name = startup.program_name()
        self.painter = painter.Painter(screen.figure, record, handles, view, name, list_of_keys())
        self.errors = self.painter.errors
        self.failed, self.error = False, None
        self.stop_requested = []
        self.mouse = Mouse(self.painter, screen)
        self.looked_at, self.dead_layers = None, []  # a test update, and the layers that were dead in it
        self.speed_taken = time.perf_counter(), 0  # when, and at which iteration

    def play(self):
        """Until the learner closes the window: the exit status."""
        canvas = self.screen.canvas
        canvas.mpl_disconnect(canvas.manager.key_press_handler_id)  # matplotlib's meanings of our keys
        for event, respond in {
            "key_press_event": self.key, "close_event": self.closed, "button_press_event": self.mouse.press,
            "motion_notify_event": self.mouse.move, "button_release_event": self.mouse.release,
        }.items():  # fmt: skip
            canvas.mpl_connect(event, functools.partial(self.respond, respond))
        self.show_status()
        gc.collect()  # Tk fails if closed windows are garbage-collected in the training thread
        self.timer = canvas.new_timer(interval=POLL_MILLISECONDS)
        self.timer.add_callback(self.tick)
        self.timer.start()
        if not self.screen.blocks:
            self.screen.show()
            return 0
        with startup.stop_requests() as self.stop_requested:
            with self.screen.loss_reported(self.end_unwatched):
                self.screen.show()
            interrupted = self.state not in (State.CLOSED, State.FINISHED)  # Ctrl-C ends a browser's server
            self.timer.stop()
            self.end_training()
            self.screen.close()
        if self.error:
            raise self.error
        if interrupted or self.stop_requested:
            return startup.SIGNALLED + (self.stop_requested or [signal.SIGINT])[0]
        return int(self.failed)

    def end_training(self):
        """However the run ends: the training, then its last lines, unless it has failed."""
        if self.training:
            self.training.stop()
            self.error = self.error or self.training.error
        if not self.error or self.was_stopped():
            self.report()

    def end_unwatched(self):
        """The same where nobody waits for an error to be raised."""
        self.end_training()
        if self.error and not self.was_stopped():
            traceback.print_exception(self.error)

    def was_stopped(self):
        """At once, by a second Ctrl-C or SIGTERM; a sys.exit of the script's own is an error."""
        return isinstance(self.error, KeyboardInterrupt) or (
            bool(self.stop_requested) and isinstance(self.error, SystemExit)
        )

    def report(self):
        """The last lines of the run, once."""
        if self.report_end:
            report_end, self.report_end = self.report_end, None
            self.failed = not report_end()

    # ---------------------------------------------------------------------------------- what the timer does

    def tick(self):
        """Look whether there is something to show."""
        if self.state is State.CLOSED or self.screen.is_closing():
            return
        try:
            if self.stop_requested:
                self.close()
                return
            if self.state in (State.TRAINING, State.ONE_UPDATE) and self.screen.is_watched():
                self.take_next()
            with self.errors.reported():
                self.show_changes()
        except BaseException as error:  # an event loop would print it and go on
            self.error = error
            self.close()
            if not self.screen.blocks:
                raise

    def take_next(self):
        """The next result of the training, if there is one already."""
        try:
            result = self.training.next()
        except queue.Empty:
            return
        if result is None:
            if self.training.error:
                raise self.training.error
            self.set_state(State.FINISHED)
            self.report()
        else:
            if self.state is State.ONE_UPDATE:
                self.state = State.PAUSED
            with self.errors.reported():
                self.show_result(result)

    def show_result(self, result):
        self.record.take(result)
        if self.state is State.TRAINING:
            self.take_speed()
        self.look_for_dead_layers()
        self.painter.header.status = self.status()
        self.painter.draw_changes()

    def show_changes(self):
        """Of the learner: the training's are shown already."""
        if self.record.changed or self.painter.stale:
            self.painter.draw_changes()
        self.send()

    def send(self):
        """To the screen, what was drawn."""
        self.painter.unsent = self.screen.refresh(self.painter.unsent)

    def take_speed(self):
        now, iteration, (then, before) = time.perf_counter(), self.record.iteration, self.speed_taken
        if now - then > SPEED_SECONDS and iteration > before:
            self.painter.header.speed = f"{(iteration - before) / (now - then):,.0f} iterations/s"
            self.speed_taken = now, iteration
            self.show_title()
            self.painter.header.prepare_keys()  # at most once a second, however often the window is resized

    def set_state(self, state):
        self.state = state
        self.speed_taken = time.perf_counter(), self.record.iteration
        self.show_status()

    def look_for_dead_layers(self):
        """At each test, once the rate was turned: before, nothing is asked."""
        test = self.record.last_test
        if self.record.turns and test and test is not self.looked_at:
            self.looked_at, self.dead_layers = test, layers.dead_layers(self.painter.handles, test)

    def status(self):
        """What the header ends with."""
        if self.record.history.is_past:
            return "back in time"
        words = [STATUS.get(self.state, "")] if self.training else []
        if self.rate and self.rate.factor != 1:
            words.append(f"rate ×{self.rate.factor:g}")
        if self.record.is_lost():
            words.append("loss is NaN")
        elif self.dead_layers:
            words.append(f"{' '.join(self.dead_layers)} dead")
        return ", ".join(filter(None, words))

    def show_status(self):
        self.painter.header.status = self.status()
        with self.errors.reported():
            self.show_title()
            self.painter.draw_changes()

    def show_title(self):
        self.screen.canvas.manager.set_window_title(self.painter.header.title())

    # --------------------------------------------------------------------------------- what the learner does

    def respond(self, respond, event):
        if self.screen.is_closing() and respond != self.closed:  # there may be more to come
            return
        with self.errors.reported():
            respond(event)
            if self.state is not State.CLOSED:
                self.send()  # at once: the next look may find an update to be drawn first

    def key(self, event):
        if any(panel.take_key(event.key) for panel in self.painter.in_view()):
            return
        if event.key in views.BY_KEY:
            self.painter.show_view(views.BY_KEY[event.key])
            return
        for key in KEYS:
            if event.key in key.names:
                key.press(self)

    def pause_or_resume(self):
        self.go_to_newest()
        if self.state is State.TRAINING:
            self.set_state(State.PAUSED)
        elif self.state in (State.PAUSED, State.ONE_UPDATE):
            self.set_state(State.TRAINING)

    def step_back(self):
        self.travel(lambda: self.record.step(-1))

    def step_forward(self):
        """To the next moment, or one more update."""
        if not self.travel(lambda: self.record.step(1)) and self.state is State.PAUSED:
            self.state = State.ONE_UPDATE

    def go_to_first(self):
        self.travel(lambda: self.record.look_at(0))

    def go_to_newest(self):
        self.travel(self.record.go_to_newest)

    def travel(self, go):
        """While nothing is trained; True if there was such a moment."""
        went = self.state in (State.PAUSED, State.FINISHED) and go()
        if went:
            self.show_status()
        return went

    def double_rate(self):
        self.turn_rate(2)

    def halve_rate(self):
        self.turn_rate(0.5)

    def turn_rate(self, factor):
        """In training, from its next step on."""
        if self.rate and self.state is not State.FINISHED and self.rate.turn(factor):
            self.show_status()

    def show_whole_axes(self):
        self.painter.fit(zoomed_too=True)
        self.painter.show_view(self.painter.view)

    def show_keys(self):
        self.painter.header.switch_keys()
        self.painter.show_all()

    def close(self):
        """Close the window, as the learner would."""
        self.state = State.CLOSED
        self.timer.stop()
        self.screen.close()

    def closed(self, event):
        """The window is closed."""
        self.state = State.CLOSED
        self.timer.stop()
        if not self.screen.blocks:
            self.end_unwatched()


KEYS = (
    Key(("space", " "), "pause, resume", Player.pause_or_resume),
    Key(("left",), "back in time, while paused or finished", Player.step_back),
    Key(("right",), "forward; at the newest: one update", Player.step_forward),
    Key(("home",), "to the first moment", Player.go_to_first),
    Key(("end",), "to the newest", Player.go_to_newest),
    Key(("+", "="), "double the learning rate", Player.double_rate),
    Key(("-",), "halve the learning rate", Player.halve_rate),
    Key(("o",), "zoom into a box", lambda player: player.screen.zoom()),
    Key(("h", "r"), "back to the whole", Player.show_whole_axes),
    Key(("ctrl+s", "cmd+s"), "save the picture", lambda player: player.screen.save_picture()),
    Key(("f", "ctrl+f"), "full screen", lambda player: player.screen.switch_full_screen()),
    Key(("?",), "show or hide this list", Player.show_keys),
    Key(("q", "ctrl+w", "cmd+w"), "end the run", Player.close),
)


def list_of_keys():
    """Every key with its meaning, a line each; a panel's own keys below its view."""
    lines = []
    for view in views.VIEWS:
        lines.append((", ".join(view.keys), view.meaning))
        lines += [(f"  {key.names[0]}", key.meaning) for panel in view.panels for key in panel.keys]
    lines += [(key.names[0], key.meaning) for key in KEYS]
    return "\n".join(f"{names:<13}{meaning}" for names, meaning in lines)
