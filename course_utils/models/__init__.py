"""Keras builders of the course's networks, and a registry of their names."""

from course_utils.models._registry import ModelCard, Published, build, list_models, model_card
from course_utils.models.mnist import mnist_classic, mnist_fast

__all__ = ["ModelCard", "Published", "build", "list_models", "mnist_classic", "mnist_fast", "model_card"]
