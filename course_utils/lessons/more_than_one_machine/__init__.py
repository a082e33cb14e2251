"""The room of the lesson ``9-beyond/more-than-one-machine``."""
