/* Detection with face ids, verification, identification, find similar, grouping. */
#ifndef VT_SERVICE_RECOGNITION_H
#define VT_SERVICE_RECOGNITION_H

#include "service/collection.h"

enum {
    VT__FACE_ID_TTL_MIN_S = 60,
    VT__FACE_ID_TTL_MAX_S = 86400,
    VT__IDENTIFY_FACES_MAX = 10,
    VT__IDENTIFY_CANDIDATES_MAX = 100,
    VT__IDENTIFY_PERSONS_MAX = 30,
    VT__SIMILAR_MAX = 1000,
    VT__GROUP_MAX = 1000
};

typedef struct vt__detect_request {
    const void *image; /* encoded, borrowed */
    size_t image_bytes;
    uint32_t want;                 /* vt_want bits */
    bool face_id;                  /* make templates and ids: a recognition operation */
    const char *recognition_model; /* label kept with the id, e.g. "recognition_04" */
    int ttl_s;                     /* 60..86400; 0 = 86400 */
    size_t max_faces;              /* 0 = 100 */
} vt__detect_request;

typedef struct vt__detected {
    vt_faces faces; /* largest first */
    char (*face_ids)[VT__UUID_TEXT_BYTES]; /* one a face; NULL unless asked for */
} vt__detected;
void vt__detected_free(vt__detected *detected);

vt__code vt__service_detect(vt__detected *out, vt__service *service, const vt__caller *caller, vt_session *session,
                            const vt__detect_request *request, vt_error *err);

/* A face id from a template made elsewhere. */
vt__code vt__face_id_make(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                          const vt_template *value, const char *recognition_model, int ttl_s, vt_error *err);

typedef struct vt__verified {
    bool identical;   /* confidence >= 0.5 */
    float confidence; /* 0..1 */
} vt__verified;
vt__code vt__service_verify_faces(vt__verified *out, vt__service *service, const vt__caller *caller,
                                  const char *face_id_1, const char *face_id_2, vt_error *err);
/* Against the best of the person's faces; `which` is a person group, large person group or the directory. */
vt__code vt__service_verify_person(vt__verified *out, vt__service *service, const vt__caller *caller,
                                   const char *face_id, vt__collection_id which, const char *person_id, vt_error *err);

typedef struct vt__candidate {
    char id[VT__UUID_TEXT_BYTES]; /* person, persisted face or face id */
    float confidence;
} vt__candidate;

/* What an identification comes to, where it is asked for or the collection is under oversight (oversight.h). */
typedef enum vt__decision { VT__DECISION_NONE = 0, VT__DECISION_MATCH, VT__DECISION_UNKNOWN, VT__DECISION_NEEDS_REVIEW } vt__decision;

typedef struct vt__candidates {
    vt__candidate *items; /* falling confidence, ties by id; none while a review is pending */
    size_t count;
    vt__decision decision;
    bool ambiguous;       /* the first two are too close to each other */
    float threshold;      /* confidence from which a match stands by itself */
    char review_id[VT__UUID_TEXT_BYTES]; /* of NEEDS_REVIEW */
} vt__candidates;

typedef struct vt__identify_request {
    const char *const *face_ids; /* 1..10 */
    size_t face_count;
    vt__collection_id scope;       /* person groups, dynamic group, or the directory */
    const char *const *person_ids; /* with the directory: 1..30, or NULL for everybody ("*") */
    size_t person_count;
    size_t max_candidates; /* 1..100 */
    float threshold;       /* 0..1; negative = 0.5 */
    double target_fpir;    /* above 0: raises the threshold so that strangers are named at most at this rate (0..0.5) */
    bool explain;          /* decide and flag also where the collection is not under oversight */
} vt__identify_request;

/* out: array of face_count results in the order asked; vt__identified_free(out, face_count). */
vt__code vt__service_identify(vt__candidates **out, vt__service *service, const vt__caller *caller,
                              const vt__identify_request *request, vt_error *err);
void vt__identified_free(vt__candidates *results, size_t count);

typedef struct vt__similar_request {
    const char *face_id;
    const char *const *face_ids; /* 1..1000, or NULL: search `list` */
    size_t face_count;
    vt__collection_id list; /* face list or large face list */
    size_t max_candidates;  /* 1..1000 */
    bool match_face;        /* rank all; else only the same person (confidence >= 0.5) */
} vt__similar_request;
/* out->items is freed with vt__free. */
vt__code vt__service_similar(vt__candidates *out, vt__service *service, const vt__caller *caller,
                             const vt__similar_request *request, vt_error *err);

typedef struct vt__grouping {
    uint32_t *group_of;  /* one a face asked for: 0.. by falling size, or VT_GROUP_MESSY; vt__free it */
    uint32_t group_count;
} vt__grouping;
vt__code vt__service_group(vt__grouping *out, vt__service *service, const vt__caller *caller,
                           const char *const *face_ids, size_t count, vt_error *err);

#endif
