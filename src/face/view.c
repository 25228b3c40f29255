#include "face/view.h"

#include <math.h>

#include "image/sample.h"

/* Finer than this many times the wanted size, bilinear sampling would skip pixels: the view is averaged down first. */
static const float most_fine = 2;

vt_status vt__view_open(vt__view *out, vt_picture *picture, vt_box box, float face_side_px, float wanted_px, vt_error *err)
{
    float wanted_scale = face_side_px > wanted_px ? wanted_px / face_side_px : 1;
    *out = (vt__view){ 0 };
    vt_status status = vt__picture_region(&out->region, picture, box, wanted_scale, err);
    if (status) return status;
    out->pixels = out->region.pixels;
    out->scale_x = out->scale_y = out->region.scale;
    out->left = out->region.left;
    out->top = out->region.top;
    float fine = out->region.scale / wanted_scale;
    if (fine < most_fine) return VT_OK;
    vt_size size = { (int)lrintf((float)out->pixels.size.width / fine), (int)lrintf((float)out->pixels.size.height / fine) };
    if (size.width < 1 || size.height < 1) return VT_OK;
    status = vt__resize(&out->shrunk, &out->region.pixels, size, err);
    if (status) {
        vt__view_close(out);
        return status;
    }
    out->scale_x *= (float)size.width / (float)out->pixels.size.width;
    out->scale_y *= (float)size.height / (float)out->pixels.size.height;
    out->pixels = out->shrunk;
    return VT_OK;
}

void vt__view_close(vt__view *view)
{
    vt_pixels_free(&view->shrunk);
}

vt_point vt__view_point(const vt__view *view, vt_point full)
{
    return (vt_point){ (full.x - view->left) * view->scale_x, (full.y - view->top) * view->scale_y };
}

vt_point vt__view_back(const vt__view *view, vt_point inside)
{
    return (vt_point){ inside.x / view->scale_x + view->left, inside.y / view->scale_y + view->top };
}

vt_box vt__view_box(const vt__view *view, vt_box full)
{
    vt_point corner = vt__view_point(view, (vt_point){ full.left, full.top });
    return (vt_box){ corner.x, corner.y, full.width * view->scale_x, full.height * view->scale_y };
}
