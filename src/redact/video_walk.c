#include "redact/video_walk.h"

#include "base/error.h"
#include "base/memory.h"

struct vt__walk {
    const vt__plan *plan;
    vt_box *boxes;
};

vt_status vt__walk_open(vt__walk **out, const vt__plan *plan, vt_error *err)
{
    vt__walk *walk = *out = vt__calloc(1, sizeof *walk);
    if (walk) walk->boxes = vt__calloc(plan->tracks.count + 1, sizeof *walk->boxes);
    if (walk && walk->boxes) {
        walk->plan = plan;
        return VT_OK;
    }
    vt__free(walk);
    *out = NULL;
    return vt__fail_memory(err, plan->tracks.count * sizeof *walk->boxes);
}

void vt__walk_close(vt__walk *walk)
{
    if (walk) vt__free(walk->boxes);
    vt__free(walk);
}

vt_status vt__walk_to(const vt_box **boxes, size_t *count, vt__walk *walk, int64_t frame, vt_error *err)
{
    (void)err;
    *count = 0;
    *boxes = walk->boxes;
    for (size_t i = 0; i < walk->plan->tracks.count; i++) {
        const vt_track *track = &walk->plan->tracks.items[i];
        int64_t place = frame - track->sightings[0].frame;
        if (walk->plan->hidden[i] && place >= 0 && place < (int64_t)track->count) walk->boxes[(*count)++] = track->sightings[place].box;
    }
    return VT_OK;
}
