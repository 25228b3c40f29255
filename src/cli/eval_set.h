/* The sets that `eval` reads, and the templates of their pictures. */
#ifndef VT_CLI_EVAL_SET_H
#define VT_CLI_EVAL_SET_H

#include "base/file.h"
#include "cli/engine_open.h"

typedef struct vt__pair {
    uint32_t a, b; /* places in the set's pictures */
    bool same;
} vt__pair;

/* Pictures by path below a folder, each with its template once made. */
typedef struct vt__eval_set {
    const char *folder;
    vt__names paths;  /* relative, sorted */
    float *templates; /* dimension floats a picture; all zero where no face was found */
    size_t dimension, without_face;
    vt__pair *pairs;
    size_t pairs_count;
} vt__eval_set;

/* pairs.tsv ("image_a TAB image_b TAB same", one heading line) or LFW's pairs.txt ("name n m", "name n name m" behind a
 * line of counts). VT_EFORMAT names the line. */
vt_status vt__eval_set_pairs(vt__eval_set *out, const char *folder, const char *pairs_file, vt_error *err);

/* All pictures of a folder of identities; no pairs. */
vt_status vt__eval_set_folder(vt__eval_set *out, const char *folder, vt_error *err);

/* Makes every template, by the face nearest to the centre, with a progress bar. */
vt_status vt__eval_set_templates(vt__eval_set *set, const vt__args *args, const vt__work *work, vt_error *err);
void vt__eval_set_free(vt__eval_set *set);

const float *vt__eval_set_template(const vt__eval_set *set, size_t picture);

/* Whether two pictures stand in the same folder. */
bool vt__eval_set_same(const vt__eval_set *set, size_t a, size_t b);

#endif
