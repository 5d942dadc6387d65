"""errors: an error in drawing is one sentence, and costs a picture only."""

import pytest
import toy

from dashboard.panels import errors, limits


def test_an_error_is_reported_once_in_a_sentence(capsys):
    """Those of one line of code are one error, whatever they say of the moment."""
    seen = errors.Errors()
    for k in range(3):
        with seen.reported():
            raise ValueError(f"in call {k},\ntwo lines")
    with seen.reported():
        raise ValueError("elsewhere")
    assert capsys.readouterr().err.splitlines() == [
        "Error in the dashboard, which continues: ValueError: in call 0, two lines",
        "Error in the dashboard, which continues: ValueError: elsewhere",
    ]


def test_an_error_in_drawing_costs_a_picture_never_a_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(limits, "thin", lambda *_: 1 / 0)
    with pytest.raises(SystemExit) as end:
        toy.lesson(40, 0, save_image=tmp_path / "a.png", view="7")
    assert end.value.code == 1
    out, err = capsys.readouterr()
    assert err == "Error in the dashboard, which continues: ZeroDivisionError: division by zero\n"
    assert out.count(" loss: ") == 4 + 5 and out.splitlines()[-1] == "max test accuracy: 0.4000"
