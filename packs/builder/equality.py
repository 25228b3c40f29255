"""Proves that a rewritten network answers as its source does."""
import numpy as np
import onnxruntime

from .packages import SetupError


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def cosine(a, b):
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def prove(name, source, rewritten, inputs, least=1 - 1e-6):
    """Runs both on every input; raises unless the first outputs' cosine is at least `least`. Returns the least seen."""
    before, after = session(source), session(rewritten)
    first = before.get_outputs()[0].name
    feed = before.get_inputs()[0].name
    worst = min(cosine(before.run([first], {feed: x})[0], after.run([first], {feed: x})[0]) for x in inputs)
    if worst < least:
        raise SetupError(f"{name}: the rewritten network differs from its source (cosine {worst:.9f}); nothing was written")
    return worst


def probe_inputs(shape, scale, offset, seed=1, count=8):
    """Smooth random pictures: the same statistics per frequency as photographs, and none shipped or needed."""
    random = np.random.default_rng(seed)
    height, width = shape[2:]
    fy, fx = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    fall = 1 / np.maximum(np.hypot(fy, fx), 1 / max(height, width))
    for _ in range(count):
        planes = []
        for _ in range(shape[1]):
            spectrum = fall * np.exp(2j * np.pi * random.random((height, width // 2 + 1)))
            plane = np.fft.irfft2(spectrum, (height, width))
            plane = (plane - plane.min()) / np.ptp(plane) * 255
            planes.append(plane)
        yield ((np.stack(planes)[None] - offset) * scale).astype(np.float32)
