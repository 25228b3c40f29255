"""Makes the YuNet-s face detector (Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023) as ONNX
from the weight arrays that yuface's shared library exports; the library is read as data and never run."""
import struct

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DYNAMIC_SYMBOLS = 11  # SHT_DYNSYM
STRIDES = (8, 16, 32)
HEADS = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))


def exported_arrays(elf):
    """name -> float32 array of every dynamic symbol *_weight and *_bias of a 64-bit little-endian ELF file."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    (offset,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, offset + i * size) for i in range(count)]
    arrays = {}
    for section in sections:
        if section[1] != DYNAMIC_SYMBOLS:
            continue
        names_at = sections[section[6]][4]
        for entry in range(section[4], section[4] + section[5], 24):
            name_at, _, _, index, address, length = struct.unpack_from("<IBBHQQ", elf, entry)
            start = names_at + name_at
            name = elf[start:elf.index(b"\0", start)].decode()
            if length and 0 < index < count and name.endswith(("_weight", "_bias")):
                home = sections[index]
                place = address - home[3] + home[4]
                arrays[name] = np.frombuffer(elf, np.float32, length // 4, place).copy()
    return arrays


class Graph:
    """Nodes and weights as they are added; every method returns the name of the tensor it makes."""

    def __init__(self, arrays):
        self.arrays, self.nodes, self.weights = arrays, [], []

    def constant(self, name, values):
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def conv(self, tensor, weight, bias, output, **attributes):
        names = [tensor, self.constant(output + "_w", weight), self.constant(output + "_b", bias)]
        return self.node("Conv", names, output, **attributes)

    def relu(self, tensor):
        return self.node("Relu", [tensor], tensor + "_relu")

    def pool(self, tensor):
        return self.node("MaxPool", [tensor], tensor + "_pool", kernel_shape=[2, 2], strides=[2, 2])

    def add(self, a, b):
        return self.node("Add", [a, b], a + "_add")

    def double(self, tensor):
        return self.node("Resize", [tensor, "no_roi", "twice"], tensor + "_up", mode="nearest",
                         coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def pointwise_depthwise(self, tensor, name, activate=True):
        """The network's one building block: 1x1 convolution, then 3x3 by channel, then ReLU."""
        bias = self.arrays[name + "_pw_bias"]
        width = bias.size
        tensor = self.conv(tensor, self.arrays[name + "_pw_weight"].reshape(width, -1, 1, 1), bias, name + "_pw",
                           kernel_shape=[1, 1])
        weight = self.arrays[name + "_dw_weight"].reshape(9, width).T.reshape(width, 1, 3, 3)
        tensor = self.conv(tensor, weight, self.arrays[name + "_dw_bias"], name + "_dw", kernel_shape=[3, 3],
                           pads=[1, 1, 1, 1], group=width)
        return self.relu(tensor) if activate else tensor

    def stage(self, tensor, index):
        for part in ("dp1", "dp2"):
            tensor = self.pointwise_depthwise(tensor, f"backbone__model{index}_{part}")
        return tensor


def backbone(graph):
    # 3x3x3 kernels stored as 27 of 32 values, row, column, then BGR
    first = graph.arrays["backbone__model0_pw_weight"].reshape(16, 32)[:, :27].reshape(16, 3, 3, 3)
    tensor = graph.relu(graph.conv("input", first.transpose(0, 3, 1, 2), graph.arrays["backbone__model0_pw_bias"],
                                   "stem", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]))
    tensor = graph.pool(graph.pointwise_depthwise(tensor, "backbone__model0_dp"))
    tensor = graph.pool(graph.stage(graph.stage(tensor, 1), 2))
    levels = []
    for index in (3, 4, 5):
        tensor = graph.stage(tensor, index)
        levels.append(tensor)
        if index < 5:
            tensor = graph.pool(tensor)
    return levels


def neck(graph, levels):
    lateral = "neck__lateral_convs__{}".format
    p5 = graph.pointwise_depthwise(levels[2], lateral(2))
    p4 = graph.pointwise_depthwise(graph.add(levels[1], graph.double(p5)), lateral(1))
    p3 = graph.pointwise_depthwise(graph.add(levels[0], graph.double(p4)), lateral(0))
    return p3, p4, p5


def heads(graph, levels):
    outputs = []
    for name, width in HEADS:
        for index, (stride, level) in enumerate(zip(STRIDES, levels)):
            tensor = graph.pointwise_depthwise(level, f"bbox_head__multi_level_{name}__{index}", activate=False)
            output = f"{name}_{stride}"
            rows = graph.node("Transpose", [tensor], output + "_rows", perm=[0, 2, 3, 1])
            shape = graph.constant(output + "_shape", np.array([0, -1, width], np.int64))
            flat = graph.node("Reshape", [rows, shape], output + "_flat" if width == 1 else output)
            if width == 1:
                graph.node("Sigmoid", [flat], output)
            outputs.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, f"cells{stride}", width]))
    return outputs


def build(elf):
    """The network as an ONNX model with free height and width (multiples of 32)."""
    graph = Graph(exported_arrays(elf))
    graph.constant("no_roi", np.zeros(0, np.float32))
    graph.constant("twice", np.array([1, 1, 2, 2], np.float32))
    outputs = heads(graph, neck(graph, backbone(graph)))
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "height", "width"])
    model = helper.make_model(helper.make_graph(graph.nodes, "yunet_s", [image], outputs, graph.weights),
                              opset_imports=[helper.make_opsetid("", 11)], ir_version=6, producer_name="vultus")
    onnx.checker.check_model(model)
    return model
