/* The tracks of an archive, grouped by person: who is seen at one time in one video is no one person, whatever the templates say. */
#ifndef VT_VIDEO_ARCHIVE_PEOPLE_H
#define VT_VIDEO_ARCHIVE_PEOPLE_H

#include <vultus/archive.h>

typedef struct vt__person_track {
    const vt_archive_video *video;
    const vt_archive_track *track;
    uint32_t group; /* VT_GROUP_MESSY: like no other */
} vt__person_track;

typedef struct vt__archive_people {
    vt_archive_video *videos;
    size_t video_count;
    vt__person_track *tracks; /* by group, then by quality of the best shot, highest first */
    size_t count;
    uint32_t groups; /* from 0, largest first */
} vt__archive_people;

/* By average linkage (vt_group) at VT_IDENTICAL_CONFIDENCE; a group with tracks of one time is then parted: each of its tracks, best shot
 * first, joins the part that it is most like among those without a track of its time. VT_ECONFLICT: a video was indexed with another
 * pack; else as vt_archive_video_read and vt_group. Free with vt__archive_people_free in every case. */
vt_status vt__archive_people_find(vt__archive_people *out, vt_archive *archive, const vt_engine *engine, vt_error *err);
void vt__archive_people_free(vt__archive_people *people);

#endif
