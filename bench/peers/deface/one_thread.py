"""deface with one thread: on its own its network's threads would spin against each other on the one core it is given."""
import onnxruntime

session = onnxruntime.InferenceSession


def on_one_thread(model, *_, providers=None, **__):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return session(model, options, providers=providers)


onnxruntime.InferenceSession = on_one_thread

from deface.deface import main  # noqa: E402

main()
