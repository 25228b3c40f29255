#include "video/beep.h"

#include <math.h>

#include "base/error.h"
#include "video/source.h"

enum { usual_samples = 1024, usual_rate = 48000 };
static const double tone_hz = 1000, loudness = 0.05;

static bool can_fill(enum AVSampleFormat format)
{
    enum AVSampleFormat packed = av_get_packed_sample_fmt(format);
    return packed == AV_SAMPLE_FMT_FLT || packed == AV_SAMPLE_FMT_S16 || packed == AV_SAMPLE_FMT_S32;
}

static enum AVSampleFormat format_of(const AVCodec *codec)
{
    for (const enum AVSampleFormat *f = codec->sample_fmts; f && *f != AV_SAMPLE_FMT_NONE; f++)
        if (can_fill(*f)) return *f;
    return codec->sample_fmts ? AV_SAMPLE_FMT_NONE : AV_SAMPLE_FMT_S16;
}

static int rate_of(const AVCodec *codec, int wanted)
{
    const int *rates = codec->supported_samplerates;
    for (const int *r = rates; r && *r; r++)
        if (*r == wanted) return wanted;
    return rates && *rates ? *rates : wanted > 0 ? wanted : usual_rate;
}

static bool try_codec(vt__beep *beep, const AVFormatContext *to, const AVCodecParameters *from, enum AVCodecID id)
{
    const AVCodec *codec = avcodec_find_encoder(id);
    if (!codec || avformat_query_codec(to->oformat, id, FF_COMPLIANCE_NORMAL) != 1 || format_of(codec) == AV_SAMPLE_FMT_NONE) return false;
    beep->encoder = avcodec_alloc_context3(codec);
    if (!beep->encoder) return false;
    AVCodecContext *e = beep->encoder;
    e->sample_fmt = format_of(codec);
    e->sample_rate = rate_of(codec, from->sample_rate);
    e->time_base = (AVRational){ 1, e->sample_rate };
    e->bit_rate = 64000;
    av_channel_layout_default(&e->ch_layout, from->ch_layout.nb_channels > 1 ? 2 : 1);
    if (to->oformat->flags & AVFMT_GLOBALHEADER) e->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (avcodec_open2(e, codec, NULL) >= 0) return true;
    avcodec_free_context(&beep->encoder);
    return false;
}

vt_status vt__beep_open(vt__beep *out, AVFormatContext *to, const AVStream *from, vt_error *err)
{
    *out = (vt__beep){ 0 };
    if (!try_codec(out, to, from->codecpar, from->codecpar->codec_id) && !try_codec(out, to, from->codecpar, to->oformat->audio_codec))
        return vt__fail(err, VT_EUNSUPPORTED, "no tone can be written in this kind of file; drop the sound, or name an .mkv file");
    AVCodecContext *e = out->encoder;
    out->stream = avformat_new_stream(to, NULL);
    out->frame = av_frame_alloc();
    out->packet = av_packet_alloc();
    if (!out->stream || !out->frame || !out->packet) return vt__fail_memory(err, sizeof *out->frame);
    out->frame->format = e->sample_fmt;
    out->frame->sample_rate = e->sample_rate;
    out->frame->nb_samples = e->frame_size > 0 ? e->frame_size : usual_samples;
    bool good = av_channel_layout_copy(&out->frame->ch_layout, &e->ch_layout) >= 0 && av_frame_get_buffer(out->frame, 0) >= 0 &&
                avcodec_parameters_from_context(out->stream->codecpar, e) >= 0;
    out->stream->time_base = e->time_base;
    out->stream->disposition = from->disposition;
    return good ? VT_OK : vt__fail_memory(err, (size_t)out->frame->nb_samples);
}

void vt__beep_close(vt__beep *beep)
{
    avcodec_free_context(&beep->encoder);
    av_frame_free(&beep->frame);
    av_packet_free(&beep->packet);
    *beep = (vt__beep){ 0 };
}

static void set_sample(uint8_t *data, int place, enum AVSampleFormat packed, double value)
{
    if (packed == AV_SAMPLE_FMT_FLT) ((float *)(void *)data)[place] = (float)value;
    else if (packed == AV_SAMPLE_FMT_S16) ((int16_t *)(void *)data)[place] = (int16_t)lrint(value * INT16_MAX);
    else ((int32_t *)(void *)data)[place] = (int32_t)lrint(value * INT32_MAX);
}

static void fill(const vt__beep *beep)
{
    const AVFrame *f = beep->frame;
    enum AVSampleFormat packed = av_get_packed_sample_fmt(f->format);
    int channels = f->ch_layout.nb_channels;
    bool planar = av_sample_fmt_is_planar(f->format);
    for (int i = 0; i < f->nb_samples; i++) {
        double turns = fmod((double)(beep->samples + i) * tone_hz / f->sample_rate, 1);
        for (int c = 0; c < channels; c++) set_sample(f->data[planar ? c : 0], planar ? i : i * channels + c, packed, loudness * sin(2 * M_PI * turns));
    }
}

static vt_status write_packets(vt__beep *beep, AVFormatContext *to, vt_error *err)
{
    for (;;) {
        int code = avcodec_receive_packet(beep->encoder, beep->packet);
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return VT_OK;
        if (code < 0) return vt__fail_av(err, VT_EIO, code, "encoding the tone");
        beep->packet->stream_index = beep->stream->index;
        av_packet_rescale_ts(beep->packet, beep->encoder->time_base, beep->stream->time_base);
        code = av_interleaved_write_frame(to, beep->packet);
        if (code < 0) return vt__fail_av(err, VT_EIO, code, "writing the tone");
    }
}

vt_status vt__beep_until(vt__beep *beep, AVFormatContext *to, const AVStream *from, const AVPacket *packet, vt_error *err)
{
    if (packet->pts == AV_NOPTS_VALUE) return VT_OK;
    int64_t end = av_rescale_q(packet->pts + packet->duration, from->time_base, beep->encoder->time_base);
    if (!beep->begun) beep->start = av_rescale_q(packet->pts, from->time_base, beep->encoder->time_base);
    beep->begun = true;
    vt_status status = VT_OK;
    while (!status && beep->start + beep->samples < end) {
        if (av_frame_make_writable(beep->frame) < 0) return vt__fail_memory(err, (size_t)beep->frame->nb_samples);
        fill(beep);
        beep->frame->pts = beep->start + beep->samples;
        int code = avcodec_send_frame(beep->encoder, beep->frame);
        if (code < 0) return vt__fail_av(err, VT_EIO, code, "encoding the tone");
        beep->samples += beep->frame->nb_samples;
        status = write_packets(beep, to, err);
    }
    return status;
}

vt_status vt__beep_finish(vt__beep *beep, AVFormatContext *to, vt_error *err)
{
    int code = avcodec_send_frame(beep->encoder, NULL);
    return code < 0 ? vt__fail_av(err, VT_EIO, code, "encoding the tone") : write_packets(beep, to, err);
}
