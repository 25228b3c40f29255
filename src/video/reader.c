/* vt_video: frames as upright RGB pixels. */
#include <libswscale/swscale.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/pixels.h"
#include "video/place.h"

struct vt_video {
    vt__source source;
    struct SwsContext *scaler; /* for the size asked for last */
};

vt_status vt_video_open(vt_video **out, const char *path, const vt_video_options *options, vt_error *err)
{
    *out = NULL;
    vt_video *video = vt__calloc(1, sizeof *video);
    if (!video) return vt__fail_memory(err, sizeof *video);
    vt_status status = vt__source_open(&video->source, path, options, err);
    if (status) vt__free(video);
    else {
        for (unsigned i = 0; i < video->source.format->nb_streams; i++)
            if (video->source.format->streams[i] != video->source.stream) video->source.format->streams[i]->discard = AVDISCARD_ALL;
        *out = video;
    }
    return status;
}

void vt_video_close(vt_video *video)
{
    if (!video) return;
    sws_freeContext(video->scaler);
    vt__source_close(&video->source);
    vt__free(video);
}

vt_video_info vt_video_get_info(const vt_video *video)
{
    const vt__source *s = &video->source;
    vt_video_info info = { vt__source_upright_size(s), 0, av_q2d(s->stream->avg_frame_rate.den ? s->stream->avg_frame_rate : (AVRational){ 0, 1 }), false };
    if (s->format->duration != AV_NOPTS_VALUE && s->format->duration > 0) info.duration_s = (double)s->format->duration / AV_TIME_BASE;
    for (unsigned i = 0; i < s->format->nb_streams; i++)
        info.has_audio |= s->format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
    return info;
}

vt_status vt_video_next(bool *more, vt_video *video, vt_error *err) { return vt__source_next(more, &video->source, err); }
int64_t vt_video_frame(const vt_video *video) { return video->source.number; }
double vt_video_time_s(const vt_video *video) { return vt__source_time_s(&video->source); }

vt__source_place vt__video_get_place(const vt_video *video) { return vt__source_get_place(&video->source); }

/* Without a jump: the same frames as at first, in the same order. */
static vt_status read_up_to(vt_video *video, const vt__source_place *place, vt_error *err)
{
    bool more = true;
    vt_status status = VT_OK;
    while (!status && more && video->source.number < place->number) status = vt_video_next(&more, video, err);
    if (status) return status;
    bool same = video->source.number == place->number && video->source.last_pts == place->pts;
    return same ? VT_OK : vt__fail(err, VT_ECONFLICT, "frame %lld is not where it was", (long long)place->number);
}

vt_status vt__video_open_at(vt_video **out, const char *path, const vt_video_options *options, const vt__source_place *place, vt_error *err)
{
    vt_status status = vt_video_open(out, path, options, err);
    if (status || vt__source_jump(&(*out)->source, place)) return status;
    vt_video_close(*out);
    status = vt_video_open(out, path, options, err);
    if (!status) status = read_up_to(*out, place, err);
    if (status) {
        vt_video_close(*out);
        *out = NULL;
    }
    return status;
}

static vt_size fit(vt_size size, int max_side_px)
{
    int longer = size.width > size.height ? size.width : size.height;
    if (max_side_px <= 0 || longer <= max_side_px) return size;
    int64_t width = ((int64_t)size.width * max_side_px + longer / 2) / longer, height = ((int64_t)size.height * max_side_px + longer / 2) / longer;
    return (vt_size){ width > 0 ? (int)width : 1, height > 0 ? (int)height : 1 };
}

vt_status vt_video_pixels(vt_pixels *out, vt_video *video, int max_side_px, vt_error *err)
{
    const AVFrame *frame = video->source.frame;
    if (!frame->data[0]) return vt__fail(err, VT_EINVAL, "no frame was read");
    vt_size size = fit((vt_size){ frame->width, frame->height }, max_side_px);
    video->scaler = sws_getCachedContext(video->scaler, frame->width, frame->height, frame->format, size.width, size.height,
                                         AV_PIX_FMT_RGB24, size.width < frame->width ? SWS_AREA : SWS_BILINEAR, NULL, NULL, NULL);
    if (!video->scaler) return vt__fail(err, VT_EUNSUPPORTED, "frames of this pixel format cannot be read");
    vt_status status = vt_pixels_create(out, size, err);
    if (status) return status;
    /* libswscale writes a few bytes past short rows: give it rows of its own width, padded */
    int stride[4] = { (size.width * 3 + 63) / 64 * 64 };
    uint8_t *rows = vt__calloc_aligned((size_t)stride[0], (size_t)size.height + 1), *planes[4] = { rows };
    if (!rows) status = vt__fail_memory(err, (size_t)stride[0] * (size_t)size.height);
    if (rows) {
        sws_scale(video->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, stride);
        for (int y = 0; y < size.height; y++)
            memcpy(out->data + (size_t)y * out->stride_bytes, rows + (size_t)y * (size_t)stride[0], (size_t)size.width * 3);
    }
    vt__free(rows);
    if (!status) status = vt__upright(out, video->source.orientation, err);
    if (status) vt_pixels_free(out);
    return status;
}
