/* The boxes of a video's tracks, put by in pieces: a long video has more of them than memory should hold. */
#ifndef VT_REDACT_VIDEO_BOXES_H
#define VT_REDACT_VIDEO_BOXES_H

#include <vultus/video.h>

enum { VT__PIECE_MOST = 256 };

/* Some sightings of a track, a frame each without a gap. */
typedef struct vt__piece {
    uint32_t track;
    uint32_t count; /* at most VT__PIECE_MOST */
    int64_t first;  /* frame */
    uint64_t at;    /* where they are put by */
} vt__piece;

typedef struct vt__boxes vt__boxes;

/* VT_ENOMEM. Free with vt__boxes_close, which allows NULL. */
vt_status vt__boxes_open(vt__boxes **out, vt_error *err);
void vt__boxes_close(vt__boxes *boxes);

/* Adds sightings without a gap, from frame sightings[0].frame on. VT_ENOMEM, VT_EIO. */
vt_status vt__boxes_add(vt__boxes *boxes, uint32_t track, const vt_sighting *sightings, size_t count, vt_error *err);

/* Every piece added so far, and those of one track: by track and frame once vt__boxes_settle was called. */
const vt__piece *vt__boxes_all(size_t *count, const vt__boxes *boxes);
const vt__piece *vt__boxes_of(size_t *count, const vt__boxes *boxes, uint32_t track);

/* Moves the pieces from place `from` on by so many frames. */
void vt__boxes_shift(vt__boxes *boxes, size_t from, int64_t frames);

/* Gives tracks their lasting numbers (0: the track is dropped) and orders the pieces. `number_of` may be NULL. */
void vt__boxes_settle(vt__boxes *boxes, uint32_t (*number_of)(const void *context, uint32_t track), const void *context);

/* The sightings of a piece, piece->count of them. VT_EIO. */
vt_status vt__boxes_read(vt_sighting *out, const vt__boxes *boxes, const vt__piece *piece, vt_error *err);

#endif
