"""What the learner sees of a network that learns: NumPy arrays come in, pictures come out.

Data flows one way: an update of the training -> record -> panels in view -> pixels.
"""
