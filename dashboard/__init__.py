"""What the learner sees of a network that learns: NumPy arrays come in, pictures come out.

    training_step -> update -> queue -> run.append(moment) -> f(run, look) -> text line, curve, digit, picture

run/ knows NumPy; panels/ know run/; screens/ know both; webpage/ and traced know run/; networks knows these
three; options and comparison know screens/, and comparison knows networks.
"""
