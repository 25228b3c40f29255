/* What is to be hidden in a video: made by the first pass or read from a manifest, rendered by the second. */
#ifndef VT_REDACT_VIDEO_PLAN_H
#define VT_REDACT_VIDEO_PLAN_H

#include <vultus/redact_video.h>

#include "redact/video_boxes.h"

typedef struct vt__plan {
    vt_tracks tracks;  /* without their sightings; of id 1, 2, 3... */
    vt__boxes *boxes;  /* the sightings, by id */
    bool *hidden;      /* a track */
    float *confidence; /* a track: that it is one of the people given; -1 = not asked */
    int64_t frames;
    vt_size size;
    char source_digest[65]; /* hex SHA-256 of the file */
    char pack_digest[129];
    vt_redact_options masks; /* settled */
    float min_face_px, min_score;
    vt_redact_whom whom;
} vt__plan;

void vt__plan_free(vt__plan *plan);

/* Room for one flag and one confidence a track. */
vt_status vt__plan_mark(vt__plan *plan, vt_error *err);

/* First pass: what is in the video. */
vt_status vt__plan_make(vt__plan *out, const char *from, const vt_engine *engine, vt_session *session,
                        const vt_redact_video_options *options, vt_error *err);

/* Second pass: the video rewritten. */
vt_status vt__plan_render(char *encoder, const char *to, const char *from, const vt__plan *plan, const vt_redact_video_options *options,
                          vt_error *err);

vt_status vt__manifest_write(const char *path, const vt__plan *plan, vt_error *err);
vt_status vt__manifest_read(vt__plan *out, const char *path, vt_error *err);
/* The same to and from bytes that the caller has. */
vt_status vt__manifest_write_to(const vt_video_bytes *to, const vt__plan *plan, vt_error *err);
vt_status vt__manifest_read_from(vt__plan *out, const vt_video_bytes *from, vt_error *err);
/* From memory. */
vt_status vt__manifest_parse(vt__plan *out, const void *text, size_t size_bytes, vt_error *err);

/* One picture a track with its doubtful moments, as HTML; reads the video once more. */
vt_status vt__review_write(const char *path, const char *from, const vt__plan *plan, const vt_redact_video_options *options, vt_error *err);

#endif
