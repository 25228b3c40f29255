/* Second pass: every frame's masks drawn on its planes as they are stored, so that no colour conversion touches the rest. */
#include <math.h>

#include "base/error.h"
#include "image/pixels.h"
#include "redact/cover.h"
#include "redact/video_plan.h"
#include "redact/video_walk.h"
#include "video/transcode.h"

typedef struct render {
    const vt__plan *plan;
    vt__walk *walk;
    const vt_redact_video_options *options;
    int64_t frames;
    vt_pixels image; /* of the masks, in the frames' colours */
} render;

/* A colour's 8-bit value in a plane: BT.601 limited range where the frame is no RGB. */
static int value_of(const vt__frame *frame, int plane, const unsigned char rgb[3])
{
    static const float rows[3][4] = { { 0.257f, 0.504f, 0.098f, 16 }, { -0.148f, -0.291f, 0.439f, 128 }, { 0.439f, -0.368f, -0.071f, 128 } };
    float value = rgb[plane < 3 ? plane : 0];
    if (!frame->rgb && plane < 3) value = rows[plane][0] * rgb[0] + rows[plane][1] * rgb[1] + rows[plane][2] * rgb[2] + rows[plane][3];
    return (int)lrintf(fminf(fmaxf(value, 0), 255));
}

/* The image in the frame's colours, once for the whole video. */
static vt_status prepare_image(render *r, const vt__frame *frame, vt_error *err)
{
    const vt_pixels *image = r->plan->masks.image;
    if (r->plan->masks.method != VT_REDACT_IMAGE || r->image.data) return VT_OK;
    vt_status status = vt_pixels_create(&r->image, image->size, err);
    for (int y = 0; y < image->size.height && !status; y++) {
        const uint8_t *from = image->data + (size_t)y * image->stride_bytes;
        uint8_t *to = r->image.data + (size_t)y * r->image.stride_bytes;
        for (int x = 0; x < image->size.width; x++, from += 3, to += 3)
            for (int plane = 0; plane < 3; plane++) to[plane] = (uint8_t)value_of(frame, plane, from);
    }
    return status;
}

static vt__mask_fill fill_of(const render *r, const vt__frame *frame, int plane)
{
    int depth = frame->planes[plane].depth, value = value_of(frame, plane, r->plan->masks.colour);
    if (!r->image.data) return (vt__mask_fill){ .value = depth > 8 ? value << (depth - 8) : value };
    return (vt__mask_fill){ 0, r->image.data + (plane < 3 ? plane : 0), r->image.size, r->image.stride_bytes, 3 };
}

static void hide(const render *r, vt__frame *frame, const vt_box *face)
{
    const vt_redact_options *masks = &r->plan->masks;
    vt_box upright = vt__mask_rectangle(face, masks);
    vt_size size = vt__upright_size(frame->size, frame->orientation);
    int rect[4] = { (int)floorf(upright.left), (int)floorf(upright.top), (int)ceilf(upright.left + upright.width), (int)ceilf(upright.top + upright.height) };
    vt__stored_rect(rect, size, frame->orientation);
    for (int i = 0; i < frame->count; i++) {
        const vt__plane *plane = &frame->planes[i];
        float sx = (float)plane->size.width / (float)frame->size.width, sy = (float)plane->size.height / (float)frame->size.height;
        vt_box box = { (float)rect[0] * sx, (float)rect[1] * sy, (float)(rect[2] - rect[0]) * sx, (float)(rect[3] - rect[1]) * sy };
        vt__mask_fill fill = fill_of(r, frame, i);
        vt__mask_cover(plane, &box, masks, &fill);
    }
}

static vt_status edit(void *payload, vt__frame *frame, vt_error *err)
{
    render *r = payload;
    const vt__plan *plan = r->plan;
    if (frame->number >= plan->frames) return vt__fail(err, VT_ECONFLICT, "the video has more frames than were looked at");
    const vt_box *boxes;
    size_t count;
    vt_status status = vt__walk_to(&boxes, &count, r->walk, frame->number, err);
    if (!status) status = prepare_image(r, frame, err);
    if (status) return status;
    for (size_t i = 0; i < count; i++) hide(r, frame, &boxes[i]);
    r->frames = frame->number + 1;
    if (r->options->on_progress) r->options->on_progress(r->options->payload, 2, (double)r->frames / (double)plan->frames);
    return VT_OK;
}

vt_status vt__plan_render(char *encoder, const char *to, const char *from, const vt__plan *plan, const vt_redact_video_options *options,
                          vt_error *err)
{
    render r = { .plan = plan, .options = options };
    vt__transcode_options how = { options->video, options->lossless, options->quality, options->no_hardware,
                                  options->drop_audio ? VT__SOUND_DROP : options->beep_audio ? VT__SOUND_BEEP : VT__SOUND_COPY, options->out };
    vt_status status = vt__walk_open(&r.walk, plan, err);
    if (!status) status = vt__transcode(encoder, to, from, &how, edit, &r, err);
    vt_pixels_free(&r.image);
    vt__walk_close(r.walk);
    return status;
}
