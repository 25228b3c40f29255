#include <vultus/match.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/gallery_open.h"
#include "cli/json_out.h"
#include "cli/templates.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    { "threshold", "CONFIDENCE", "0.5", "confidence from which two faces count as one person" },
    { NULL, NULL, NULL, NULL },
};

static void print(const vt__args *args, double confidence, double cosine, bool identical)
{
    if (!vt__args_on(args, "json")) {
        printf("%s: confidence %.3f (cosine %.3f)\n", identical ? "same person" : "different persons", confidence, cosine);
        return;
    }
    vt__json *json = vt__json_object();
    vt__json_set(json, "confidence", vt__json_rounded(confidence, 5));
    vt__json_set_bool(json, "isIdentical", identical);
    vt__json_set(json, "cosine", vt__json_rounded(cosine, 5));
    vt__json_print(json, false);
    vt__json_free(json);
}

static int compare(const vt__args *args, vt__gallery_work *work, double threshold)
{
    static vt_template a, b; /* 4 KiB each; the program runs one command */
    vt_error err;
    if (vt__template_of_file(&a, &work->work, args->operands[0], VT__WHICH_LARGEST, &err)) return vt__complain(args, &err);
    if (vt__template_of_file(&b, &work->work, args->operands[1], VT__WHICH_LARGEST, &err)) return vt__complain(args, &err);
    float cosine = vt_cosine(a.values, b.values, a.dimension), confidence = vt_engine_confidence(work->work.engine, cosine);
    bool identical = confidence >= (float)threshold;
    const vt__audit_entry entry = { .action = VT__ACTION_VERIFY, .faces = 2, .matches = identical, .threshold = (float)threshold };
    vt__audit_record(work->service, &work->caller, &entry);
    print(args, (double)confidence, (double)cosine, identical);
    return identical ? EXIT_FINE : EXIT_ANSWER_NO;
}

static int run(const vt__args *args)
{
    double threshold = 0.5;
    if (!vt__args_number(&threshold, args, "threshold", 0, 1)) return EXIT_WRONG_USE;
    if (args->count != 2) {
        fprintf(stderr, "vultus verify: name two pictures\n");
        return EXIT_WRONG_USE;
    }
    vt__gallery_work work;
    int code = vt__permitted_work_open(&work, args, VT__ACTION_VERIFY);
    if (code) return code;
    code = compare(args, &work, threshold);
    vt__gallery_work_close(&work);
    return code;
}

const vt__command vt__command_verify = {
    "verify", "PICTURE PICTURE", "say whether two pictures show the same person",
    "Compares the largest face of each. A confidence of c means that one pair of different persons in 10^(10 c)\n"
    "reaches it: 0.5 is one in 100,000. Exit code 1 when they are different persons.",
    options, run,
};
