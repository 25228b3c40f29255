/* Kinds of record in the store, all of them. */
#ifndef VT_SERVICE_RECORD_KINDS_H
#define VT_SERVICE_RECORD_KINDS_H

/* On disk: never renumber, never give a number twice. Collections take VT__RECORD_COLLECTION + vt__kind. */
enum {
    VT__RECORD_COLLECTION = 1,
    VT__RECORD_PERSON = 10,
    VT__RECORD_FACE = 11,
    VT__RECORD_FACE_ID = 12,
    VT__RECORD_MEMBER = 13,    /* in a dynamic group's scope, id = person */
    VT__RECORD_REFERENCE = 14, /* in the directory, owner = person, id = "person/group" */
    VT__RECORD_TRAINING = 15,
    VT__RECORD_OPERATION = 16,
    VT__RECORD_API_KEY = 17,
    VT__RECORD_POLICY = 18,
    VT__RECORD_SIGNING = 19,
    VT__RECORD_HOLD = 20,     /* owner = id = what is held */
    VT__RECORD_RETENTION = 21, /* id = what it is about */
    VT__RECORD_INDEX_KEY = 22, /* of the scope's index files */
    VT__RECORD_CONSENT = 23,   /* in the person's collection, owner = id = person */
    VT__RECORD_OVERSIGHT = 24, /* a setting of a collection */
    VT__RECORD_REVIEW = 25,    /* in its collection, owner = id */
    VT__RECORD_GUARD = 26,     /* a setting of a tenant */
    VT__RECORD_TENANT = 27,
    VT__RECORD_GUARD_COUNTS = 28, /* of all tenants, so that a restart resets none */
    VT__RECORD_LIVENESS = 30,
    VT__RECORD_LIVENESS_IMAGE = 31,
    VT__RECORD_LIVENESS_SEEN = 32,
    VT__RECORD_LIVENESS_DEVICE = 33,
    VT__RECORD_LIVENESS_SETTING = 34,
    VT__RECORD_LIVENESS_LINK = 35,
    VT__RECORD_JOB = 40,     /* owner = id */
    VT__RECORD_ARCHIVE = 41, /* of videos; owner = id = its name */
};

#endif
