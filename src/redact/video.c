#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vultus/redact_video.h>

#include "base/crypto.h"
#include "base/error.h"
#include "redact/video_plan.h"
#include "video/bytes_io.h"

static void report_of(vt_redact_video_report *out, const vt__plan *plan, const char *encoder)
{
    if (!out) return;
    *out = (vt_redact_video_report){ .frames = plan->frames, .tracks = plan->tracks.count };
    for (size_t i = 0; i < plan->tracks.count; i++) out->hidden_tracks += plan->hidden[i];
    snprintf(out->encoder, sizeof out->encoder, "%s", encoder);
}

/* The video comes last, so that one that is there has its manifest and review sheet beside it. */
static vt_status write_all(char *encoder, const char *to, const char *from, const vt__plan *plan, const vt_redact_video_options *options, vt_error *err)
{
    vt_status status = VT_OK;
    if (options->manifest_path) status = vt__manifest_write(options->manifest_path, plan, err);
    if (!status && options->review_path) status = vt__review_write(options->review_path, from, plan, options, err);
    if (!status) status = vt__plan_render(encoder, to, from, plan, options, err);
    if (status && options->manifest_path) unlink(options->manifest_path);
    if (status && options->review_path) unlink(options->review_path);
    return status;
}

static vt_status check_source(const vt__plan *plan, const char *from, const vt_video_bytes *bytes, vt_error *err)
{
    uint8_t digest[VT__SHA256_BYTES];
    char text[2 * VT__SHA256_BYTES + 1];
    vt_status status = vt__bytes_digest(digest, from, bytes, err);
    if (status) return status;
    vt__hex_encode(text, digest, sizeof digest);
    return strcmp(text, plan->source_digest) ? vt__fail(err, VT_EINTEGRITY, "%s: the manifest was made of another video", from) : VT_OK;
}

/* What an earlier run found, where it can be gone on with. */
static bool take_up(vt__plan *out, const char *from, const vt_engine *engine, const vt_redact_video_options *options)
{
    vt_error ignored;
    if (!options->plan_in || vt__manifest_read_from(out, options->plan_in, &ignored)) return false;
    bool same = !strcmp(out->pack_digest, vt_engine_digest(engine)) && !check_source(out, from, options->video.bytes, &ignored);
    out->masks.image = options->masks.image;
    if (!same) vt__plan_free(out);
    return same;
}

/* By the first pass, unless an earlier run made it. */
static vt_status find_plan(vt__plan *out, const char *from, const vt_engine *engine, vt_session *session, const vt_redact_video_options *options,
                           vt_error *err)
{
    if (take_up(out, from, engine, options)) return VT_OK;
    vt_status status = vt__plan_make(out, from, engine, session, options, err);
    if (status || !options->plan_out) return status;
    status = vt__manifest_write_to(options->plan_out, out, err);
    if (!status && options->on_planned && !options->on_planned(options->payload)) status = vt__fail(err, VT_EIO, "what was found cannot be kept");
    if (status) vt__plan_free(out);
    return status;
}

vt_status vt_redact_video(vt_redact_video_report *out, const char *to, const char *from, const vt_engine *engine, vt_session *session,
                          const vt_redact_video_options *options, vt_error *err)
{
    static const vt_redact_video_options defaults = VT_REDACT_VIDEO_OPTIONS_INIT;
    if (!options) options = &defaults;
    vt__plan plan;
    char encoder[64] = "";
    vt_status status = find_plan(&plan, from, engine, session, options, err);
    if (status) return status;
    status = write_all(encoder, to, from, &plan, options, err);
    if (!status) report_of(out, &plan, encoder);
    vt__plan_free(&plan);
    return status;
}

vt_status vt_redact_video_apply(vt_redact_video_report *out, const char *to, const char *from, const char *manifest_path,
                                const vt_redact_video_options *options, vt_error *err)
{
    static const vt_redact_video_options defaults = VT_REDACT_VIDEO_OPTIONS_INIT;
    vt__plan plan;
    char encoder[64] = "";
    vt_status status = vt__manifest_read(&plan, manifest_path, err);
    if (status) return status;
    if (!options) options = &defaults;
    plan.masks.image = options->masks.image;
    if (plan.masks.method == VT_REDACT_IMAGE && !plan.masks.image) status = vt__fail(err, VT_EINVAL, "the manifest wants masks of an image, and none is given");
    if (!status) status = check_source(&plan, from, options->video.bytes, err);
    if (!status) status = vt__plan_render(encoder, to, from, &plan, options, err);
    if (!status) report_of(out, &plan, encoder);
    vt__plan_free(&plan);
    return status;
}
