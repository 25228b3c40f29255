/* vultus bench policy: what key, policy, consent, guard and audit add to an identification. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "service/audit.h"
#include "service/consent.h"
#include "service/guard.h"

static const vt__option options[] = {
    { "data", "FOLDER", NULL, "an empty folder for the bench; remove it afterwards" },
    { "n", "N", "1000", "persons in the gallery; the fewer, the more the rest weighs" },
    { "rounds", "N", "200", "identifications by picture, and as many by face id" },
    { "evaluation", NULL, "1", "the use under which it runs" },
    { NULL, NULL, NULL, NULL },
};

typedef struct policy_bench {
    vt__gallery_work work;
    vt__detect_request detect;
    char key[VT__API_KEY_TEXT_BYTES];
    size_t persons, rounds;
    double picture_us, id_us, added_us; /* one identification from picture to answer, from a face id, and what is added to it */
} policy_bench;

/* This thread's work, which other programs do not lengthen; waits for the disk are not in it, nor other threads' work: both
 * would make what is added weigh less. */
static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Persons with templates far from any face. */
static vt__code fill(policy_bench *b, vt_error *err)
{
    vt__gallery_work *w = &b->work;
    uint64_t state = 1;
    vt__code code = vt__collection_create(w->service, &w->caller, w->group, "bench", NULL, "recognition_04", err);
    for (size_t i = 0; i < b->persons && !code; i++) {
        char person[VT__UUID_TEXT_BYTES], face[VT__UUID_TEXT_BYTES];
        vt_template t = { .dimension = vt_engine_dimension(w->work.engine) };
        double length = 0;
        for (uint32_t d = 0; d < t.dimension; d++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            t.values[d] = (float)(int32_t)(state >> 32);
            length += (double)t.values[d] * (double)t.values[d];
        }
        for (uint32_t d = 0; d < t.dimension; d++) t.values[d] /= sqrtf((float)length);
        code = vt__person_create(person, w->service, &w->caller, w->group, "bench", NULL, err);
        if (!code) code = vt__face_add_template(face, w->service, &w->caller, (vt__face_place){ w->group, person, NULL }, &t, NULL, err);
    }
    return code ? code : vt__collection_train(w->service, &w->caller, w->group, err);
}

/* All that stands around a search, as often as an identification and the detection before it do it. */
static vt__code add_up(policy_bench *b, vt_error *err)
{
    vt__gallery_work *w = &b->work;
    vt__api_key_info info;
    vt__consent_rule rule;
    vt__code code = vt__code_of(vt__service_key_find(&info, w->service, b->key, err));
    if (!code) code = vt__policy_check(w->service, &w->caller, VT__ACTION_IDENTIFY, err);
    if (!code) code = vt__guard_stream(w->service, &w->caller, err);
    if (!code) code = vt__consent_begin(&rule, w->service, &w->caller, VT__ACTION_IDENTIFY, "pg/bench", err);
    if (code) return code;
    vt__consent_end(&rule);
    return vt__audit_record(w->service, &w->caller, &(vt__audit_entry){ VT__ACTION_IDENTIFY, "bench", 1, 0, 0.5f, VT__CODE_OK });
}

static vt__code identify(policy_bench *b, const char *face_id, vt_error *err)
{
    vt__candidates *found = NULL;
    const vt__identify_request request = { .face_ids = &face_id, .face_count = 1, .scope = b->work.group, .max_candidates = 1, .threshold = -1 };
    vt__code code = vt__service_identify(&found, b->work.service, &b->work.caller, &request, err);
    vt__identified_free(found, 1);
    return code;
}

/* One of each, in turn, so that all meet the same machine. */
static vt__code one_round(policy_bench *b, vt_error *err)
{
    vt__detected seen = { 0 };
    double begin = now_us();
    vt__code code = vt__service_detect(&seen, b->work.service, &b->work.caller, b->work.work.session, &b->detect, err);
    if (!code && !seen.faces.count) code = vt__code_fail(err, VT__CODE_NO_FACE);
    double detected = now_us();
    if (!code) code = identify(b, seen.face_ids[0], err);
    double identified = now_us();
    if (!code) code = add_up(b, err);
    double added = now_us();
    b->picture_us += identified - begin;
    b->id_us += identified - detected;
    b->added_us += added - identified;
    vt__detected_free(&seen);
    return code;
}

static vt__code measure(policy_bench *b, vt_error *err)
{
    vt__code code = fill(b, err);
    if (!code) code = vt__code_of(vt__service_key_make(b->key, b->work.service, VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, err));
    for (size_t i = 0; i < 5 && !code; i++) code = one_round(b, err); /* warm */
    b->picture_us = b->id_us = b->added_us = 0;
    for (size_t i = 0; i < b->rounds && !code; i++) code = one_round(b, err);
    return code;
}

static void print(const policy_bench *b)
{
    double rounds = (double)b->rounds, added = b->added_us / rounds, picture = b->picture_us / rounds, id = b->id_us / rounds;
    /* a picture asks twice: for its face id and for the person */
    printf("identify in %zu persons, %zu rounds; key, policy, guard, consent and audit cost %.1f us a request\n", b->persons, b->rounds, added);
    printf("from picture to answer  %10.1f us, %5.2f %% of it added\n", picture, 100 * 2 * added / (picture - 2 * added));
    printf("from a face id          %10.1f us, %5.2f %% of it added\n", id, 100 * added / (id - added));
}

static int run(const vt__args *args)
{
    enum { PICTURE_BYTES = 64 << 20 };
    double persons = 0, rounds = 0;
    uint8_t *bytes = NULL;
    size_t size = 0;
    vt_error err;
    if (!vt__args_number(&persons, args, "n", 1, 1e6) || !vt__args_number(&rounds, args, "rounds", 1, 1e6)) return EXIT_WRONG_USE;
    if (args->count != 1 || !vt__args_get(args, "data")) {
        fprintf(stderr, "vultus bench policy: name one picture, and an empty folder with --data\n");
        return EXIT_WRONG_USE;
    }
    if (vt__file_read(&bytes, &size, args->operands[0], PICTURE_BYTES, &err)) return vt__complain(args, &err);
    policy_bench b = { .persons = (size_t)persons, .rounds = (size_t)rounds };
    int exit_code = vt__gallery_work_open(&b.work, args, true);
    if (!exit_code) {
        b.work.group = (vt__collection_id){ VT__KIND_PERSON_GROUP, "bench" };
        b.work.caller.key_id = "1";
        b.detect = (vt__detect_request){ .image = bytes, .image_bytes = size, .face_id = true, .recognition_model = "recognition_04", .ttl_s = 60, .max_faces = 1 };
        vt__code code = measure(&b, &err);
        if (code) exit_code = vt__complain_code(args, code, &err);
        else print(&b);
        vt__gallery_work_close(&b.work);
    }
    vt__free(bytes);
    return exit_code;
}

const vt__command vt__command_bench_policy = {
    "bench policy", "PICTURE", "what policy, audit and tenancy add to an identification",
    "Times identifications and, in turn with them, all that stands around their search: the key looked up, the registered use, the guard,\n"
    "consent, and the audit's record with its hash.", options, run,
};
