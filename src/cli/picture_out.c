#include "cli/picture_out.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"

static vt_format format_of(const char *path)
{
    static const struct {
        const char *ending;
        vt_format format;
    } endings[] = { { ".jpg", VT_FORMAT_JPEG }, { ".jpeg", VT_FORMAT_JPEG }, { ".png", VT_FORMAT_PNG }, { ".webp", VT_FORMAT_WEBP }, { ".bmp", VT_FORMAT_BMP } };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof endings[0]; i++)
        if (!strcasecmp(dot, endings[i].ending)) return endings[i].format;
    return VT_FORMAT_UNKNOWN;
}

vt_status vt__picture_out(const char *path, const vt_pixels *pixels, vt_error *err)
{
    vt_format format = format_of(path);
    if (format == VT_FORMAT_UNKNOWN) return vt__fail(err, VT_EINVAL, "%s: the name must end in .jpg, .png, .webp or .bmp", path);
    uint8_t *bytes;
    size_t size;
    vt_status status = vt_pixels_encode(&bytes, &size, pixels, format, NULL, err);
    if (status) return status;
    status = vt__file_write(path, bytes, size, 0644, err);
    vt_bytes_free(bytes);
    return status;
}

vt_status vt__picture_copy(vt_pixels *out, vt_picture *picture, vt_error *err)
{
    vt_pixels pixels;
    vt_status status = vt_picture_decode(&pixels, picture, 1, err);
    if (!status) status = vt_pixels_create(out, pixels.size, err);
    for (int y = 0; !status && y < pixels.size.height; y++)
        memcpy(out->data + (size_t)y * out->stride_bytes, pixels.data + (size_t)y * pixels.stride_bytes, (size_t)pixels.size.width * 3);
    return status;
}
