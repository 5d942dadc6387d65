"""What is drawn: the panels, the list of views, the header, the painter.

A panel is made once in its axes and then updated from a run and a look. matplotlib is imported inside
functions only: --text does without it.
"""
