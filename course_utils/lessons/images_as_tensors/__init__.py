"""The room of the lesson ``1-concepts/images-as-tensors``."""
