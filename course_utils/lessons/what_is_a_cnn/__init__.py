"""The room of the lesson ``1-concepts/what-is-a-cnn``."""
