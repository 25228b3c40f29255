/* The faces of a collection sorted by person, whatever person they are enrolled for: finds who is enrolled twice, and faces
 * under the wrong name; or, in a face list, who is on many pictures. */
#ifndef VT_SERVICE_FACE_GROUPS_H
#define VT_SERVICE_FACE_GROUPS_H

#include "service/collection.h"

typedef struct vt__grouped_face {
    char id[VT__UUID_TEXT_BYTES], person_id[VT__UUID_TEXT_BYTES]; /* person "" in face lists */
    uint32_t group; /* 0.. by falling size, VT_GROUP_MESSY for faces that are like no other */
} vt__grouped_face;

typedef struct vt__face_groups {
    vt__grouped_face *faces; /* by group, then id; vt__free it */
    size_t face_count;
    uint32_t group_count;
} vt__face_groups;

/* `confidence` is the mean from which faces count as one person's. Persons whose consent has ended are left out, and in the
 * directory faces of another model than the first. Looks at all faces: seconds for 100,000. QUOTA_EXCEEDED beyond VT_GROUPING_MAX. */
vt__code vt__collection_group(vt__face_groups *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                              float confidence, vt_error *err);

#endif
