"""The room of the lesson ``3-training/overfitting-and-regularization``."""
