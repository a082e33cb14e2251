"""The room of the lesson ``2-layers/channels-and-filters``."""
