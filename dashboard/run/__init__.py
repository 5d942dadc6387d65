"""What happened: moments, answers and numbers; the training thread; what may be asked of a network.

It knows NumPy, and neither a window nor a file of digits.
"""
