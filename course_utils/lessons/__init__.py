"""What one lesson alone uses, in a room of its own: the checks of its exercises and its figures."""
