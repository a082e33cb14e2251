"""The room of the lesson ``6-xo/features-with-opencv``."""
