"""Back in time, and on from there."""

import enum

from dashboard.run import past


class State(enum.Enum):
    TRAINING = enum.auto()
    PAUSED = enum.auto()
    FINISHED = enum.auto()  # or there was nothing to train
    CLOSED = enum.auto()


class TimeMachine:
    def __init__(self, player):
        self.player = player

    @property
    def look(self):
        return self.player.painter.look

    def status(self):
        """Which network answers, back in time."""
        network, shown = self.look.network(self.player.run), self.look.moment.measured_at
        if network and network.i == shown:
            return "back in time"
        return "back in time, the network " + (f"of {network.i:,}" if network else "as it is now")

    def pause_or_resume(self):
        self.newest()
        after = {State.TRAINING: State.PAUSED, State.PAUSED: State.TRAINING}
        if self.player.state in after:
            self.player.set_state(after[self.player.state])

    def step(self, by):
        """To the moment before or after; beyond the newest, one more update."""
        player = self.player
        if not self.travel(self.look.step(player.run, by)) and by > 0 and player.state is State.PAUSED:
            player.one_update = True

    def first(self):
        self.travel(self.look.first(self.player.run))

    def newest(self):
        self.travel(self.look.newest())

    def go_to(self, share):
        """To the moment when so much of the run was done; the training pauses."""
        player = self.player
        if player.state is State.TRAINING:
            player.set_state(State.PAUSED)
        self.travel(self.look.nearest(player.run, share * player.run.iterations))

    def travel(self, look):
        """While nothing is trained; True if that is another moment."""
        moves = self.player.state is not State.TRAINING and look.moment is not self.look.moment
        if moves:
            self.player.painter.look = look
            self.player.show_status()
        return moves

    def why_not(self):
        """Why `b` cannot train on from here."""
        if not self.player.handles.state:
            return "b needs MnistDataVis(state=...)"
        if not self.look.moment:
            return "b works back in time"
        kept = self.look.network(self.player.run)
        return "b: nothing is left to train" if kept else "b: this network is not kept (see the reference)"

    def branch(self):
        """Train on from the moment that is looked at, with the network of then; what came after is left."""
        player, network = self.player, self.look.network(self.player.run)
        if not network or not player.training or network.i >= player.run.iterations:
            player.notice = self.why_not()
            player.show_status()
            return
        list(player.training.stop())  # moments of a future that is left
        if player.training.error:
            player.fail(player.training.error)
            return
        past.put_back(network, player.handles.state)
        player.run.go_back(network.i)
        player.training.start_at(network.i)
        player.painter.look = self.look.newest()
        player.train_on()
