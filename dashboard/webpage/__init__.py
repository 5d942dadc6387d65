"""One HTML file of a run, with its network, that needs nothing but a browser."""
