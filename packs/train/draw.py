"""Draws glasses, sunglasses, headwear and occluders onto faces by their 68 landmarks."""
import cv2
import numpy as np


class Face:
    """A picture (BGR) and 68 landmarks, with the few lengths and directions that drawing needs."""

    def __init__(self, picture, points):
        self.picture, self.points = picture, points
        self.left, self.right = points[36:42].mean(0), points[42:48].mean(0)
        self.eyes = (self.left + self.right) / 2
        self.apart = float(np.linalg.norm(self.right - self.left))
        self.across = (self.right - self.left) / max(self.apart, 1e-6)
        self.down = np.array([-self.across[1], self.across[0]])

    def at(self, u, v, origin=None):
        """The point u eye distances to the right and v down of the middle of the eyes."""
        return (self.eyes if origin is None else origin) + self.apart * (u * self.across + v * self.down)


def blend(picture, mask, colour, opacity):
    """Lays colour (or a picture) over where mask is, softly at its edge."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None] * opacity
    return (picture * (1 - soft) + np.asarray(colour, np.float32) * soft).clip(0, 255).astype(np.uint8)


def polygon(picture, corners):
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(np.asarray(corners) * 8).astype(np.int32)], 1, cv2.LINE_AA, 3)
    return mask


def texture(random, shape):
    """A cloth: a colour, stripes or noise, and shading."""
    colour = random.uniform(0, 255, 3) * random.uniform(0.15, 1)
    cloth = np.ones(shape, np.float32) * colour
    rows, columns = np.mgrid[:shape[0], :shape[1]]
    wave = np.sin((rows * random.normal() + columns * random.normal()) * random.uniform(0.1, 0.8))
    cloth *= 1 + random.uniform(0, 0.35) * wave[..., None]
    return cloth + random.normal(0, random.uniform(0, 12), shape)


def lens(face, centre, width, height, power):
    angle = np.linspace(0, 2 * np.pi, 40)
    u = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power * width
    v = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power * height
    return centre + face.apart * (u[:, None] * face.across + v[:, None] * face.down)


def glasses(face, random, dark):
    """Frames with clear (dark=False) or tinted lenses."""
    out = face.picture.copy()
    width, height, power = random.uniform(0.34, 0.5), random.uniform(0.2, 0.4), random.uniform(0.4, 1)
    frame = random.uniform(0, 90, 3) if random.random() < 0.75 else random.uniform(60, 220, 3)
    thick = max(1, int(round(face.apart * random.uniform(0.015, 0.075))))
    drop = random.uniform(-0.02, 0.12)
    tint = random.uniform(0, 60, 3)
    opacity = random.uniform(0.72, 1) if dark else random.uniform(0, 0.12)
    for eye, side in ((face.left, -1), (face.right, 1)):
        centre = eye + face.apart * (drop * face.down + side * random.uniform(0, 0.04) * face.across)
        corners = lens(face, centre, width, height, power)
        mask = polygon(out, corners)
        out = blend(out, mask, tint if dark else (255, 255, 255), opacity)
        if random.random() < 0.4:  # a reflection
            shine = polygon(out, lens(face, centre + face.apart * random.uniform(-0.15, 0.1, 2), width * 0.4, height * 0.3, 1))
            out = blend(out, shine & mask, (255, 255, 255), random.uniform(0.1, 0.55))
        if not dark or random.random() < 0.8:
            cv2.polylines(out, [np.round(corners).astype(np.int32)], True, frame.tolist(), thick, cv2.LINE_AA)
        hinge = centre + face.apart * side * width * face.across
        temple = face.points[0 if side < 0 else 16] - 0.1 * face.apart * face.down
        cv2.line(out, tuple(np.round(hinge).astype(int)), tuple(np.round(temple).astype(int)), frame.tolist(), thick, cv2.LINE_AA)
    bridge = [face.at(-0.5 + width, drop), face.at(0, drop - random.uniform(0.02, 0.12)), face.at(0.5 - width, drop)]
    cv2.polylines(out, [np.round(bridge).astype(np.int32)], False, frame.tolist(), thick, cv2.LINE_AA)
    return out


def headwear(face, random):
    """A cap, beanie, hood or helmet: covers hair, and the forehead more or less."""
    brim = random.uniform(-0.75, -0.38)
    wide = random.uniform(1.25, 1.6)
    angle = np.linspace(np.pi, 2 * np.pi, 30)
    crown = [face.at(np.cos(a) * wide, brim + np.sin(a) * random.uniform(1.3, 1.5)) for a in angle]
    corners = crown + [face.at(wide, brim + 0.05), face.at(0, brim + random.uniform(0, 0.12)), face.at(-wide, brim + 0.05)]
    if random.random() < 0.3:  # a hood or scarf goes down the sides
        sides = [face.at(wide, brim), face.at(wide * 1.05, 1.8), face.at(1.05, 1.8), face.at(0.98, brim + 0.1),
                 face.at(-0.98, brim + 0.1), face.at(-1.05, 1.8), face.at(-wide * 1.05, 1.8), face.at(-wide, brim)]
        out = blend(face.picture, polygon(face.picture, crown + sides), texture(random, face.picture.shape), 1)
    else:
        out = blend(face.picture, polygon(face.picture, corners), texture(random, face.picture.shape), 1)
    if random.random() < 0.5:  # the peak, and its shade
        reach = random.uniform(0.7, 1.2)
        peak = [face.at(-reach, brim), face.at(0, brim - 0.1), face.at(reach, brim), face.at(reach * 0.8, brim + 0.18), face.at(0, brim + 0.25), face.at(-reach * 0.8, brim + 0.18)]
        out = blend(out, polygon(out, peak), texture(random, out.shape) * 0.7, 1)
        shade = [face.at(-1, brim + 0.1), face.at(1, brim + 0.1), face.at(1, 0.05), face.at(-1, 0.05)]
        out = blend(out, polygon(out, shade), out * 0.6, random.uniform(0, 0.9))
    return out


def skin_or_cloth(face, random):
    """A hand, hair or cloth in front of the face."""
    if random.random() < 0.4:
        colour = np.array([110, 140, 190]) * random.uniform(0.35, 1.2)
        return np.ones(face.picture.shape, np.float32) * colour + random.normal(0, 6, face.picture.shape)
    return texture(random, face.picture.shape)


def occluder(face, random, part):
    """Covers the forehead, the eyes or the mouth."""
    spans = {"forehead": (random.uniform(-1.3, -1.0), random.uniform(-0.42, -0.28)),
             "eyes": (random.uniform(-0.45, -0.3), random.uniform(0.22, 0.4)),
             "mouth": (random.uniform(0.75, 0.9), random.uniform(1.5, 1.9))}
    top, bottom = spans[part]
    half = random.uniform(0.75, 1.3)
    shift = random.uniform(-0.15, 0.15)
    tilt = random.uniform(-0.15, 0.15)
    corners = [face.at(shift - half, top - tilt), face.at(shift, top - random.uniform(0, 0.12)), face.at(shift + half, top + tilt),
               face.at(shift + half, bottom + tilt), face.at(shift, bottom + random.uniform(0, 0.1)), face.at(shift - half, bottom - tilt)]
    if part == "eyes" and random.random() < 0.3:  # one eye only
        corners = [face.at(0, top), face.at(half, top), face.at(half, bottom), face.at(0, bottom)]
    return blend(face.picture, polygon(face.picture, corners), skin_or_cloth(face, random), 1)


def mask(face, random):
    """A face mask from cheek to cheek, nose (mostly) and mouth under it."""
    points = face.points
    nose = points[random.integers(28, 31)]
    corners = [points[1] * 0.6 + points[2] * 0.4, nose, points[15] * 0.6 + points[14] * 0.4, points[13], points[11], points[9], points[8], points[7], points[5], points[3]]
    cloth = texture(random, face.picture.shape)
    if random.random() < 0.6:
        cloth = np.ones(face.picture.shape, np.float32) * np.array([(235, 215, 190), (250, 250, 250), (40, 40, 40)][random.integers(3)]) * random.uniform(0.75, 1)
    return blend(face.picture, polygon(face.picture, corners), cloth, 1)
