"""The trainer: `python -m mlengine.trainer.task`."""
