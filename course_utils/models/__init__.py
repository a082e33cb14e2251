"""Keras builders of the course's networks, and a registry of their names."""

from course_utils.models._names import build, list_models, model_card
from course_utils.models._registry import ModelCard, Published
from course_utils.models._trained import trained
from course_utils.models.alexnet import alexnet
from course_utils.models.densenet import densenet121, densenet169, densenet201
from course_utils.models.efficientnet import (
    efficientnet_b0,
    efficientnet_b1,
    efficientnet_b2,
    efficientnet_b3,
    efficientnet_b4,
    efficientnet_b5,
    efficientnet_b6,
    efficientnet_b7,
)
from course_utils.models.efficientnet_lite import efficientnet_lite0
from course_utils.models.googlenet import googlenet
from course_utils.models.imagenet import ImageNetLabel, imagenet_input, imagenet_labels, imagenet_names
from course_utils.models.inception_v3 import inception_v3
from course_utils.models.lenet import lenet5, lenet5_1998
from course_utils.models.mnist import mnist_classic, mnist_fast
from course_utils.models.mobilenet import mobilenet_v1, mobilenet_v2
from course_utils.models.nin import nin_cifar10, nin_imagenet
from course_utils.models.regnet import (
    regnet_stages,
    regnet_x_1_6gf,
    regnet_x_3_2gf,
    regnet_x_8gf,
    regnet_x_16gf,
    regnet_x_200mf,
    regnet_x_400mf,
    regnet_x_600mf,
    regnet_x_800mf,
    regnet_y_1_6gf,
    regnet_y_3_2gf,
    regnet_y_8gf,
    regnet_y_16gf,
    regnet_y_200mf,
    regnet_y_400mf,
    regnet_y_600mf,
    regnet_y_800mf,
)
from course_utils.models.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from course_utils.models.shufflenet import shufflenet_v1, shufflenet_v2
from course_utils.models.vgg import vgg11, vgg13, vgg16, vgg19

__all__ = [
    "ImageNetLabel",
    "ModelCard",
    "Published",
    "alexnet",
    "build",
    "densenet121",
    "densenet169",
    "densenet201",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
    "efficientnet_b6",
    "efficientnet_b7",
    "efficientnet_lite0",
    "googlenet",
    "imagenet_input",
    "imagenet_labels",
    "imagenet_names",
    "inception_v3",
    "lenet5",
    "lenet5_1998",
    "list_models",
    "mnist_classic",
    "mnist_fast",
    "mobilenet_v1",
    "mobilenet_v2",
    "model_card",
    "nin_cifar10",
    "nin_imagenet",
    "regnet_stages",
    "regnet_x_1_6gf",
    "regnet_x_3_2gf",
    "regnet_x_8gf",
    "regnet_x_16gf",
    "regnet_x_200mf",
    "regnet_x_400mf",
    "regnet_x_600mf",
    "regnet_x_800mf",
    "regnet_y_1_6gf",
    "regnet_y_3_2gf",
    "regnet_y_8gf",
    "regnet_y_16gf",
    "regnet_y_200mf",
    "regnet_y_400mf",
    "regnet_y_600mf",
    "regnet_y_800mf",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "shufflenet_v1",
    "shufflenet_v2",
    "trained",
    "vgg11",
    "vgg13",
    "vgg16",
    "vgg19",
]
