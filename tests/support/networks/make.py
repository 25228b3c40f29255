#!/usr/bin/env python3
"""Makes the tiny networks of this folder, whose answers can be worked out by hand. Needs the pip package onnx (1.17).
usage: tests/support/networks/make.py"""
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parent
FLOAT = TensorProto.FLOAT


def save(name, nodes, inputs, outputs, constants=()):
    initializers = [numpy_helper.from_array(numpy.asarray(value), key) for key, value in constants]
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info(key, FLOAT, shape) for key, shape in inputs],
                              [helper.make_tensor_value_info(key, kind, shape) for key, kind, shape in outputs], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def free(rank):
    return [None] * rank


def constants_network(name, tensors):
    """Answers the same whatever it is shown."""
    nodes = [helper.make_node("Identity", [f"{key}_value"], [key]) for key, _ in tensors]
    save(name, nodes, [("input", free(4))], [(key, FLOAT, list(value.shape)) for key, value in tensors],
         [(f"{key}_value", value) for key, value in tensors])


def infer():
    picture = [("input", free(4))]
    save("echo", [helper.make_node("Identity", ["input"], ["output"])], picture, [("output", FLOAT, free(4))])
    save("two", [helper.make_node("Mul", ["input", "factor"], ["doubled"]), helper.make_node("Add", ["input", "term"], ["next"])],
         picture, [("doubled", FLOAT, free(4)), ("next", FLOAT, free(4))],
         [("factor", numpy.float32(2)), ("term", numpy.float32(1))])
    save("whole_numbers", [helper.make_node("Cast", ["input"], ["output"], to=TensorProto.INT64)], picture,
         [("output", TensorProto.INT64, free(4))])
    save("two_inputs", [helper.make_node("Add", ["a", "b"], ["output"])], [("a", free(4)), ("b", free(4))],
         [("output", FLOAT, free(4))])
    save("rank7", [helper.make_node("Unsqueeze", ["input", "axes"], ["output"])], picture, [("output", FLOAT, free(7))],
         [("axes", numpy.array([0, 1, 2], numpy.int64))])
    save("outputs17", [helper.make_node("Identity", ["input"], [f"output{i}"]) for i in range(17)], picture,
         [(f"output{i}", FLOAT, free(4)) for i in range(17)])
    save("adds_up_28_numbers", [helper.make_node("MatMul", ["input", "weights"], ["output"])], picture,
         [("output", FLOAT, free(4))], [("weights", numpy.ones((28, 1), numpy.float32))])


def model():
    """What the families of src/model expect, made out of the picture itself."""
    save("plane_means", [helper.make_node("GlobalAveragePool", ["input"], ["means"]), helper.make_node("Flatten", ["means"], ["output"])],
         [("input", free(4))], [("output", FLOAT, free(2))])
    save("points68", [helper.make_node("Reshape", ["input", "shape"], ["output"])], [("input", [1, 1, 8, 17])],
         [("output", FLOAT, [1, 136])], [("shape", numpy.array([1, 136], numpy.int64))])
    # one face in the middle half of a 16 x 8 input, as RFB states it, and one box of no size
    constants_network("rfb", [("scores", numpy.array([[[.1, .9], [.9, .1], [.2, .8]]], numpy.float32)),
                              ("boxes", numpy.array([[[.25, .25, .75, .75], [0, 0, 1, 1], [.5, .5, .5, .6]]], numpy.float32))])
    # SCRFD on 32 x 32: stride 8 has 32 anchors, 16 has 8, 32 has 2; the second anchor of stride 8's cell (2, 1) is a face
    tensors = []
    for part, width in (("score", 1), ("bbox", 4), ("kps", 10)):
        for stride in (8, 16, 32):
            value = numpy.zeros((2 * (32 // stride) ** 2, width), numpy.float32)
            if stride == 8:
                face = 2 * (1 * 4 + 2) + 1
                value[face] = {"score": [.75], "bbox": [1, .5, 1, 1.5], "kps": [-.5, 0, .5, 0, 0, .5, -.5, 1, .5, 1]}[part]
            tensors.append((f"{part}_{stride}", value))
    constants_network("scrfd", tensors)


if __name__ == "__main__":
    infer()
    model()
