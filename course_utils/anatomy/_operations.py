"""What is known of Keras's layers and operations, by name. One that stands in no list here is not known."""

import inspect

from course_utils._arguments import as_callable, as_choice, as_count, as_list, as_mapping, printable

CONVOLUTIONS = {"Conv1D", "Conv2D", "Conv3D"}
DEPTHWISE = {"DepthwiseConv1D", "DepthwiseConv2D"}
SEPARABLE = {"SeparableConv1D", "SeparableConv2D"}
TRANSPOSED = {"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}
WINDOWS = CONVOLUTIONS | DEPTHWISE | SEPARABLE | TRANSPOSED
"""Layers that multiply windows with kernels."""

TOLD = ("multiply_adds", "kernel_size", "strides", "padding", "dilation_rate")
"""What a layer of one's own can tell of itself."""


def _names(text: str) -> set[str]:
    return set(text.split())


MERGES = _names("Add Average Maximum Minimum Multiply Subtract")
ACTIVATIONS = _names("Activation ELU LeakyReLU PReLU ReLU Identity")
NORMALIZATIONS = _names("""
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization RMSNormalization Normalization
    BatchNorm LayerNorm RMSNorm Normalize
""")
INACTIVE = _names("""
    Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D SpatialDropout2D SpatialDropout3D
    ActivityRegularization StochasticDepth AugMix CutMix MixUp RandAugment RandomBrightness RandomColorDegeneration
    RandomColorJitter RandomContrast RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale
    RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness
    RandomShear RandomTranslation RandomZoom
""")
"""Layers that hand their input on once training is over."""
FUNCTIONS = _names("""
    Abs Absolute Fabs Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh BitwiseAnd BitwiseInvert BitwiseLeftShift
    BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor Cast Cbrt Ceil Celu Clip Conj Conjugate ConvertToTensor Copy Cos Cosh
    Deg2rad Digitize Divide DivideNoNan Elu Equal Erf Erfc Erfinv Exp Exp2 Expm1 Floor FloorDivide Fmax Fmin Fmod Gcd Gelu
    Greater GreaterEqual HardShrink HardSigmoid HardSilu HardTanh Heaviside Hypot I0 Imag Isclose Isfinite Isinf Isnan
    Isneginf Isposinf Isreal Lcm Ldexp LeakyRelu LeftShift Less LessEqual Log Log10 Log1p Log2 LogSigmoid Logaddexp
    Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Mod NanToNum Negative Nextafter NotEqual Power Rad2deg Real
    Reciprocal Relu Relu6 RightShift Round Rsqrt SaturateCast Selu Sigmoid Sign Signbit Silu Sin Sinc Sinh SoftShrink
    Softplus Softsign SparsePlus SparseSigmoid Sqrt Square Squareplus StopGradient Tan Tanh TanhShrink Threshold TrueDivide
    Trunc Where
""")
"""Operations that work on one entry after the other."""
PLACEWISE = MERGES | ACTIVATIONS | NORMALIZATIONS | INACTIVE | FUNCTIONS
PLACEWISE |= _names("Masking Rescaling Solarization LayerScale CustomScaleLayer BroadcastTo RGBToHSV HSVToRGB")
"""Each unit of an output depends on the units at its own place alone, statistics of normalisations aside."""

SOFTMAXES = {"Softmax", "LogSoftmax"}
REDUCTIONS = _names("Mean Sum Max Min Prod Std Var Logsumexp Any All")
ATTENTIONS = _names("MultiHeadAttention GroupedQueryAttention Attention AdditiveAttention")
GLOBAL_POOLINGS = {f"Global{how}Pooling{rank}D" for how in ("Average", "Max") for rank in (1, 2, 3)}
POOLINGS = {f"{how}Pooling{rank}D" for how in ("Average", "Max") for rank in (1, 2, 3)} | {"AveragePool", "MaxPool"}
ADAPTIVE_POOLINGS = {f"Adaptive{how}Pooling{rank}D" for how in ("Average", "Max") for rank in (1, 2, 3)}
FRAMES = {f"{what}{rank}D" for what in ("ZeroPadding", "Cropping", "UpSampling") for rank in (1, 2, 3)}
FRAMES |= _names("CenterCrop Pad Resize Resizing")
REARRANGEMENTS = _names("""
    Concatenate ExpandDims Flatten Flip GetItem Moveaxis Permute Repeat RepeatVector Reshape Roll Sort Split Squeeze Stack
    Swapaxes Take Tile Transpose Unstack
""")
WITHOUT_PRODUCTS = PLACEWISE | SOFTMAXES | REDUCTIONS | GLOBAL_POOLINGS | POOLINGS | ADAPTIVE_POOLINGS | FRAMES
WITHOUT_PRODUCTS |= REARRANGEMENTS | {"Embedding", "InputLayer", "Cumsum", "Cumprod", "Argmax", "Argmin", "Argsort"}
"""Layers and operations in which no sum of products is computed that an anatomy counts."""


def keras_kind(operation) -> str:
    """Name of the Keras class that an operation is or extends; "" if it extends only the base class of all layers."""
    kind = next(kind for kind in type(operation).__mro__ if _is_of_keras(kind))
    return "" if kind.__name__ in ("Layer", "Operation", "Model") else kind.__name__


def known_kind(operation) -> str:
    """As :func:`keras_kind`, but "" also for what computes something of its own: in its ``call``, or as its activation."""
    called = next((kind for kind in type(operation).__mro__ if "call" in vars(kind)), None)
    activation = getattr(operation, "activation", None)
    function = activation if inspect.isroutine(activation) else type(activation)
    own = activation is not None and _package(function) not in ("keras", "course_utils")
    return keras_kind(operation) if called and _is_of_keras(called) and not own else ""


def _is_of_keras(kind: type) -> bool:
    return _package(kind) == "keras"


def _package(thing) -> str:
    return (thing.__module__ or "").split(".")[0]


def told_by(operation, before: tuple[int, ...]) -> dict:
    """What a layer that is not Keras's own says of itself in a method ``anatomy(input_shape)``.

    Raises
    ------
    ValueError
        If it says something else than :func:`course_utils.anatomy.summary` describes.
    """
    if not hasattr(operation, "anatomy"):
        return {}
    name = f"{type(operation).__name__}.anatomy()"
    describe = as_callable(operation.anatomy, name, "a method anatomy(input_shape)")
    try:
        told = describe((None, *before))
    except Exception as error:  # somebody else's code
        problem = f"{type(error).__name__}: {printable(error)[:100]}"
        raise ValueError(f"{name} fails for the input shape {(None, *before)}: {problem}") from error
    as_mapping(told, name, least=0)
    for key, value in told.items():
        as_choice(key, f"a key of {name}", TOLD)
        label = f"{name}[{key!r}]"
        if key == "multiply_adds":
            as_count(value, label, least=0, most=2**63)
        elif key == "padding":
            as_choice(value, label, ("valid", "same", "causal"))
        else:
            rank = max(len(before) - 1, 0)
            several = isinstance(value, tuple | list)
            for size in as_list(value, label, count=rank, meaning="spatial axis") if several else [value]:
                as_count(size, label)
    return dict(told)


def is_weighted(operation) -> bool:
    """Whether a layer counts for the depth of a network: it has a kernel, not only numbers a channel."""
    if keras_kind(operation) in WITHOUT_PRODUCTS:
        return False
    return any(sum(size > 1 for size in weight.shape) > 1 for weight in getattr(operation, "weights", ())) or (
        keras_kind(operation) in WINDOWS | {"Dense", "EinsumDense"}
    )
