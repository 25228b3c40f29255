"""Rewrites of networks that keep what they answer and make them faster on a CPU."""
import numpy as np
import onnx
from onnx import helper, numpy_helper

DEAD = 1e-5  # a depthwise kernel whose weights are all smaller gives its bias whatever it sees
BLOCK = 16   # the runtime's widest channel block: counts of live channels are kept multiples of it


class Network:
    """A model's graph with its weights as arrays, and who makes and reads each tensor."""

    def __init__(self, model):
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        self.graph = self.model.graph
        self.weights = {t.name: numpy_helper.to_array(t) for t in self.graph.initializer}
        self.readers = {}
        for node in self.graph.node:
            for name in node.input:
                self.readers.setdefault(name, []).append(node)

    def next(self, node, kind):
        """The one node that reads `node`'s output, if it is of that kind."""
        readers = self.readers.get(node.output[0], []) if node else []
        return readers[0] if len(readers) == 1 and readers[0].op_type == kind else None

    def finish(self):
        used = {name for node in self.graph.node for name in node.input}
        del self.graph.initializer[:]
        self.graph.initializer.extend(numpy_helper.from_array(np.ascontiguousarray(values), name)
                                      for name, values in self.weights.items() if name in used)
        # older exports list weights among the inputs, which keeps the runtime from folding them
        inputs = [i for i in self.graph.input if i.name not in self.weights]
        del self.graph.input[:]
        self.graph.input.extend(inputs)
        del self.graph.value_info[:]
        onnx.checker.check_model(self.model)
        return self.model


def is_pointwise(network, node):
    return node is not None and network.weights[node.input[1]].shape[2:] == (1, 1)


def inverted_residuals(network):
    """(expand, prelu, depthwise, prelu, project) of each MobileNet block."""
    for expand in list(network.graph.node):
        if expand.op_type != "Conv" or not is_pointwise(network, expand):
            continue
        first = network.next(expand, "PRelu")
        depthwise = network.next(first, "Conv")
        if depthwise is None or network.weights[depthwise.input[1]].shape[1] != 1:
            continue
        second = network.next(depthwise, "PRelu")
        project = network.next(second, "Conv")
        if is_pointwise(network, project):
            yield expand, first, depthwise, second, project


def prune_dead_channels(model):
    """Drops channels whose depthwise kernel is dead, folding their constant into the projection's bias. So many are
    kept that the count stays a multiple of BLOCK. Returns (model, channels dropped, channels looked at)."""
    network = Network(model)
    weights, dropped, seen = network.weights, 0, 0
    for expand, first, depthwise, second, project in inverted_residuals(network):
        kernel = weights[depthwise.input[1]]
        dead = np.abs(kernel).max(axis=(1, 2, 3)) < DEAD
        live = np.flatnonzero(~dead)
        room = -len(live) % BLOCK
        keep = np.sort(np.concatenate([live, np.flatnonzero(dead)[:room]]))
        gone = np.setdiff1d(np.arange(len(dead)), keep)
        seen, dropped = seen + len(dead), dropped + len(gone)
        if not len(gone):
            continue
        constant = weights[depthwise.input[2]].astype(np.float64)
        slope = weights[second.input[1]].reshape(-1).astype(np.float64)
        value = np.where(constant > 0, constant, constant * slope)[gone]
        columns = weights[project.input[1]][:, gone, 0, 0].astype(np.float64)
        weights[project.input[2]] = (weights[project.input[2]] + columns @ value).astype(np.float32)
        weights[project.input[1]] = weights[project.input[1]][:, keep]
        for node in (expand, depthwise):
            weights[node.input[1]] = weights[node.input[1]][keep]
            weights[node.input[2]] = weights[node.input[2]][keep]
        for node in (first, second):
            weights[node.input[1]] = weights[node.input[1]][keep]
        for attribute in depthwise.attribute:
            if attribute.name == "group":
                attribute.i = len(keep)
    return network.finish(), dropped, seen


def decompose_prelu(model):
    """PReLU(x) = slope * x + (1 - slope) * ReLU(x), each factor as a 1x1 convolution by channel: unlike PReLU and
    unlike products with a vector, these stay in the runtime's blocked layout, so nothing is reordered between layers."""
    network = Network(model)
    nodes = []
    for node in network.graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        tensor, output = node.input[0], node.output[0]
        slope = network.weights[node.input[1]].reshape(-1, 1, 1, 1).astype(np.float32)
        network.weights[output + "_slope"] = slope
        network.weights[output + "_rest"] = 1 - slope
        by_channel = {"kernel_shape": [1, 1], "group": len(slope)}
        nodes += [helper.make_node("Relu", [tensor], [output + "_pos"]),
                  helper.make_node("Conv", [tensor, output + "_slope"], [output + "_a"], **by_channel),
                  helper.make_node("Conv", [output + "_pos", output + "_rest"], [output + "_b"], **by_channel),
                  helper.make_node("Add", [output + "_a", output + "_b"], [output])]
    del network.graph.node[:]
    network.graph.node.extend(nodes)
    return network.finish()


def first_half(model, tensor, shape):
    """The network up to an inner tensor, which becomes its only output."""
    network = Network(model)
    needed, keep = {tensor}, []
    for node in reversed(network.graph.node):
        if needed & set(node.output):
            keep.append(node)
            needed |= set(node.input)
    del network.graph.node[:]
    network.graph.node.extend(reversed(keep))
    del network.graph.output[:]
    network.graph.output.append(helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, shape))
    return network.finish()


def clean(model):
    """The network as it was, with its weights no longer listed as inputs."""
    return Network(model).finish()
