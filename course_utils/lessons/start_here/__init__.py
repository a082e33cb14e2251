"""The room of the lesson ``1-concepts/start-here``."""
