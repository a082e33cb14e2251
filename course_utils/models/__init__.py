"""Keras builders of the course's networks, and a registry of their names."""

from course_utils.models._registry import build, list_models
from course_utils.models.mnist import mnist_classic, mnist_fast

__all__ = ["build", "list_models", "mnist_classic", "mnist_fast"]
