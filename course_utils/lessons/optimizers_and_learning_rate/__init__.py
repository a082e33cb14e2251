"""The room of the lesson ``3-training/optimizers-and-learning-rate``."""
