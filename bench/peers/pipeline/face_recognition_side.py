"""face_recognition (dlib) as one side: reads paths, answers "faces milliseconds".   usage: face_recognition_side.py UPSAMPLE"""
import io
import sys
import time

import face_recognition
import numpy as np
from PIL import Image

UPSAMPLE = int(sys.argv[1])  # the package's default is 1; 0 is its fastest

for line in sys.stdin:
    with open(line.strip(), "rb") as file:
        data = file.read()
    begin = time.perf_counter()
    pixels = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    boxes = face_recognition.face_locations(pixels, number_of_times_to_upsample=UPSAMPLE)
    face_recognition.face_encodings(pixels, known_face_locations=boxes)
    print(len(boxes), f"{(time.perf_counter() - begin) * 1e3:.4f}", flush=True)
