"""What a Keras model is made of: layers, parameters, multiply-adds, receptive fields, and a picture of its blocks."""

from course_utils.anatomy._diagram import diagram
from course_utils.anatomy._report import ReceptiveField, Totals, receptive_field, summary, totals

__all__ = ["ReceptiveField", "Totals", "diagram", "receptive_field", "summary", "totals"]
