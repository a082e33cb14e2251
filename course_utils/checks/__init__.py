"""Instant checks of the exercises, one module a part of the book.

``checks.layers.output_shape(answer)`` tells what is right, what is wrong and which idea to revisit;
``checks.layers.output_shape.hint()`` gives one hint after another.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submodules=["finetuning", "history", "layers", "practice", "training", "xo"]
)
