#include "video/sink.h"

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"

/* Encoders in order of preference. The first that the container takes, FFmpeg has and opens is used; those of graphics
 * cards take frames from ordinary memory, and fail to open where there is no such card. */
typedef struct choice {
    const char *name;
    enum { lossy = 1, lossless = 2 } kind;
    bool hardware;
    const char *settings; /* "key=value:..." ; %d stands for the quality */
} choice;

static const choice choices[] = {
    { "h264_nvenc", lossy, true, "preset=p4:rc=constqp:qp=%d" },
    { "h264_qsv", lossy, true, "global_quality=%d" },
    { "libx264", lossy, false, "preset=superfast:crf=%d" },
    { "libx264", lossless, false, "preset=superfast:qp=0" },
    { "libvpx-vp9", lossy, false, "deadline=realtime:cpu-used=8:row-mt=1:b=0:crf=%d" },
    { "libvpx-vp9", lossless, false, "deadline=good:cpu-used=5:lossless=1" },
    { "ffv1", lossless, false, "level=3" },
    { "gif", lossy | lossless, false, "" },
    { "mpeg4", lossy, false, "qscale=3" },
};
static const int default_quality = 20;

static enum AVPixelFormat fitting_format(const AVCodec *codec, enum AVPixelFormat from)
{
    if (!codec->pix_fmts) return from;
    int loss = 0;
    return avcodec_find_best_pix_fmt_of_list(codec->pix_fmts, from, 0, &loss);
}

static void describe(AVCodecContext *encoder, const vt__source *source, const AVCodec *codec, int threads)
{
    const AVCodecContext *decoder = source->decoder;
    encoder->width = decoder->width;
    encoder->height = decoder->height;
    encoder->pix_fmt = fitting_format(codec, source->frame->format);
    encoder->sample_aspect_ratio = source->frame->sample_aspect_ratio;
    encoder->color_range = source->frame->color_range;
    encoder->color_primaries = source->frame->color_primaries;
    encoder->color_trc = source->frame->color_trc;
    encoder->colorspace = source->frame->colorspace;
    encoder->chroma_sample_location = source->frame->chroma_location;
    encoder->time_base = source->stream->time_base;
    encoder->framerate = source->stream->avg_frame_rate;
    encoder->thread_count = threads;
}

static bool same_colours(enum AVPixelFormat a, enum AVPixelFormat b)
{
    const AVPixFmtDescriptor *x = av_pix_fmt_desc_get(a), *y = av_pix_fmt_desc_get(b);
    return a == b || (x && y && (x->flags & AV_PIX_FMT_FLAG_RGB) == (y->flags & AV_PIX_FMT_FLAG_RGB) &&
                      x->log2_chroma_w == y->log2_chroma_w && x->log2_chroma_h == y->log2_chroma_h && x->comp[0].depth == y->comp[0].depth);
}

static bool try_encoder(vt__sink *sink, const choice *c, const vt__source *source, const vt__transcode_options *options)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(c->name);
    if (!codec || avformat_query_codec(sink->format->oformat, codec->id, FF_COMPLIANCE_NORMAL) != 1) return false;
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    if (!encoder) return false;
    AVDictionary *settings = NULL;
    char text[128];
    snprintf(text, sizeof text, c->settings, options->quality ? options->quality : default_quality);
    av_dict_parse_string(&settings, text, "=", ":", 0);
    describe(encoder, source, codec, source->options.threads);
    if (sink->format->oformat->flags & AVFMT_GLOBALHEADER) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    bool good = encoder->pix_fmt != AV_PIX_FMT_NONE &&
                (!options->lossless || same_colours(encoder->pix_fmt, source->frame->format) || c->kind == (lossy | lossless));
    if (good) good = avcodec_open2(encoder, codec, &settings) >= 0;
    av_dict_free(&settings);
    if (good) sink->encoder = encoder;
    else avcodec_free_context(&encoder);
    return good;
}

static vt_status open_encoder(vt__sink *sink, const char *name, const vt__source *source, const vt__transcode_options *options, vt_error *err)
{
    int kind = options->lossless ? lossless : lossy;
    for (size_t i = 0; i < sizeof choices / sizeof choices[0] && !sink->encoder; i++)
        if ((choices[i].kind & kind) && !(choices[i].hardware && options->no_hardware)) try_encoder(sink, &choices[i], source, options);
    if (!sink->encoder)
        return vt__fail(err, VT_EUNSUPPORTED, "%s: no %sencoder for this kind of file; name an .mkv file instead", name, options->lossless ? "lossless " : "");
    return VT_OK;
}

/* Titles and languages are kept; everything else (place, camera, owner, times, software) is dropped. */
static void keep_metadata(AVDictionary **to, const AVDictionary *from)
{
    static const char *const kept[] = { "title", "language" };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const AVDictionaryEntry *entry = av_dict_get(from, kept[i], NULL, 0);
        if (entry) av_dict_set(to, entry->key, entry->value, 0);
    }
}

static vt_status add_video_stream(vt__sink *sink, const char *name, const vt__source *source, vt_error *err)
{
    sink->stream = avformat_new_stream(sink->format, NULL);
    if (!sink->stream) return vt__fail_memory(err, sizeof *sink->stream);
    avcodec_parameters_from_context(sink->stream->codecpar, sink->encoder);
    sink->stream->time_base = sink->encoder->time_base;
    sink->stream->avg_frame_rate = source->stream->avg_frame_rate;
    sink->stream->sample_aspect_ratio = sink->encoder->sample_aspect_ratio;
    sink->stream->disposition = source->stream->disposition;
    keep_metadata(&sink->stream->metadata, source->stream->metadata);
    if (source->orientation == 1) return VT_OK;
    if (strcmp(sink->format->oformat->name, "mp4") && strcmp(sink->format->oformat->name, "mov"))
        return vt__fail(err, VT_EUNSUPPORTED, "%s: the video is rotated, which only .mp4 and .mov files can say", name);
    size_t size = 0;
    const uint8_t *matrix = av_stream_get_side_data(source->stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    uint8_t *copy = av_stream_new_side_data(sink->stream, AV_PKT_DATA_DISPLAYMATRIX, size);
    if (!copy) return vt__fail_memory(err, size);
    memcpy(copy, matrix, size);
    return VT_OK;
}

/* Sound, subtitles and fonts are kept. Data streams are not (cameras put places there), nor are cover pictures. */
static bool wanted(const AVStream *stream, const vt__transcode_options *options)
{
    switch (stream->codecpar->codec_type) {
    case AVMEDIA_TYPE_AUDIO: return options->sound != VT__SOUND_DROP;
    case AVMEDIA_TYPE_SUBTITLE:
    case AVMEDIA_TYPE_ATTACHMENT: return true;
    default: return false;
    }
}

static vt_status add_copied_stream(vt__sink *sink, const char *name, const AVStream *from, vt_error *err)
{
    if (avformat_query_codec(sink->format->oformat, from->codecpar->codec_id, FF_COMPLIANCE_NORMAL) == 0)
        return vt__fail(err, VT_EUNSUPPORTED, "%s: this kind of file cannot hold the %s stream (%s); name an .mkv file%s", name,
                        av_get_media_type_string(from->codecpar->codec_type), avcodec_get_name(from->codecpar->codec_id),
                        from->codecpar->codec_type == AVMEDIA_TYPE_AUDIO ? ", or drop the sound" : "");
    AVStream *to = avformat_new_stream(sink->format, NULL);
    if (!to || avcodec_parameters_copy(to->codecpar, from->codecpar) < 0) return vt__fail_memory(err, sizeof *to);
    to->codecpar->codec_tag = 0;
    to->time_base = from->time_base;
    to->disposition = from->disposition;
    keep_metadata(&to->metadata, from->metadata);
    sink->stream_of[from->index] = to->index;
    return VT_OK;
}

static vt_status copy_chapters(vt__sink *sink, const AVFormatContext *from, vt_error *err)
{
    if (!from->nb_chapters) return VT_OK;
    sink->format->chapters = av_calloc(from->nb_chapters, sizeof *sink->format->chapters);
    if (!sink->format->chapters) return vt__fail_memory(err, from->nb_chapters);
    for (unsigned i = 0; i < from->nb_chapters; i++) {
        AVChapter *chapter = av_mallocz(sizeof *chapter);
        if (!chapter) return vt__fail_memory(err, sizeof *chapter);
        *chapter = (AVChapter){ .id = from->chapters[i]->id, .time_base = from->chapters[i]->time_base, .start = from->chapters[i]->start, .end = from->chapters[i]->end };
        keep_metadata(&chapter->metadata, from->chapters[i]->metadata);
        sink->format->chapters[sink->format->nb_chapters++] = chapter;
    }
    return VT_OK;
}

static vt_status add_streams(vt__sink *sink, const char *name, const vt__source *source, const vt__transcode_options *options, vt_error *err)
{
    unsigned count = source->format->nb_streams;
    sink->stream_of = vt__calloc(count, sizeof *sink->stream_of);
    sink->beeps = vt__calloc(count, sizeof *sink->beeps);
    if (!sink->stream_of || !sink->beeps) return vt__fail_memory(err, count * sizeof *sink->beeps);
    sink->beep_count = count;
    vt_status status = VT_OK;
    for (unsigned i = 0; i < count && !status; i++) {
        const AVStream *stream = source->format->streams[i];
        sink->stream_of[i] = -1;
        if (stream == source->stream) status = add_video_stream(sink, name, source, err);
        else if (options->sound == VT__SOUND_BEEP && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            status = vt__beep_open(&sink->beeps[i], sink->format, stream, err);
        else if (wanted(stream, options)) status = add_copied_stream(sink, name, stream, err);
    }
    return status;
}

vt_status vt__sink_open(vt__sink *out, const char *path, const char *wanted_name, const vt__source *source,
                        const vt__transcode_options *options, vt_error *err)
{
    *out = (vt__sink){ 0 };
    const AVOutputFormat *kind = av_guess_format(NULL, wanted_name, NULL);
    if (!kind) return vt__fail(err, VT_EINVAL, "%s: no kind of video file ends like this; use .mp4, .mkv, .mov, .webm, .avi or .gif", wanted_name);
    char *url = vt__format("file:%s", path);
    int code = url ? avformat_alloc_output_context2(&out->format, kind, NULL, url) : AVERROR(ENOMEM);
    vt_status status = code < 0 ? vt__fail_av(err, VT_EUNSUPPORTED, code, wanted_name) : VT_OK;
    out->packet = av_packet_alloc();
    if (!status && !out->packet) status = vt__fail_memory(err, sizeof *out->packet);
    if (!status) status = open_encoder(out, wanted_name, source, options, err);
    if (!status) status = add_streams(out, wanted_name, source, options, err);
    if (!status) status = copy_chapters(out, source->format, err);
    if (!status) {
        keep_metadata(&out->format->metadata, source->format->metadata);
        out->format->flags |= AVFMT_FLAG_BITEXACT; /* does not name the writing software */
        if (options->out) status = vt__bytes_io_open(&out->io, options->out, true, err);
        if (options->out) out->format->pb = out->io.context;
        code = options->out ? 0 : avio_open(&out->format->pb, url, AVIO_FLAG_WRITE);
        if (code >= 0 && !status) code = avformat_write_header(out->format, NULL);
        if (status) out->format->pb = NULL;
        else if (code < 0) status = vt__fail_av(err, VT_EIO, code, wanted_name);
        else out->header_written = true;
    }
    vt__free(url);
    return status;
}

static vt_status write_packet(vt__sink *sink, vt_error *err)
{
    int code = av_interleaved_write_frame(sink->format, sink->packet);
    return code < 0 ? vt__fail_av(err, VT_EIO, code, "writing the video") : VT_OK;
}

vt_status vt__sink_frame(vt__sink *sink, const vt__source *source, AVFrame *frame, vt_error *err)
{
    if (frame) frame->pict_type = AV_PICTURE_TYPE_NONE; /* the encoder chooses anew */
    int code = avcodec_send_frame(sink->encoder, frame);
    if (code < 0) return vt__fail_av(err, VT_EIO, code, "encoding");
    for (;;) {
        code = avcodec_receive_packet(sink->encoder, sink->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return VT_OK;
        if (code < 0) return vt__fail_av(err, VT_EIO, code, "encoding");
        sink->packet->stream_index = sink->stream->index;
        av_packet_rescale_ts(sink->packet, source->stream->time_base, sink->stream->time_base);
        vt_status status = write_packet(sink, err);
        if (status) return status;
    }
}

vt_status vt__sink_copy(vt__sink *sink, const vt__source *source, AVPacket *packet, vt_error *err)
{
    if (packet->stream_index < 0 || (unsigned)packet->stream_index >= sink->beep_count) return VT_OK; /* of a stream that came later */
    vt__beep *beep = &sink->beeps[packet->stream_index];
    if (beep->encoder) return vt__beep_until(beep, sink->format, source->format->streams[packet->stream_index], packet, err);
    int target = sink->stream_of[packet->stream_index];
    if (target < 0) return VT_OK;
    if (av_packet_ref(sink->packet, packet) < 0) return vt__fail_memory(err, (size_t)packet->size);
    sink->packet->stream_index = target;
    sink->packet->pos = -1;
    av_packet_rescale_ts(sink->packet, source->format->streams[packet->stream_index]->time_base, sink->format->streams[target]->time_base);
    return write_packet(sink, err);
}

static int close_file(vt__sink *sink)
{
    if (!sink->io.context) return avio_closep(&sink->format->pb);
    sink->format->pb = NULL;
    return vt__bytes_io_close(&sink->io) ? 0 : AVERROR(EIO);
}

vt_status vt__sink_finish(vt__sink *sink, vt_error *err)
{
    for (unsigned i = 0; i < sink->beep_count; i++) {
        vt_status status = sink->beeps[i].encoder ? vt__beep_finish(&sink->beeps[i], sink->format, err) : VT_OK;
        if (status) return status;
    }
    int code = av_write_trailer(sink->format);
    sink->header_written = false;
    int closed = close_file(sink);
    if (code >= 0) code = closed;
    return code < 0 ? vt__fail_av(err, VT_EIO, code, "writing the video") : VT_OK;
}

void vt__sink_close(vt__sink *sink)
{
    avcodec_free_context(&sink->encoder);
    for (unsigned i = 0; i < sink->beep_count; i++) vt__beep_close(&sink->beeps[i]);
    vt__free(sink->beeps);
    av_packet_free(&sink->packet);
    if (sink->format && sink->format->pb) close_file(sink);
    avformat_free_context(sink->format);
    vt__free(sink->stream_of);
    *sink = (vt__sink){ 0 };
}
