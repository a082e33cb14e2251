"""The room of the lesson ``8-fine-tuning/fine-tuning``."""
