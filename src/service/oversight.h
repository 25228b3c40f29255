/* Human oversight of identification, set for a collection: which answers stand by themselves, which a person decides
 * (review.h), and the threshold by the wanted false positive rate and the size of the gallery. */
#ifndef VT_SERVICE_OVERSIGHT_H
#define VT_SERVICE_OVERSIGHT_H

#include "base/json.h"
#include "service/recognition.h"

typedef struct vt__oversight {
    bool set;            /* false: as without oversight */
    bool review;         /* matches between the thresholds go to a reviewer */
    float accept;        /* confidence from which a match stands by itself */
    float review_from;   /* confidence from which a reviewer is asked */
    float margin;        /* two candidates whose confidences differ by less are ambiguous */
    double target_fpir;  /* 0: none */
} vt__oversight;

/* Members: "review" (0 or 1), "acceptThreshold", "reviewThreshold", "ambiguousMargin", "targetFpir". COLLECTION_NOT_FOUND.
 * Setting needs the admin scope, reading manage. */
vt__code vt__oversight_set(vt__service *service, const vt__caller *caller, vt__collection_id which, const vt__json *given, vt_error *err);
vt__code vt__oversight_get(vt__json **out, vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err);

/* "pg/staff" as vt__scope_text writes it; false when it is none. `id` takes the text behind the slash. */
bool vt__oversight_collection(vt__collection_id *out, const char *text);

vt__code vt__oversight_find(vt__oversight *out, vt__service *service, const char *tenant, vt__collection_id which, vt_error *err);

/* The confidence that a gallery of `faces` needs so that somebody who is not in it is named with at most `fpir`: a confidence c
 * stands for a false match rate of 10^(-10c), and (1 - rate)^faces = 1 - fpir. 0 to 1. */
float vt__oversight_threshold(double fpir, size_t faces);

/* Judges what a search from the lower threshold found: sets decision, ambiguous and threshold, and takes out the candidates
 * that are not answered. */
void vt__oversight_judge(vt__candidates *found, const vt__oversight *rule, float accept, size_t max_candidates);

#endif
