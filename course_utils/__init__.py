"""The tested package behind the course on convolutional neural networks.

Submodules are loaded on first use, so that ``import course_utils`` is cheap and a notebook pays for
TensorFlow or Matplotlib only when it needs them.
"""

import lazy_loader as _lazy

__version__ = "1.0.0"

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "anatomy",
        "datasets",
        "evaluation",
        "exercises",
        "explain",
        "glue",
        "layers",
        "lessons",
        "models",
        "plotting",
        "training",
        "vision",
    ],
)
