"""What a trained network looks at: activations, occlusion, saliency and Grad-CAM, and a map laid over its picture.

Each function takes one picture, shape (H, W, C), or a batch, shape (N, H, W, C), with values as the model takes them, and
what it returns has the axis of N exactly if the pictures had it. Classes are judged by their *logit*: if a model ends in
softmax or sigmoid, the number before it is taken, since a probability also falls when another class rises. The model
runs as in ``predict``, with all its random layers at rest, and is not changed; where it gives something else each time,
or where its logits cannot be known, an error says so. It must be Sequential or functional, with one input and channels
last; models within models are opened.
"""

from course_utils.explain._maps import activations, grad_cam, occlusion_map, saliency
from course_utils.explain._overlay import overlay

__all__ = ["activations", "grad_cam", "occlusion_map", "overlay", "saliency"]
