"""processes: what the tests themselves stand on."""

import signal

import processes
import pytest


@pytest.mark.parametrize("number", processes.STOPS)
def test_a_signal_that_the_tests_ignore_reaches_what_they_start(number):
    """The tests may run in the background, or with nohup."""
    code = "import signal; print([signal.getsignal(n) == signal.SIG_IGN for n in map(int, '{}'.split())])"
    before = signal.signal(number, signal.SIG_IGN)
    try:
        done = processes.run("-c", code.format(" ".join(str(int(n)) for n in processes.STOPS)))
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)
    assert done.stdout == f"{[False] * len(processes.STOPS)}\n"
