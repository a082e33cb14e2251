"""The room of the lesson ``5-practice/your-own-digit``."""
