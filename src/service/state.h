/* What the files of this folder share. */
#ifndef VT_SERVICE_STATE_H
#define VT_SERVICE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "match/code.h"
#include "service/audit.h"
#include "service/collection.h"
#include "service/key_ring.h"
#include "service/policy.h"
#include "service/record_kinds.h"
#include "store/store.h"

#define VT__SCOPE_FACE_IDS "faceid"
#define VT__SCOPE_OPERATIONS "operation"
#define VT__SCOPE_KEYS "key"
#define VT__SCOPE_POLICIES "policy"
#define VT__SCOPE_HOLDS "hold"
#define VT__SCOPE_RETENTION "retention"
#define VT__SCOPE_TEXT_BYTES (VT__COLLECTION_ID_MAX + 8)

struct vt__consents;
struct vt__setting_cache;
struct vt__guard;
struct vt__galleries;
struct vt__reels;
struct vt__jobs;

struct vt__service {
    vt__store *store;
    char *data_folder, *key_folder;
    vt_engine *engine;
    vt__clock clock;
    vt__log *log;
    int64_t evaluation_until_ms; /* 0 = no evaluation use */
    vt__policies *policies;
    struct vt__consents *consents;
    struct vt__setting_cache *settings;
    struct vt__guard *guard;
    vt__key_ring *keys;
    pthread_mutex_t writing;     /* commit and apply to the gallery in one order */
    struct vt__galleries *galleries;
    bool search_by_float;  /* as in vt__service_options */
    float search_recall;
    struct vt__reels *reels; /* of running liveness attempts */
    struct vt__jobs *jobs;
    vt__axes axes; /* of the engine's recognizer; dimension 0 without one */
    float *axes_own;
    vt__signing signing;
    vt__audit *audit;
    pthread_t sweeper;
    bool sweeping;
    pthread_mutex_t sleep;
    pthread_cond_t wake;
    bool closing;
};

/* "pg/ID"; "dir" for the directory. */
void vt__scope_text(char out[VT__SCOPE_TEXT_BYTES], vt__collection_id which);
/* Whether a scope is one that vt__scope_text writes. */
bool vt__scope_is_collection(const char *scope);
bool vt__collection_id_valid(const char *id);
/* At most `limit` characters of UTF-8 (NULL counts as none). */
bool vt__text_fits(const char *text, size_t limit);

/* The collection's record (the directory has none and is VT__CODE_OK with an empty one). */
vt__code vt__collection_find(vt__records *out, vt__service *service, const char *tenant, vt__collection_id which,
                             vt_error *err);
/* Whether the person is there. */
vt__code vt__person_exists(vt__service *service, const char *tenant, vt__collection_id which, const char *person_id,
                           vt_error *err);
/* Revision up to which a collection's faces are searched: the trained one, or all for kinds without training. */
vt__code vt__trained_revision(uint64_t *out, vt__service *service, const char *tenant, vt__collection_id which,
                              vt_error *err);
/* Template of a picture's one face, or of the face in `target`. */
vt__code vt__template_of_image(vt_template *out, vt__service *service, vt_session *session, const void *image,
                               size_t image_bytes, const vt_box *target, vt_error *err);

#endif
