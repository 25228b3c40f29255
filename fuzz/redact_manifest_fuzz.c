/* A redaction manifest, as a person may have edited it. */
#include <math.h>
#include <stdlib.h>

#include "redact/video_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_piece(const vt__plan *plan, const vt__piece *piece)
{
    vt_sighting list[VT__PIECE_MOST];
    if (piece->track < 1 || piece->track > plan->tracks.count || !piece->count || piece->count > VT__PIECE_MOST) abort();
    if (piece->first < 0 || piece->first + (int64_t)piece->count > plan->frames) abort();
    if (vt__boxes_read(list, plan->boxes, piece, NULL)) abort();
    for (size_t i = 0; i < piece->count; i++) {
        const vt_box *box = &list[i].box;
        if (!isfinite(box->left + box->top) || !(box->width > 0) || !(box->height > 0)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vt__plan plan;
    vt_error err;
    if (vt__manifest_parse(&plan, data, size, &err)) return 0;
    size_t count;
    const vt__piece *pieces = vt__boxes_all(&count, plan.boxes);
    for (size_t i = 0; i < count; i++) check_piece(&plan, &pieces[i]);
    vt__plan_free(&plan);
    return 0;
}
