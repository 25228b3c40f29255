#!/usr/bin/env python3
"""Made the pictures of fuzz/corpus/image_*: one scene in every kind of every format. They are committed; this is how.

needs: pip packages pillow, pillow-heif, numpy.  usage: fuzz/make_pictures.py

The scene is 64 x 32: top left, top right, bottom left, bottom right in four plain colours. tests/image/ knows them, so
a decoder that swaps channels, flips rows or loses a column is found out; plain areas survive lossy formats.
"""
import pathlib
import struct
import zlib

import numpy as np
import pillow_heif
from PIL import Image

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
WIDTH, HEIGHT = 64, 32
COLOURS = [(200, 40, 40), (40, 180, 60), (50, 60, 210), (240, 230, 200)]
GREYS = [20, 90, 160, 250]


def scene(values, dtype=np.uint8):
    values = np.array(values, dtype=dtype)
    shape = (HEIGHT, WIDTH) + values.shape[1:]
    out = np.zeros(shape, dtype)
    for quadrant in range(4):
        y, x = quadrant // 2 * HEIGHT // 2, quadrant % 2 * WIDTH // 2
        out[y:y + HEIGHT // 2, x:x + WIDTH // 2] = values[quadrant]
    return out


RGB, GREY, INDEX = scene(COLOURS), scene(GREYS), scene([0, 1, 2, 3])
PICTURE, GREY_PICTURE = Image.fromarray(RGB), Image.fromarray(GREY)


def path(kind, name):
    folder = CORPUS / f"image_{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def stored_for(orientation):
    """The scene as a camera stores it that writes this orientation: upright again once it is applied."""
    undo = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
            6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}[orientation]
    return PICTURE if undo is None else PICTURE.transpose(undo)


def make_jpeg():
    options = {"quality": 95}
    PICTURE.save(path("jpeg", "baseline.jpg"), **options)
    PICTURE.save(path("jpeg", "full_chroma.jpg"), subsampling=0, **options)
    PICTURE.save(path("jpeg", "progressive.jpg"), progressive=True, **options)
    PICTURE.save(path("jpeg", "restart.jpg"), restart_marker_blocks=2, **options)
    GREY_PICTURE.save(path("jpeg", "grey.jpg"), **options)
    ink = Image.fromarray(255 - np.dstack([RGB, np.full((HEIGHT, WIDTH), 255, np.uint8)]), "CMYK")
    ink.save(path("jpeg", "cmyk.jpg"), **options)
    for orientation in range(1, 9):
        stored_for(orientation).save(path("jpeg", f"orientation{orientation}.jpg"), exif=exif(orientation), **options)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pack_bits(row, bits):
    text = "".join(format(int(v), f"0{bits}b") for v in row)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def png_rows(samples, bits):
    out = b""
    for row in samples:
        flat = row.reshape(-1)
        out += b"\0" + (pack_bits(flat, bits) if bits < 8 else flat.astype(">u2" if bits == 16 else np.uint8).tobytes())
    return out


def write_png(name, kind, bits, samples, extra=b"", interlaced=False):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    if interlaced:
        rows = b"".join(png_rows(samples[y::dy, x::dx], bits) for x, y, dx, dy in passes)
    else:
        rows = png_rows(samples, bits)
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    path("png", name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) +
                                  chunk(b"IEND", b""))


def make_png():
    palette = chunk(b"PLTE", bytes(v for colour in COLOURS for v in colour))
    alpha = np.dstack([RGB, scene([255, 0, 128, 255])])
    write_png("rgb8.png", 2, 8, RGB)
    write_png("rgb16.png", 2, 16, RGB.astype(np.uint16) * 257)
    write_png("rgb8_interlaced.png", 2, 8, RGB, interlaced=True)
    write_png("rgba8.png", 6, 8, alpha)
    write_png("rgba16.png", 6, 16, alpha.astype(np.uint16) * 257)
    write_png("rgb8_keyed.png", 2, 8, RGB, chunk(b"tRNS", struct.pack(">HHH", *COLOURS[1])))
    write_png("palette2.png", 3, 2, INDEX, palette)
    write_png("palette4.png", 3, 4, INDEX, palette)
    write_png("palette8_alpha.png", 3, 8, INDEX, palette + chunk(b"tRNS", bytes([255, 0, 128])))
    write_png("palette4_interlaced.png", 3, 4, INDEX, palette, interlaced=True)
    write_png("grey1.png", 0, 1, scene([0, 1, 1, 0]))
    write_png("grey2.png", 0, 2, INDEX)
    write_png("grey4.png", 0, 4, scene([0, 5, 10, 15]))
    write_png("grey8.png", 0, 8, GREY)
    write_png("grey16.png", 0, 16, GREY.astype(np.uint16) * 257)
    write_png("grey_alpha8.png", 4, 8, np.dstack([GREY, scene([255, 0, 128, 255])]))
    for orientation in range(1, 9):
        block = exif(orientation)
        block = block[6:] if block.startswith(b"Exif\0\0") else block
        write_png(f"orientation{orientation}.png", 2, 8, np.array(stored_for(orientation)), chunk(b"eXIf", block))


def palette_picture():
    picture = Image.fromarray(INDEX, "P")
    picture.putpalette([v for colour in COLOURS for v in colour])
    return picture


def make_gif():
    picture = palette_picture()
    picture.save(path("gif", "plain.gif"), interlace=0)
    picture.save(path("gif", "interlaced.gif"), interlace=1)
    picture.save(path("gif", "clear.gif"), transparency=1, interlace=0)
    second = Image.fromarray(3 - INDEX, "P")
    second.putpalette(picture.getpalette())
    picture.save(path("gif", "animated.gif"), save_all=True, append_images=[second], duration=100, interlace=0)


def bmp(name, bits, rows, info=b"", compression=0, palette=b"", height=HEIGHT, header_bytes=40):
    if header_bytes == 12:
        header = struct.pack("<IHHHH", 12, WIDTH, height, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", 40, WIDTH, height, 1, bits, compression, len(rows), 2835, 2835, len(palette) // 4, 0)
    at = 14 + len(header) + len(info) + len(palette)
    head = b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at)
    path("bmp", name).write_bytes(head + header + info + palette + rows)


def rows_of(samples, top_down=False):
    order = samples if top_down else samples[::-1]
    rows = [row if isinstance(row, bytes) else row.tobytes() for row in order]
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


def make_bmp():
    bgr = RGB[:, :, ::-1]
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b in COLOURS)
    wide = np.dstack([bgr, np.zeros((HEIGHT, WIDTH), np.uint8)])
    bmp("bits24.bmp", 24, rows_of(bgr))
    bmp("bits24_top_down.bmp", 24, rows_of(bgr, True), height=-HEIGHT)
    bmp("bits24_core.bmp", 24, rows_of(bgr), header_bytes=12)
    bmp("bits32.bmp", 32, rows_of(wide))
    masks = struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)
    bmp("bits32_fields.bmp", 32, rows_of(np.dstack([np.zeros((HEIGHT, WIDTH), np.uint8), bgr])), info=masks, compression=3)
    r, g, b = (RGB[:, :, c].astype(np.uint16) for c in range(3))
    bmp("bits16_555.bmp", 16, rows_of((r >> 3 << 10 | g >> 3 << 5 | b >> 3).astype("<u2")))
    bmp("bits16_565.bmp", 16, rows_of((r >> 3 << 11 | g >> 2 << 5 | b >> 3).astype("<u2")),
        info=struct.pack("<III", 0xF800, 0x7E0, 0x1F), compression=3)
    bmp("bits8.bmp", 8, rows_of(INDEX), palette=palette)
    bmp("bits4.bmp", 4, rows_of([pack_bits(row, 4) for row in INDEX]), palette=palette)
    bmp("bits1.bmp", 1, rows_of([pack_bits(row, 1) for row in scene([0, 1, 1, 0])]), palette=palette[:8])
    half, lines8, lines4 = WIDTH // 2, b"", b""
    for y, row in enumerate(INDEX[::-1]):
        a, z = int(row[0]), int(row[-1])
        run8, run4 = bytes([half, a]), bytes([half, a * 17])
        if y % 3 == 0:
            tail8, tail4 = bytes([0, half]) + bytes([z] * half), bytes([0, half]) + bytes([z * 17] * (half // 2))
        else:
            tail8, tail4 = bytes([half, z]), bytes([half, z * 17])
        lines8 += run8 + tail8 + b"\0\0"
        lines4 += run4 + tail4 + b"\0\0"
    bmp("rle8.bmp", 8, lines8 + b"\0\1", compression=1, palette=palette)
    bmp("rle4.bmp", 4, lines4 + b"\0\1", compression=2, palette=palette)


def make_webp():
    alpha = Image.fromarray(np.dstack([RGB, scene([255, 0, 128, 255])]))
    PICTURE.save(path("webp", "lossy.webp"), quality=95)
    PICTURE.save(path("webp", "lossless.webp"), lossless=True)
    alpha.save(path("webp", "alpha.webp"), lossless=True, exact=True)
    for orientation in (3, 6):
        stored_for(orientation).save(path("webp", f"orientation{orientation}.webp"), lossless=True, exif=exif(orientation))


def make_tiff():
    def save(name, picture=PICTURE, **options):
        picture.save(path("tiff", name), "TIFF", **options)

    save("plain.tif")
    save("lzw.tif", compression="tiff_lzw")
    save("deflate.tif", compression="tiff_adobe_deflate")
    save("packbits.tif", compression="packbits")
    save("jpeg.tif", compression="jpeg", quality=95)
    save("grey.tif", GREY_PICTURE)
    save("grey16.tif", Image.fromarray(scene(GREYS, np.uint16) * 257))
    save("cmyk.tif", Image.fromarray(255 - np.dstack([RGB, np.full((HEIGHT, WIDTH), 255, np.uint8)]), "CMYK"))
    save("palette.tif", palette_picture())
    save("bilevel.tif", Image.fromarray(scene([0, 255, 255, 0])).convert("1"), compression="group4")
    save("alpha.tif", Image.fromarray(np.dstack([RGB, scene([255, 0, 128, 255])])))
    for orientation in range(1, 9):
        save(f"orientation{orientation}.tif", stored_for(orientation), tiffinfo={0x0112: orientation})


def make_heif():
    pillow_heif.register_heif_opener()
    PICTURE.save(path("heif", "plain.heic"), quality=95, chroma=444)
    Image.fromarray(np.dstack([RGB, np.full((HEIGHT, WIDTH), 255, np.uint8)])).save(path("heif", "alpha.heic"), quality=95)
    for orientation in range(2, 9):
        stored_for(orientation).save(path("heif", f"orientation{orientation}.heic"), quality=95, chroma=444, exif=exif(orientation))
    PICTURE.save(path("avif", "plain.avif"), quality=95, subsampling="4:4:4")
    PICTURE.save(path("avif", "half_chroma.avif"), quality=95)
    for orientation in range(2, 9):
        stored_for(orientation).save(path("avif", f"orientation{orientation}.avif"), quality=95, exif=exif(orientation))


if __name__ == "__main__":
    for make in (make_jpeg, make_png, make_gif, make_bmp, make_webp, make_tiff, make_heif):
        make()
    print(sum(p.stat().st_size for p in CORPUS.glob("image_*/*")), "bytes")
