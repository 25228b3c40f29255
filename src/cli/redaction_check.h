/* A redacted video held against its source and against the faces that people marked on it. */
#ifndef VT_CLI_REDACTION_CHECK_H
#define VT_CLI_REDACTION_CHECK_H

#include "cli/engine_open.h"
#include "cli/marked_faces.h"
#include "redact/video_plan.h"

/* A place to be told of: a face not covered, or a mask taken for a face. */
typedef struct vt__noted {
    const char *video; /* borrowed from the marked video */
    int64_t frame;
    vt_box box;
    float value; /* share covered, or the detector's score */
    enum { VT__NOTED_MISS, VT__NOTED_UNSURE_MISS, VT__NOTED_FOUND } kind;
} vt__noted;

/* A face of a person who is known, as it was and as it is hidden. */
typedef struct vt__hidden_face {
    int64_t person;
    vt_template before, after;
} vt__hidden_face;

typedef struct vt__redaction_tally {
    size_t certain, certain_covered, unsure, unsure_covered; /* marked faces of 20 px and more */
    size_t frames_looked, found; /* marked frames looked at again; detections on masks */
    vt__noted *noted;
    size_t noted_count;
    vt__hidden_face *faces;
    size_t faces_count;
    double squared_error, samples; /* outside of the masks, default encoder */
    size_t changed;                /* samples outside of the masks that the lossless output has otherwise */
    int64_t frames;
} vt__redaction_tally;

typedef struct vt__redaction_paths {
    const char *source, *hidden, *exact; /* the video, redacted with the default encoder, and without loss */
} vt__redaction_paths;

/* Adds one video. Outside means farther than two pixels from a mask, as a sample of colour spans two pixels. The template
 * of a hidden face is made as the worst attacker would: with the landmarks that it had before it was hidden. */
vt_status vt__redaction_check(vt__redaction_tally *tally, const vt__work *work, const vt__redaction_paths *paths, const vt__plan *plan,
                              const vt__marked_video *marked, vt_error *err);
void vt__redaction_tally_free(vt__redaction_tally *tally);

#endif
