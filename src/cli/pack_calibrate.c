/* vultus pack calibrate: the confidence table from a folder of identities. */
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/eval_set.h"
#include "match/calibration.h"

static const vt__option options[] = {
    { "out", "FILE", NULL, "write the table to a file instead of printing it" },
    { NULL, NULL, NULL, NULL },
};

static vt_status impostor_scores(float **out, size_t *out_count, const vt__eval_set *set, vt_error *err)
{
    size_t n = set->paths.count, count = 0;
    float *scores = vt__malloc(n * (n - 1) / 2 + 1, sizeof *scores);
    if (!scores) return vt__fail_memory(err, n * n / 2 * sizeof *scores);
    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            if (!vt__eval_set_same(set, a, b))
                scores[count++] = vt_cosine(vt__eval_set_template(set, a), vt__eval_set_template(set, b), set->dimension);
    *out = scores;
    *out_count = count;
    return VT_OK;
}

static vt__json *numbers(const float *values, size_t count)
{
    vt__json *list = vt__json_array();
    for (size_t i = 0; i < count; i++) vt__json_append(list, vt__json_rounded(values[i], 5));
    return list;
}

static vt_status write_table(const vt__args *args, const vt__calibration *table, size_t pairs, vt_error *err)
{
    vt__json *json = vt__json_object();
    vt__json_set_integer(json, "pairs", (int64_t)pairs);
    vt__json_set_string(json, "source", args->operands[0]);
    vt__json_set(json, "cosine", numbers(table->cosine, table->count));
    vt__json_set(json, "confidence", numbers(table->confidence, table->count));
    char *text = vt__json_text(json, true);
    vt__json_free(json);
    if (!text) return vt__fail_memory(err, 4096);
    const char *out = vt__args_get(args, "out");
    vt_status status = out ? vt__file_write(out, text, strlen(text), 0644, err) : VT_OK;
    if (!out) printf("%s\n", text);
    vt__free(text);
    return status;
}

static int run(const vt__args *args)
{
    vt__eval_set set;
    vt__work work;
    vt_error err;
    if (args->count != 1) {
        fprintf(stderr, "vultus pack calibrate: name one folder, with a folder a person in it\n");
        return EXIT_WRONG_USE;
    }
    if (vt__eval_set_folder(&set, args->operands[0], &err)) return vt__complain(args, &err);
    int code = vt__work_open(&work, args);
    if (!code) {
        vt__calibration table;
        float *scores = NULL;
        size_t count = 0;
        vt_status status = vt__eval_set_templates(&set, args, &work, &err);
        if (!status) status = impostor_scores(&scores, &count, &set, &err);
        if (!status) status = vt__calibration_learn(&table, scores, count, &err);
        if (!status) status = write_table(args, &table, count, &err);
        if (status) code = vt__complain(args, &err);
        vt__free(scores);
        vt__work_close(&work);
    }
    vt__eval_set_free(&set);
    return code;
}

const vt__command vt__command_pack_calibrate = {
    "pack calibrate", "FOLDER", "work out the confidence table from pictures of many persons",
    "Put the answer into the pack's manifest.json as \"calibration\". 10,000 pairs of different persons are needed\n"
    "(150 persons with one picture each have 11,175).",
    options, run,
};
