"""The room of the lesson ``8-fine-tuning/transfer-and-few-shot``."""
