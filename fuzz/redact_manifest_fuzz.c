/* A redaction manifest, as a person may have edited it. */
#include <math.h>
#include <stdlib.h>

#include "redact/video_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_track(const vt_track *track, int64_t frames)
{
    if (!track->count || track->sightings[0].frame < 0 || track->sightings[track->count - 1].frame >= frames) abort();
    for (size_t i = 0; i < track->count; i++) {
        const vt_box *box = &track->sightings[i].box;
        if (!isfinite(box->left + box->top) || !(box->width > 0) || !(box->height > 0)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vt__plan plan;
    vt_error err;
    if (vt__manifest_parse(&plan, data, size, &err)) return 0;
    for (size_t i = 0; i < plan.tracks.count; i++) check_track(&plan.tracks.items[i], plan.frames);
    vt__plan_free(&plan);
    return 0;
}
