"""The room of the lesson ``1-concepts/neurons-and-activations``."""
