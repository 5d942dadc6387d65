"""networks: what goes wrong when they are saved and compared. (test_learned: what goes well)"""

import pytest
import toy
from processes import ROOT, run

from dashboard import comparison, networks
from dashboard.run.images import SHAPE

DOOR = ROOT / "tensorflowvisu.py"


def refused(capsys, *folders):
    """The one line that these folders end with."""
    with pytest.raises(SystemExit, match="2"):
        comparison.compare(list(map(str, folders)))
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_what_is_no_saved_network_is_one_line(tmp_path, capsys):
    assert "--save-network" in refused(capsys, tmp_path)
    assert "--save-network" in refused(capsys, tmp_path / "nothing")
    (tmp_path / "saved_model.pb").touch()
    assert "4 networks at most" in refused(capsys, *[tmp_path] * 5)


@pytest.fixture
def with_a_screen(monkeypatch):
    """One that is never shown."""
    monkeypatch.setattr(comparison.stage, "open_screen", lambda: None)


def test_a_damaged_network_is_one_line(tmp_path, capsys, with_a_screen):
    (tmp_path / "saved_model.pb").write_bytes(b"damaged")
    assert "the network cannot be loaded" in refused(capsys, tmp_path)


def test_another_kind_of_network_is_one_line(tmp_path, capsys, with_a_screen):
    tf = networks.startup.start_tensorflow()
    tf.saved_model.save(tf.Module(), str(tmp_path))
    assert "--save-network" in refused(capsys, tmp_path)


def test_without_a_display_it_says_so_before_tensorflow_starts(tmp_path):
    """There is no text that would do instead."""
    (tmp_path / "saved_model.pb").touch()
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was started')")
    hidden = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "MPLBACKEND": None, "PYTHONPATH": tmp_path}
    done = run(DOOR, tmp_path, **hidden)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "MPLBACKEND=webagg" in done.stderr
    assert "text" not in done.stderr


@pytest.mark.parametrize("error", [ZeroDivisionError("division\nby zero"), KeyboardInterrupt()])
def test_a_network_that_cannot_be_saved_costs_no_results(monkeypatch, capsys, error):
    def save(*_):
        raise error

    monkeypatch.setattr(networks, "save", save)
    with pytest.raises(SystemExit) as end:
        toy.lesson(60, 0, predict=len, text=True, save_network="folder")
    assert end.value.code == 1
    out, err = capsys.readouterr()
    said = " ".join(str(error).split()) or "KeyboardInterrupt"
    assert err == f"The network is not saved in folder: {said}\n"
    assert out.splitlines()[-1].startswith("max test accuracy")


def test_a_network_that_is_not_saved_leaves_no_folder(tmp_path, monkeypatch):
    tf = networks.startup.start_tensorflow()

    def save_a_part(module, folder):
        tf.io.gfile.makedirs(folder)
        raise OSError("No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", save_a_part)
    with pytest.raises(OSError):
        networks.save(lambda X: tf.zeros([len(X), 10]), tmp_path / "folder", SHAPE)
    assert list(tmp_path.iterdir()) == []
