"""The room of the lesson ``6-xo/learning-the-features``."""
