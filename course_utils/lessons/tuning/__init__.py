"""The room of the lesson ``3-training/tuning``."""
