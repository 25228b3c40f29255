/* A subject's tracks in the archives of videos: nobody's by an id, so found by the subject's templates, and taken out. */
#ifndef VT_SERVICE_SUBJECT_ARCHIVES_H
#define VT_SERVICE_SUBJECT_ARCHIVES_H

#include "base/json.h"
#include "service/state.h"

/* In every archive of the tenant, by the templates among `held`, at the confidence of a hit (VT_IDENTICAL_CONFIDENCE).
 * *list: [{"archive", "tracks", "videosOfOtherPacks"}], or {"archive", "compared": false} where no recognizer is at work.
 * May be done again. */
vt__code vt__subject_leave_archives(vt__json **list, vt__service *service, const char *tenant, const vt__records *held, size_t held_count,
                                    vt_error *err);

#endif
