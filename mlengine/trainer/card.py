"""The model card beside the exported network: what somebody should know who finds it without this project."""

from mlengine.trainer import options as command_line

CARD = """\
# A network that reads handwritten digits

A SavedModel of TensorFlow. It reads one digit, 0 to 9, and answers with ten probabilities:

- `serving_default`: images of 28x28 numbers, 0 for paper, 1 for ink. A digit that does not stand in the
  middle, as MNIST's do, is centred first.
- `encoded`: the bytes of PNG or JPEG files of any size, dark on light or light on dark, with one digit
  somewhere.

## How good it is

**{wrong:,} of {count:,} test digits are wrong: an accuracy of {accuracy:.4f}** with seed {seed}, measured
once, at the end. Another seed gives another network, a few digits better or worse. The accuracy of the
validation digits, which chose the best moment of the run, is {validation_accuracy:.4f}.

| digit | accuracy |
|---|---|
{rows}

## What it was trained with

- Digits: {source}; {train:,} to train on, {validation:,} to choose by. SHA-256 of all: `{checksum}`
- Network: `{model}`, {parameters:,} parameters; step {best_step:,} of {steps:,}
- Options other than the defaults: {changed}
- {devices}; {versions}

## What it cannot do

- It has only ever seen digits. Given a letter or a scribble, it names a digit all the same, and may be
  certain of it.
- It reads one digit, upright. Two side by side in a picture are refused; other pictures of several digits are
  misread.
- It knows the handwriting of its training digits only: a 1 or a 7 of another country may be misread.
- Its probabilities are not calibrated: of the answers that it gives 99 %, not exactly 99 in 100 are right.
- Pictures of ruled or squared paper, patterns and strong reflections were not tried.
"""


def text(result, facts, train, validation):
    """The card, as Markdown; `train` and `validation` are how many digits there were."""
    options = facts["options"]
    defaults = vars(command_line.parse("", []))
    changed = [
        f"`{command_line.flag(name)} {value}`"
        for name, value in options.items()
        if name not in command_line.MAY_CHANGE and name != "seed" and value != defaults.get(name)
    ]
    return CARD.format(
        **{name: result[name] for name in ("wrong", "accuracy", "validation_accuracy", "best_step", "steps")},
        count=result["digits"],
        parameters=result["parameters"],
        seed=options["seed"],
        model=options["model"],
        rows="\n".join(f"| {digit} | {share:.4f} |" for digit, share in enumerate(result["per_digit"])),
        source=facts["source"],
        checksum=facts["digits"],
        train=train,
        validation=validation,
        changed=", ".join(changed) or "none",
        devices=f"{facts['machines']} x {', '.join(facts['devices'])}",
        versions=", ".join(f"{name} {version}" for name, version in facts["versions"].items()),
    )
