"""Plays a run in a window or on a page: takes moments from the training, answers keys and the mouse."""

import functools
import gc
import queue
import signal
import time
import traceback

import startup
from dashboard.panels import painter, views
from dashboard.run import diagnosis
from dashboard.screens.keys import KEYS, buttons, list_of_keys
from dashboard.screens.mouse import Mouse
from dashboard.screens.time_machine import State, TimeMachine

POLL_MILLISECONDS = 5  # between two looks whether the training has something to show
AHEAD_SECONDS = 0.5  # between two views whose words are drawn ahead, at least
SPEED_SECONDS = 1  # over which the speed is taken, at least


class Player:
    def __init__(self, screen, run, handles, look, name, training=None, report=None):
        self.screen, self.run, self.handles = screen, run, handles
        self.training, self.report_run, self.is_reported = training, report, not report
        self.state = State.TRAINING if training else State.FINISHED
        self.one_update = False  # is wanted while paused
        self.painter = painter.Painter(screen.figure, run, handles, look, name, list_of_keys())
        self.painter.buttons = functools.partial(buttons, self)
        self.errors, self.mouse, self.time = self.painter.errors, Mouse(self), TimeMachine(self)
        self.failed, self.error, self.stop_requested = False, None, []
        self.notice = ""  # why the last key did nothing
        self.speed_taken = time.perf_counter(), 0  # when, and at which iteration
        self.drawn_ahead = time.perf_counter()  # the last time

    def play(self):
        """Until the learner closes the window: the exit status."""
        canvas = self.screen.canvas
        canvas.mpl_disconnect(canvas.manager.key_press_handler_id)  # matplotlib's meanings of our keys
        for event, respond in {
            "key_press_event": lambda event: self.press(event.key), "close_event": self.closed,
            "button_press_event": self.mouse.press, "motion_notify_event": self.mouse.move,
            "button_release_event": self.mouse.release,
        }.items():  # fmt: skip
            canvas.mpl_connect(event, functools.partial(self.respond, respond))
        self.show_status()
        gc.collect()  # Tk fails if closed windows are garbage-collected in the training thread
        self.timer = canvas.new_timer(interval=POLL_MILLISECONDS)
        self.timer.add_callback(self.tick)
        self.timer.start()
        if not self.screen.blocks:
            self.screen.show(self.end_unwatched)
            return 0
        with startup.stop_requests(most=2) as self.stop_requested:  # the second: do not wait for a long step
            self.screen.show(self.end_unwatched)
            interrupted = self.state not in (State.CLOSED, State.FINISHED)  # Ctrl-C ends a browser's server
            self.timer.stop()
            self.end()
            self.screen.close()
        if self.error:
            raise self.error
        if interrupted and not self.stop_requested:
            self.stop_requested = [signal.SIGINT]
        return startup.exit_status(self.stop_requested, self.failed)

    # ------------------------------------------------------------------------------------------------ the end

    def end(self):
        """However the run ends: the training, then its results."""
        if self.training:
            for moment in self.training.stop(lambda: len(self.stop_requested) > 1):
                self.run.append(moment)
            self.error = self.error or self.training.error
        well = not self.error or startup.is_stop(self.error, self.stop_requested)
        self.report(well)
        return well

    def end_unwatched(self):
        """Like end, but prints the error: no caller is left to catch it."""
        if not self.end():
            traceback.print_exception(self.error)

    def report(self, well=True):
        """The results of the run, once."""
        if not self.is_reported:
            self.is_reported = True
            self.failed = not self.report_run(well)

    @property
    def look(self):
        return self.painter.look

    # ---------------------------------------------------------------------------------- what the timer does

    def tick(self):
        """Look whether there is something to show."""
        if self.state is State.CLOSED or self.screen.is_closing():
            if not self.screen.blocks:  # plt.close() in a notebook's cell
                self.close()
            return
        try:
            if self.stop_requested:
                self.close()
                return
            if (self.state is State.TRAINING or self.one_update) and self.screen.is_watched():
                self.take_next()
            with self.errors.reported():
                self.show_changes()
                self.draw_ahead()
        except BaseException as error:  # an event loop would print it and go on
            self.fail(error)
            if not self.screen.blocks:
                raise

    def take_next(self):
        """The next moment of the training, if there is one already."""
        if self.handles.is_showing():  # drawing would slow down the update, but not the training after it
            return
        try:
            moment = self.training.next()
        except queue.Empty:
            return
        if moment:
            self.run.append(moment)
            self.one_update = False
            with self.errors.reported():
                self.painter.look = self.look.newest()
                if self.state is State.TRAINING:
                    self.take_speed()
                self.painter.header.status = self.status()
                self.painter.draw_changes()
        elif self.training.error:
            raise self.training.error
        else:
            self.set_state(State.FINISHED)
            self.report()

    def draw_ahead(self):
        """From time to time, what the next key may show."""
        knows_size = self.run.moments or not self.training
        if knows_size and time.perf_counter() - self.drawn_ahead > AHEAD_SECONDS:
            self.painter.draw_ahead()
            self.drawn_ahead = time.perf_counter()

    def show_changes(self):
        """What the learner has changed: the training's moments are shown already."""
        board = self.painter
        if board.look is not board.shown_look or board.stale:
            board.draw_changes()
        board.unsent = self.screen.refresh(board.unsent)

    def take_speed(self):
        now, iteration, (then, before) = time.perf_counter(), self.run.iteration, self.speed_taken
        if now - then > SPEED_SECONDS and iteration > before:
            self.painter.header.speed = f"{(iteration - before) / (now - then):,.0f} iterations/s"
            self.speed_taken = now, iteration
            self.show_title()

    def set_state(self, state):
        self.state = state
        self.speed_taken = time.perf_counter(), self.run.iteration
        self.show_status()

    def status(self):
        """What the header ends with."""
        if self.notice:
            return self.notice
        if self.look.moment:
            return listed(self.time.status(), self.rate_words())
        words = [f"branched at {self.run.branches[-1]:,}"] if self.run.branches else []
        words += [self.state.name.lower()] if self.training and self.state is not State.TRAINING else []
        return listed(*words, self.rate_words(), diagnosis.told(self.run, self.handles.dead_layers))

    def rate_words(self):
        factor = self.handles.throttle.factor if self.handles.throttle else 1
        return f"rate ×{factor:g}" if factor != 1 else ""

    def show_status(self):
        with self.errors.reported():
            self.painter.header.status = self.status()
            self.show_title()
            self.painter.draw_changes()

    def show_title(self):
        title = self.painter.header.title(self.run, self.look)
        self.screen.canvas.manager.set_window_title(title)

    # --------------------------------------------------------------------------------- what the learner does

    def respond(self, respond, event):
        if self.screen.is_closing() and respond != self.closed:  # there may be more to come
            return
        with self.errors.reported():
            respond(event)
            if event.name in ("key_press_event", "button_press_event") and self.state is not State.CLOSED:
                self.show_changes()  # at once: the next look may find an update to be drawn first

    def press(self, name):
        """A key, or what stands for it."""
        board = self.painter
        self.drop_notice()
        for panel in board.places:
            if look := panel.take_key(name, board.run, board.look):
                board.look = look
                return
        if name in views.BY_KEY:
            board.look = board.look._replace(view=name)
        for key in KEYS:
            if name in key.names:
                key.press(self)

    def drop_notice(self):
        if self.notice:
            self.notice = ""
            self.show_status()

    def train_on(self):
        """Once the run has gone back."""
        self.is_reported = not self.report_run
        self.set_state(State.TRAINING)
        self.painter.show_all()

    def turn_rate(self, factor):
        """In training, from its next step on."""
        throttle = self.handles.throttle
        goes_on = self.state is not State.FINISHED or self.look.moment  # it may be trained from there
        if throttle and goes_on and throttle.turn(factor):
            self.show_status()

    def fail(self, error):
        self.error = error
        self.close()

    def close(self):
        """Close the window, as the learner would."""
        self.state, self.errors.silent = State.CLOSED, True
        self.timer.stop()
        self.screen.close()

    def closed(self, event):
        """The window is closed."""
        self.state, self.errors.silent = State.CLOSED, True
        self.timer.stop()
        self.screen.stop()
        if not self.screen.blocks:
            self.end_unwatched()


def listed(*words):
    return ", ".join(filter(None, words))
