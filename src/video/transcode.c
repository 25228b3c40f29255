#include "video/transcode.h"

#include <fcntl.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "video/sink.h"

typedef struct work {
    vt__source source;
    vt__sink sink;
    bool sink_open;
    AVPacket **waiting; /* packets that came before the first frame, when the sink was not open yet */
    size_t waiting_count;
} work;

enum { most_waiting = 4096 };

static vt_status hold(work *w, AVPacket *packet, vt_error *err)
{
    if (w->waiting_count == most_waiting) return vt__fail(err, VT_ELIMIT, "no frame within the first %d packets", most_waiting);
    AVPacket *copy = av_packet_clone(packet);
    AVPacket **list = copy ? vt__realloc(w->waiting, w->waiting_count + 1, sizeof *list) : NULL;
    if (!list) {
        av_packet_free(&copy);
        return vt__fail_memory(err, (size_t)packet->size);
    }
    w->waiting = list;
    w->waiting[w->waiting_count++] = copy;
    return VT_OK;
}

static vt_status on_other(void *payload, AVPacket *packet, vt_error *err)
{
    work *w = payload;
    return w->sink_open ? vt__sink_copy(&w->sink, &w->source, packet, err) : hold(w, packet, err);
}

static vt_status pass_waiting(work *w, vt_error *err)
{
    vt_status status = VT_OK;
    for (size_t i = 0; i < w->waiting_count && !status; i++) status = vt__sink_copy(&w->sink, &w->source, w->waiting[i], err);
    return status;
}

/* The planes of a frame, each as an array of samples. Alpha is left alone. */
static vt_status lay_out(vt__frame *out, const AVFrame *frame, const vt__source *source, vt_error *err)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(frame->format);
    const uint64_t strange = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
    if (!d || (d->flags & strange)) return vt__fail(err, VT_EUNSUPPORTED, "frames of pixel format %s cannot be edited", d ? d->name : "?");
    *out = (vt__frame){ .size = { frame->width, frame->height }, .orientation = source->orientation, .rgb = d->flags & AV_PIX_FMT_FLAG_RGB,
                        .number = source->number, .time_s = vt__source_time_s(source) };
    out->count = d->nb_components - (d->flags & AV_PIX_FMT_FLAG_ALPHA ? 1 : 0);
    for (int i = 0; i < out->count; i++) {
        const AVComponentDescriptor *c = &d->comp[i];
        bool chroma = !out->rgb && (i == 1 || i == 2);
        if (c->depth > 16) return vt__fail(err, VT_EUNSUPPORTED, "frames of pixel format %s cannot be edited", d->name);
        out->planes[i] = (vt__plane){
            .data = frame->data[c->plane] + c->offset, .stride_bytes = (size_t)frame->linesize[c->plane], .step_bytes = (size_t)c->step,
            .size = { chroma ? AV_CEIL_RSHIFT(frame->width, d->log2_chroma_w) : frame->width,
                      chroma ? AV_CEIL_RSHIFT(frame->height, d->log2_chroma_h) : frame->height },
            .sample_bytes = c->depth + c->shift > 8 ? 2 : 1, .shift = c->shift, .depth = c->depth };
    }
    return VT_OK;
}

/* A format that can be edited sample by sample: palettes and packed small colours go by way of RGB. */
static enum AVPixelFormat editable(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
    return d && ((d->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM)) || d->comp[0].depth < 8) ? AV_PIX_FMT_RGB24 : format;
}

static vt_status convert(AVFrame **out, const AVFrame *from, enum AVPixelFormat format, vt_error *err)
{
    AVFrame *to = av_frame_alloc();
    if (to) {
        to->format = format;
        to->width = from->width;
        to->height = from->height;
    }
    int code = to ? av_frame_get_buffer(to, 0) : AVERROR(ENOMEM);
    if (code >= 0) code = av_frame_copy_props(to, from);
    struct SwsContext *scaler = code < 0 ? NULL : sws_getContext(from->width, from->height, from->format, to->width, to->height, format, SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (scaler) sws_scale(scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height, to->data, to->linesize);
    sws_freeContext(scaler);
    if (!scaler) {
        av_frame_free(&to);
        return code < 0 ? vt__fail_av(err, VT_ENOMEM, code, "converting a frame") : vt__fail(err, VT_EUNSUPPORTED, "frames of this pixel format cannot be written");
    }
    *out = to;
    return VT_OK;
}

static vt_status edit_frame(work *w, vt__edit edit, void *payload, vt_error *err)
{
    AVFrame *frame = w->source.frame, *plain = NULL, *fitting = NULL;
    vt_status status = VT_OK;
    if (editable(frame->format) != frame->format) {
        status = convert(&plain, frame, editable(frame->format), err);
        frame = plain;
    } else if (av_frame_make_writable(frame) < 0) status = vt__fail_memory(err, (size_t)frame->width * (size_t)frame->height);
    vt__frame planes;
    if (!status) status = lay_out(&planes, frame, &w->source, err);
    if (!status) status = edit(payload, &planes, err);
    if (!status && frame->format != w->sink.encoder->pix_fmt) {
        status = convert(&fitting, frame, w->sink.encoder->pix_fmt, err);
        frame = fitting;
    }
    if (!status) status = vt__sink_frame(&w->sink, &w->source, frame, err);
    av_frame_free(&plain);
    av_frame_free(&fitting);
    return status;
}

static vt_status run(work *w, const char *temporary, const char *to, const vt__transcode_options *options, vt__edit edit, void *payload, vt_error *err)
{
    bool more = false;
    vt_status status = vt__source_next(&more, &w->source, err); /* the sink needs the first frame's colours */
    if (!status) status = vt__sink_open(&w->sink, temporary, to, &w->source, options, err);
    w->sink_open = !status;
    if (!status) status = pass_waiting(w, err);
    while (!status && more) {
        status = edit_frame(w, edit, payload, err);
        if (!status) status = vt__source_next(&more, &w->source, err);
    }
    if (!status) status = vt__sink_frame(&w->sink, &w->source, NULL, err);
    if (!status) status = vt__sink_finish(&w->sink, err);
    return status;
}

static vt_status put_in_place(const char *temporary, const char *to, vt_error *err)
{
    int file = open(temporary, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && !fsync(file);
    if (file >= 0) close(file);
    if (!good || rename(temporary, to)) return vt__fail(err, VT_EIO, "%s: cannot be written", to);
    return VT_OK;
}

vt_status vt__transcode(char *encoder, const char *to, const char *from, const vt__transcode_options *options, vt__edit edit,
                        void *payload, vt_error *err)
{
    work w = { 0 };
    char *temporary = vt__part_name(to);
    int lock = -1;
    if (!temporary) return vt__fail_memory(err, strlen(to));
    vt_status status = vt__source_open(&w.source, from, &options->video, err);
    if (!status) {
        w.source.on_other = on_other;
        if (!options->out) status = vt__parts_drop(to, err);
        if (!status && !options->out) lock = vt__part_open(temporary, 0666);
        w.source.other_payload = &w;
        if (!status) status = run(&w, temporary, to, options, edit, payload, err);
        if (encoder && w.sink.encoder) snprintf(encoder, 64, "%s", w.sink.encoder->codec->name);
        vt__sink_close(&w.sink);
        for (size_t i = 0; i < w.waiting_count; i++) av_packet_free(&w.waiting[i]);
        vt__free(w.waiting);
        vt__source_close(&w.source);
        if (!status && !options->out) status = put_in_place(temporary, to, err);
        if (status && !options->out) unlink(temporary);
        if (lock >= 0) close(lock);
    }
    vt__free(temporary);
    return status;
}
