"""TensorFlow without its messages, for tests that use it in their own process."""

import startup

tf = startup.start_tensorflow()
