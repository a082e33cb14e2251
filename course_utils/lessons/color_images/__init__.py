"""The room of the lesson ``5-practice/color-images``."""
