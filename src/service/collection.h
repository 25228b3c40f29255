/* Collections of faces and persons: face lists, person groups, the person directory, dynamic groups. */
#ifndef VT_SERVICE_COLLECTION_H
#define VT_SERVICE_COLLECTION_H

#include "service/service.h"

typedef enum vt__kind {
    VT__KIND_FACE_LIST = 0,
    VT__KIND_LARGE_FACE_LIST,
    VT__KIND_PERSON_GROUP,
    VT__KIND_LARGE_PERSON_GROUP,
    VT__KIND_DIRECTORY, /* one a tenant, id "", always there */
    VT__KIND_DYNAMIC_GROUP,
    VT__KIND_COUNT
} vt__kind;

/* What a kind holds and how much: the wire's limits in one table. */
typedef struct vt__kind_rules {
    const char *word;        /* "person group" */
    bool holds_persons;      /* else faces directly */
    bool trained;            /* searched only after training */
    uint64_t max_collections; /* a tenant */
    uint64_t max_members;    /* persons, or faces of a list */
    uint64_t max_faces_per_person;
} vt__kind_rules;
const vt__kind_rules *vt__kind_get_rules(vt__kind kind);

enum {
    VT__NAME_MAX_BYTES = 128 * 4, /* 128 characters */
    VT__NAME_MAX_CHARACTERS = 128,
    VT__USER_DATA_MAX_CHARACTERS = 16384,
    VT__FACE_USER_DATA_MAX_CHARACTERS = 1024,
    VT__LIST_TOP_MAX = 1000
};

typedef struct vt__collection_id {
    vt__kind kind;
    const char *id; /* "" for the directory */
} vt__collection_id;

/* Names and user data of anything. NULL user_data = none. */
typedef struct vt__item {
    char id[VT__COLLECTION_ID_MAX + 1]; /* collection, person, face or operation id */
    char *name;                         /* NULL for faces */
    char *user_data;                    /* NULL when unset */
    char recognition_model[16];         /* collections; faces of the directory; else "" */
    int64_t created_ms;
    char (*face_ids)[VT__UUID_TEXT_BYTES]; /* persons of groups: their persisted faces, ascending */
    size_t face_count;
} vt__item;

typedef struct vt__items {
    vt__item *items; /* ascending by id */
    size_t count;
} vt__items;
void vt__item_free(vt__item *item);
void vt__items_free(vt__items *items);

/* What to list: ids greater than `start` ("" = from the first), at most `top` (0 = 1,000). */
typedef struct vt__page {
    const char *start;
    size_t top;
} vt__page;

/* ---- collections (all kinds but the directory) ---- */
vt__code vt__collection_create(vt__service *service, const vt__caller *caller, vt__collection_id which,
                               const char *name, const char *user_data, const char *recognition_model, vt_error *err);
vt__code vt__collection_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                            vt_error *err);
/* A NULL name or user_data stays as it is; both NULL is NOTHING_TO_CHANGE. */
vt__code vt__collection_update(vt__service *service, const vt__caller *caller, vt__collection_id which,
                               const char *name, const char *user_data, vt_error *err);
vt__code vt__collection_delete(vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err);
vt__code vt__collection_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__kind kind,
                             vt__page page, vt_error *err);

/* ---- persons (groups and directory) ---- */
vt__code vt__person_create(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                           vt__collection_id which, const char *name, const char *user_data, vt_error *err);
vt__code vt__person_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                        const char *person_id, vt_error *err);
vt__code vt__person_update(vt__service *service, const vt__caller *caller, vt__collection_id which,
                           const char *person_id, const char *name, const char *user_data, vt_error *err);
/* Destroys the person's data key: templates, name and user data are gone with it. */
vt__code vt__person_delete(vt__service *service, const vt__caller *caller, vt__collection_id which,
                           const char *person_id, vt_error *err);
vt__code vt__person_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                         vt__page page, vt_error *err);

/* ---- persisted faces ---- */
typedef struct vt__face_place {
    vt__collection_id collection;
    const char *person_id;         /* NULL for lists */
    const char *recognition_model; /* directory only, else NULL */
} vt__face_place;

typedef struct vt__add_face_options {
    const char *user_data;     /* may be NULL */
    const vt_box *target_face; /* NULL: the picture must hold exactly one face */
} vt__add_face_options;

/* Template of the picture's face, sealed; the picture itself is never kept. */
vt__code vt__face_add(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                      vt_session *session, vt__face_place place, const void *image, size_t image_bytes,
                      const vt__add_face_options *options, vt_error *err);
/* The same with a template made elsewhere (import, tests). */
vt__code vt__face_add_template(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                               vt__face_place place, const vt_template *value, const char *user_data, vt_error *err);
vt__code vt__face_get(vt__item *out, vt__service *service, const vt__caller *caller, vt__face_place place,
                      const char *face_id, vt_error *err);
vt__code vt__face_update(vt__service *service, const vt__caller *caller, vt__face_place place, const char *face_id,
                         const char *user_data, vt_error *err);
vt__code vt__face_delete(vt__service *service, const vt__caller *caller, vt__face_place place, const char *face_id,
                         vt_error *err);
/* Faces of a list, or of a person when place.person_id is set. */
vt__code vt__face_list(vt__items *out, vt__service *service, const vt__caller *caller, vt__face_place place,
                       vt__page page, vt_error *err);

/* ---- training and operations: the same states ---- */
typedef enum vt__state { VT__NOT_STARTED = 0, VT__RUNNING, VT__SUCCEEDED, VT__FAILED } vt__state;

typedef struct vt__training {
    vt__state status;
    int64_t created_ms;
    int64_t last_action_ms;
    int64_t last_success_ms; /* 0 = none yet */
    char message[128];       /* failure text or "" */
} vt__training;
vt__code vt__collection_train(vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err);
vt__code vt__training_get(vt__training *out, vt__service *service, const vt__caller *caller, vt__collection_id which,
                          vt_error *err);

typedef struct vt__operation {
    char id[VT__UUID_TEXT_BYTES];
    vt__state status;
    int64_t created_ms;
    int64_t last_action_ms;
    int64_t finished_ms;  /* 0 = not yet */
    char resource[160];   /* path below the version ("/persons/ID"), or "" */
} vt__operation;
/* Records an operation that is done already (writes here are immediate); kept 48 hours. resource may be NULL. */
vt__code vt__operation_record(char out_id[VT__UUID_TEXT_BYTES], vt__service *service, const vt__caller *caller,
                              const char *resource, vt_error *err);
vt__code vt__operation_get(vt__operation *out, vt__service *service, const vt__caller *caller, const char *id,
                           vt_error *err);

/* ---- dynamic groups: members are persons of the directory ---- */
vt__code vt__members_change(vt__service *service, const vt__caller *caller, const char *group_id,
                            const char *const *add, size_t add_count, const char *const *remove, size_t remove_count,
                            vt_error *err);
vt__code vt__members_list(vt__items *out, vt__service *service, const vt__caller *caller, const char *group_id,
                          vt__page page, vt_error *err);
/* The dynamic groups that a person of the directory is in. */
vt__code vt__references_list(vt__items *out, vt__service *service, const vt__caller *caller, const char *person_id,
                             vt__page page, vt_error *err);

#endif
