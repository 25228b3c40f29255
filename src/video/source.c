#include "video/source.h"

#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "image/pixels.h"

/* Containers that hold their own data; playlists and the like, which name other files, are left out on purpose. */
static const char containers[] = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,flv,live_flv,ogg,asf,"
                                 "h264,hevc,ivf,obu,av1,dv,mxf,nut,rm,swf,wtv,y4m,yuv4mpegpipe,apng,m4v,vc1,h263";
static const double default_max_duration_s = 24 * 3600;
static const size_t default_max_pixels = 36000000;

vt_status vt__fail_av(vt_error *err, vt_status code, int number, const char *what)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    if (number == AVERROR_EXIT) return vt__fail(err, VT_ECANCELLED, "%s: cancelled", what);
    if (number == AVERROR(ENOMEM)) code = VT_ENOMEM;
    av_strerror(number, text, sizeof text);
    return vt__fail(err, code, "%s: %s", what, text);
}

static bool cancelled(const vt__source *source)
{
    return source->options.cancelled && source->options.cancelled(source->options.payload);
}

static int on_interrupt(void *opaque) { return cancelled(opaque); }

static vt_status open_container(vt__source *s, const char *path, vt_error *err)
{
    const vt_video_bytes *bytes = s->options.bytes;
    char *url = vt__format("file:%s", path);
    AVDictionary *settings = NULL;
    vt_status status = bytes ? vt__bytes_io_open(&s->io, bytes, false, err) : VT_OK;
    s->format = status ? NULL : avformat_alloc_context();
    if (!url || !s->format) {
        vt__free(url);
        return vt__fail_memory(err, sizeof *s->format);
    }
    s->format->interrupt_callback = (AVIOInterruptCB){ on_interrupt, s };
    s->format->pb = s->io.context;
    av_dict_set(&settings, "protocol_whitelist", bytes ? "none" : "file", 0);
    av_dict_set(&settings, "format_whitelist", containers, 0);
    int code = avformat_open_input(&s->format, url, NULL, &settings);
    if (!code) code = avformat_find_stream_info(s->format, NULL);
    av_dict_free(&settings);
    vt__free(url);
    return code < 0 ? vt__fail_av(err, code == AVERROR(ENOENT) ? VT_ENOTFOUND : VT_EFORMAT, code, "not a readable video") : VT_OK;
}

/* The display matrix as an EXIF orientation; only quarter turns are known. */
static vt_status read_orientation(vt__source *s, vt_error *err)
{
    const int32_t *matrix = (const int32_t *)(const void *)av_stream_get_side_data(s->stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
    s->orientation = 1;
    if (!matrix) return VT_OK;
    double turn = av_display_rotation_get(matrix); /* counter-clockwise */
    if (isnan(turn)) return VT_OK;
    static const int by_quarter[4] = { 1, 8, 3, 6 };
    long quarter = lround(turn / 90);
    if (fabs(turn - (double)quarter * 90) > 1) return vt__fail(err, VT_EUNSUPPORTED, "rotated by %.0f degrees; only quarter turns can be read", turn);
    s->orientation = by_quarter[((quarter % 4) + 4) % 4];
    bool mirrored = (double)matrix[0] * matrix[4] - (double)matrix[1] * matrix[3] < 0;
    return mirrored ? vt__fail(err, VT_EUNSUPPORTED, "a mirrored video cannot be read") : VT_OK;
}

static vt_status open_decoder(vt__source *s, vt_error *err)
{
    const AVCodec *codec = NULL;
    int index = av_find_best_stream(s->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (index < 0 || !codec) return vt__fail_av(err, VT_EFORMAT, index < 0 ? index : AVERROR_DECODER_NOT_FOUND, "no video in the file");
    s->stream = s->format->streams[index];
    const AVCodecParameters *p = s->stream->codecpar;
    if (p->width <= 0 || p->height <= 0) return vt__fail(err, VT_EFORMAT, "the video states no size");
    if ((size_t)p->width * (size_t)p->height > s->options.max_pixels)
        return vt__fail(err, VT_ELIMIT, "frames of %d x %d; at most %zu pixels are allowed", p->width, p->height, s->options.max_pixels);
    s->decoder = avcodec_alloc_context3(codec);
    if (!s->decoder) return vt__fail_memory(err, sizeof *s->decoder);
    int code = avcodec_parameters_to_context(s->decoder, p);
    s->decoder->thread_count = s->options.threads;
    s->decoder->pkt_timebase = s->stream->time_base;
    s->decoder->max_pixels = (int64_t)s->options.max_pixels;
    if (code >= 0) code = avcodec_open2(s->decoder, codec, NULL);
    return code < 0 ? vt__fail_av(err, VT_EUNSUPPORTED, code, "the video cannot be decoded") : VT_OK;
}

vt_status vt__source_open(vt__source *out, const char *path, const vt_video_options *options, vt_error *err)
{
    static const vt_video_options defaults = VT_VIDEO_OPTIONS_INIT;
    *out = (vt__source){ .options = options ? *options : defaults, .number = -1, .origin_pts = AV_NOPTS_VALUE, .last_pts = AV_NOPTS_VALUE };
    vt_video_options *o = &out->options;
    if (!(o->max_duration_s > 0)) o->max_duration_s = default_max_duration_s;
    if (!o->max_pixels) o->max_pixels = default_max_pixels;
    if (o->threads <= 0) o->threads = 1;
    if (!o->bytes && !vt__file_exists(path)) return vt__fail(err, VT_ENOTFOUND, "%s: no such file", path);
    vt_status status = open_container(out, path, err);
    if (!status) status = open_decoder(out, err);
    if (!status) status = read_orientation(out, err);
    if (!status && (double)out->format->duration / AV_TIME_BASE > o->max_duration_s && out->format->duration != AV_NOPTS_VALUE)
        status = vt__fail(err, VT_ELIMIT, "%.0f s long; at most %.0f s are allowed", (double)out->format->duration / AV_TIME_BASE, o->max_duration_s);
    out->packet = av_packet_alloc();
    out->frame = av_frame_alloc();
    if (!status && (!out->packet || !out->frame)) status = vt__fail_memory(err, sizeof *out->frame);
    if (status) vt__source_close(out);
    return status;
}

void vt__source_close(vt__source *source)
{
    av_frame_free(&source->frame);
    av_packet_free(&source->packet);
    avcodec_free_context(&source->decoder);
    avformat_close_input(&source->format);
    vt__bytes_io_close(&source->io);
}

/* Feeds the decoder with one packet of its stream, passing the others on. */
static vt_status feed(vt__source *s, vt_error *err)
{
    for (;;) {
        if (cancelled(s)) return vt__fail(err, VT_ECANCELLED, "cancelled");
        int code = av_read_frame(s->format, s->packet);
        if (code == AVERROR_EOF) {
            s->drained = true;
            avcodec_send_packet(s->decoder, NULL);
            return VT_OK;
        }
        if (code < 0) return vt__fail_av(err, VT_EFORMAT, code, "the file is damaged or cut off");
        vt_status status = VT_OK;
        bool mine = s->packet->stream_index == s->stream->index;
        if (s->packet->flags & AV_PKT_FLAG_CORRUPT) status = vt__fail(err, VT_EFORMAT, "the file is damaged or cut off behind frame %lld", (long long)s->number);
        else if (!mine && s->on_other) status = s->on_other(s->other_payload, s->packet, err);
        else if (mine) {
            code = avcodec_send_packet(s->decoder, s->packet);
            if (code < 0) status = vt__fail_av(err, VT_EFORMAT, code, "a frame is damaged");
        }
        av_packet_unref(s->packet);
        if (status || mine) return status;
    }
}

/* Where the file's own time begins, which players count from: sound may begin before the picture. */
static int64_t origin(const vt__source *s, int64_t pts)
{
    int64_t begin = s->format->start_time;
    if (begin == AV_NOPTS_VALUE) return pts;
    begin = av_rescale_q(begin, AV_TIME_BASE_Q, s->stream->time_base);
    return begin < pts ? begin : pts;
}

/* Frames must have growing times: where the file gives none, or an old one, the next tick stands in. */
static void fix_time(vt__source *s)
{
    int64_t pts = s->frame->best_effort_timestamp;
    if (pts == AV_NOPTS_VALUE || (s->last_pts != AV_NOPTS_VALUE && pts <= s->last_pts)) {
        AVRational rate = s->stream->avg_frame_rate;
        int64_t step = rate.num > 0 ? av_rescale_q(1, av_inv_q(rate), s->stream->time_base) : 1;
        if (pts == AV_NOPTS_VALUE) pts = s->last_pts == AV_NOPTS_VALUE ? 0 : s->last_pts + (step > 0 ? step : 1);
        else pts = s->last_pts + 1;
    }
    s->frame->pts = s->last_pts = pts;
    if (s->origin_pts == AV_NOPTS_VALUE) s->origin_pts = origin(s, pts);
}

vt_status vt__source_next(bool *more, vt__source *s, vt_error *err)
{
    *more = false;
    for (;;) {
        int code = avcodec_receive_frame(s->decoder, s->frame);
        if (code == AVERROR_EOF) return s->number < 0 ? vt__fail(err, VT_EFORMAT, "the video holds no frame") : VT_OK;
        if (code == AVERROR(EAGAIN)) {
            vt_status status = s->drained ? vt__fail(err, VT_EFORMAT, "the video ends early") : feed(s, err);
            if (status) return status;
            continue;
        }
        if (code < 0) return vt__fail_av(err, VT_EFORMAT, code, "a frame is damaged");
        if (s->frame->decode_error_flags || (s->frame->flags & AV_FRAME_FLAG_CORRUPT))
            return vt__fail(err, VT_EFORMAT, "frame %lld is damaged", (long long)s->number + 1);
        if (s->frame->width != s->stream->codecpar->width || s->frame->height != s->stream->codecpar->height)
            return vt__fail(err, VT_EUNSUPPORTED, "the frame size changes within the video");
        fix_time(s);
        s->number++;
        if (vt__source_time_s(s) > s->options.max_duration_s) return vt__fail(err, VT_ELIMIT, "longer than %.0f s", s->options.max_duration_s);
        *more = true;
        return VT_OK;
    }
}

vt__source_place vt__source_get_place(const vt__source *source)
{
    return (vt__source_place){ source->number, source->last_pts, source->origin_pts };
}

/* Only frames with times of their own are trusted: guessed ones would be guessed otherwise behind a jump. */
static bool decode_to(vt__source *s, int64_t pts)
{
    for (;;) {
        int code = avcodec_receive_frame(s->decoder, s->frame);
        if (code == AVERROR(EAGAIN)) {
            if (s->drained || feed(s, NULL)) return false;
            continue;
        }
        if (code < 0 || s->frame->pts == AV_NOPTS_VALUE || s->frame->pts > pts) return false;
        if (s->frame->pts < pts) continue;
        return s->frame->best_effort_timestamp == pts && !s->frame->decode_error_flags && !(s->frame->flags & AV_FRAME_FLAG_CORRUPT);
    }
}

bool vt__source_jump(vt__source *s, const vt__source_place *place)
{
    if (av_seek_frame(s->format, s->stream->index, place->pts, AVSEEK_FLAG_BACKWARD) < 0) return false;
    avcodec_flush_buffers(s->decoder);
    if (!decode_to(s, place->pts)) return false;
    s->frame->pts = s->last_pts = place->pts;
    s->origin_pts = place->origin_pts;
    s->number = place->number;
    return true;
}

double vt__source_time_s(const vt__source *source)
{
    return (double)(source->last_pts - source->origin_pts) * av_q2d(source->stream->time_base);
}

vt_size vt__source_upright_size(const vt__source *source)
{
    return vt__upright_size((vt_size){ source->stream->codecpar->width, source->stream->codecpar->height }, source->orientation);
}
