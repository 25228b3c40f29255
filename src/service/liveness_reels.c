#include "service/liveness_reels.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "service/face_record.h"

typedef struct reel {
    char session_id[VT__UUID_TEXT_BYTES]; /* "": free */
    uint32_t attempt;
    int64_t until_ms;
    vt__liveness_evidence *evidence;
} reel;

struct vt__reels {
    pthread_mutex_t lock;
    reel items[VT__REELS_MAX];
};

vt__reels *vt__reels_open(void)
{
    vt__reels *reels = vt__calloc(1, sizeof *reels);
    if (reels) pthread_mutex_init(&reels->lock, NULL);
    return reels;
}

static void clear(reel *r)
{
    vt__evidence_close(r->evidence);
    memset(r, 0, sizeof *r);
}

void vt__reels_close(vt__reels *reels)
{
    if (!reels) return;
    for (int i = 0; i < VT__REELS_MAX; i++) clear(&reels->items[i]);
    pthread_mutex_destroy(&reels->lock);
    vt__free(reels);
}

/* With the lock held; "" finds a free one. */
static reel *find(vt__reels *reels, const char *session_id)
{
    for (int i = 0; i < VT__REELS_MAX; i++)
        if (strcmp(reels->items[i].session_id, session_id) == 0) return &reels->items[i];
    return NULL;
}

vt__liveness_evidence *vt__reels_take(vt__reels *reels, const char *session_id, uint32_t attempt)
{
    vt__liveness_evidence *evidence = NULL;
    pthread_mutex_lock(&reels->lock);
    reel *r = find(reels, session_id);
    if (r && r->attempt == attempt) {
        evidence = r->evidence;
        r->evidence = NULL;
    }
    if (r) clear(r);
    pthread_mutex_unlock(&reels->lock);
    return evidence;
}

bool vt__reels_put(vt__reels *reels, const char *session_id, uint32_t attempt, vt__liveness_evidence *evidence, int64_t now_ms)
{
    vt__reels_sweep(reels, now_ms);
    pthread_mutex_lock(&reels->lock);
    reel *r = find(reels, session_id);
    if (r) clear(r);
    else r = find(reels, "");
    if (r) {
        vt__copy_text(r->session_id, sizeof r->session_id, session_id);
        r->attempt = attempt;
        r->until_ms = now_ms + VT__REEL_KEPT_MS;
        r->evidence = evidence;
    }
    pthread_mutex_unlock(&reels->lock);
    if (!r) vt__evidence_close(evidence);
    return r != NULL;
}

void vt__reels_drop(vt__reels *reels, const char *session_id)
{
    pthread_mutex_lock(&reels->lock);
    reel *r = find(reels, session_id);
    if (r) clear(r);
    pthread_mutex_unlock(&reels->lock);
}

void vt__reels_sweep(vt__reels *reels, int64_t now_ms)
{
    pthread_mutex_lock(&reels->lock);
    for (int i = 0; i < VT__REELS_MAX; i++)
        if (reels->items[i].evidence && reels->items[i].until_ms <= now_ms) clear(&reels->items[i]);
    pthread_mutex_unlock(&reels->lock);
}
