/* vultus bench policy: what key, policy, consent, guard and audit add to an identification. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/bench_search_data.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "face/axes.h"
#include "service/audit.h"
#include "service/consent.h"
#include "service/guard.h"

static const vt__option options[] = {
    { "data", "FOLDER", NULL, "an empty folder for the bench; remove it afterwards" },
    { "n", "N", "1000", "persons in the gallery; the fewer, the more the rest weighs" },
    { "rounds", "N", "200", "identifications by picture, and fifty times as many by face id" },
    { "evaluation", NULL, "1", "the use under which it runs" },
    { NULL, NULL, NULL, NULL },
};

enum { IDS_A_ROUND = 50 };

typedef struct policy_bench {
    vt__gallery_work work;
    vt__detect_request detect;
    char key[VT__API_KEY_TEXT_BYTES];
    char face_id[VT__UUID_TEXT_BYTES];
    size_t persons, rounds;
    double picture_us, picture_added_us; /* from picture to answer, and what is added to its two requests */
    double id_us, id_added_us;           /* the same from a face id */
    double clock_us;                     /* of one look at the clock, which is in each of these */
} policy_bench;

/* This thread's work, which other programs do not lengthen; waits for the disk are not in it, nor other threads' work: both
 * would make what is added weigh less. */
static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* One face a person, spread as templates are, so that a search does what it does among real ones. */
static vt__code fill(policy_bench *b, vt_error *err)
{
    vt__gallery_work *w = &b->work;
    vt__axes axes = { .dimension = 0 };
    float *own = NULL;
    vt__search_data data = { .n = b->persons, .probes = 1, .seed = 1 };
    vt_status status = vt__engine_axes(&axes, &own, w->work.engine, err);
    if (!status) status = vt__search_data_make(&data, &axes, NULL, err);
    vt__code code = vt__code_of(status);
    if (!code) code = vt__collection_create(w->service, &w->caller, w->group, "bench", NULL, "recognition_04", err);
    for (size_t i = 0; i < b->persons && !code; i++) {
        char person[VT__UUID_TEXT_BYTES], face[VT__UUID_TEXT_BYTES];
        vt_template t = { .dimension = axes.dimension };
        memcpy(t.values, data.rows + i * axes.dimension, axes.dimension * sizeof *t.values);
        code = vt__person_create(person, w->service, &w->caller, w->group, "bench", NULL, err);
        if (!code) code = vt__face_add_template(face, w->service, &w->caller, (vt__face_place){ w->group, person, NULL }, &t, NULL, err);
    }
    vt__search_data_free(&data);
    vt__free(own);
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

/* One of each, in turn, so that all meet the same machine and its caches. */
static vt__code from_picture(policy_bench *b, vt_error *err)
{
    vt__detected seen = { 0 };
    double begin = now_us();
    vt__code code = vt__service_detect(&seen, b->work.service, &b->work.caller, b->work.work.session, &b->detect, err);
    if (!code && !seen.faces.count) code = vt__code_fail(err, VT__CODE_NO_FACE);
    if (!code) code = identify(b, seen.face_ids[0], err);
    double identified = now_us();
    for (int i = 0; i < 2 && !code; i++) code = add_up(b, err);
    b->picture_us += identified - begin - b->clock_us;
    b->picture_added_us += now_us() - identified - b->clock_us;
    if (!code) memcpy(b->face_id, seen.face_ids[0], sizeof b->face_id);
    vt__detected_free(&seen);
    return code;
}

/* As clients do that ask again and again: many identifications for one detection. */
static vt__code from_face_ids(policy_bench *b, size_t count, vt_error *err)
{
    vt__code code = VT__CODE_OK;
    for (size_t i = 0; i < count && !code; i++) {
        double begin = now_us();
        code = identify(b, b->face_id, err);
        double identified = now_us();
        if (!code) code = add_up(b, err);
        b->id_us += identified - begin - b->clock_us;
        b->id_added_us += now_us() - identified - b->clock_us;
    }
    return code;
}

static vt__code measure(policy_bench *b, vt_error *err)
{
    vt__code code = fill(b, err);
    if (!code) code = vt__code_of(vt__service_key_make(b->key, b->work.service, VT__DEFAULT_TENANT, "1", VT__SCOPE_ALL, NULL, err));
    for (size_t i = 0; i < 5 && !code; i++) code = from_picture(b, err); /* warm */
    if (!code) code = from_face_ids(b, 100, err);
    b->picture_us = b->picture_added_us = b->id_us = b->id_added_us = 0;
    b->clock_us = -now_us();
    for (int i = 1; i < 1000; i++) now_us();
    b->clock_us = (b->clock_us + now_us()) / 1000;
    for (size_t i = 0; i < b->rounds && !code; i++) code = from_picture(b, err);
    for (size_t i = 0; i < b->rounds && !code; i++) code = from_face_ids(b, IDS_A_ROUND, err);
    return code;
}

/* `us` holds what is added. */
static void print_line(const char *what, double us, double added_us, size_t count)
{
    printf("%-24s %10.1f us, of which %6.2f us are key, policy, guard, consent and audit: they add %5.2f %%\n", what, us / (double)count,
           added_us / (double)count, 100 * added_us / (us - added_us));
}

static void print(const policy_bench *b)
{
    printf("identify in %zu persons; processor time of the thread\n", b->persons);
    print_line("from picture to answer", b->picture_us, b->picture_added_us, b->rounds);
    print_line("from a face id", b->id_us, b->id_added_us, b->rounds * IDS_A_ROUND);
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
