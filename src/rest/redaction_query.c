#include "rest/redaction_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "service/oversight.h"

static bool refuse(vt__call *call, const char *name, const char *wanted)
{
    vt__call_fail_about(call, VT__WIRE_ARGUMENT, "'%s' is invalid; give %s.", name, wanted);
    return false;
}

bool vt__read_choice(int *out, vt__call *call, const char *name, const char *const *names, int fallback)
{
    const char *text = vt__http_query(call->request, name);
    char wanted[128] = "";
    *out = fallback;
    if (!text || !*text) return true;
    for (int i = 0; names[i]; i++) {
        size_t used = strlen(wanted);
        snprintf(wanted + used, sizeof wanted - used, "%s%s", i ? " or " : "", names[i]);
        if (strcasecmp(text, names[i]) != 0) continue;
        *out = i;
        return true;
    }
    return refuse(call, name, wanted);
}

bool vt__read_query_number(float *out, vt__call *call, const char *name, double least, double most)
{
    const char *text = vt__http_query(call->request, name);
    char *end, wanted[64];
    if (!text || !*text) return true;
    double number = strtod(text, &end);
    *out = (float)number;
    if (!*end && number >= least && number <= most) return true;
    snprintf(wanted, sizeof wanted, "%g to %g", least, most);
    return refuse(call, name, wanted);
}

static bool read_colour(unsigned char out[3], vt__call *call)
{
    const char *text = vt__http_query(call->request, "colour");
    if (!text || !*text) return true;
    if (strlen(text) != 6 || strspn(text, "0123456789abcdefABCDEF") != 6) return refuse(call, "colour", "six hexadecimal digits, red green blue");
    unsigned long value = strtoul(text, NULL, 16);
    for (int i = 0; i < 3; i++) out[i] = (unsigned char)(value >> (16 - 8 * i));
    return true;
}

static bool read_masks(vt_redact_options *out, vt__call *call)
{
    static const char *const methods[] = { "blur", "pixelate", "block", NULL }, *const shapes[] = { "oval", "box", NULL };
    int method, shape;
    float cells = 0;
    if (!vt__read_choice(&method, call, "method", methods, 0) || !vt__read_choice(&shape, call, "shape", shapes, 0) ||
        !vt__read_query_number(&cells, call, "cells", 2, 12) || !vt__read_query_number(&out->margin, call, "margin", 0, 1) ||
        !read_colour(out->colour, call))
        return false;
    out->method = (vt_redact_method)method;
    out->shape = (vt_redact_shape)shape;
    out->cells = (int)cells;
    return true;
}

static bool split_ids(vt__redaction_wish *out, vt__call *call, const char *name, const char *list)
{
    char *rest = out->ids;
    if (snprintf(out->ids, sizeof out->ids, "%s", list) >= (int)sizeof out->ids) return refuse(call, name, "at most 30 person ids");
    for (char *id = strsep(&rest, ","); id; id = strsep(&rest, ",")) {
        if (!vt__uuid_valid(id)) return refuse(call, name, "person ids with commas between");
        if (out->what.people_count == VT__PEOPLE_MAX) return refuse(call, name, "at most 30 person ids");
        out->people[out->what.people_count++] = id;
    }
    out->what.people = out->people;
    return true;
}

static bool read_people(vt__redaction_wish *out, vt__call *call)
{
    const char *keep = vt__http_query(call->request, "keep"), *only = vt__http_query(call->request, "only");
    const char *where = vt__http_query(call->request, "people");
    if (keep && only) return refuse(call, "only", "either 'keep' or 'only'");
    if (!keep && !only) return true;
    out->what.whom = keep ? VT_REDACT_ALL_BUT : VT_REDACT_ONLY;
    if (!where || !vt__oversight_collection(&out->what.people_in, where) || out->what.people_in.kind == VT__KIND_DYNAMIC_GROUP)
        return refuse(call, "people", "pg/ID, lpg/ID or dir");
    call->kind = out->what.people_in.kind;
    return split_ids(out, call, keep ? "keep" : "only", keep ? keep : only);
}

bool vt__read_redaction(vt__redaction_wish *out, vt__call *call)
{
    *out = (vt__redaction_wish){ .what = VT__REDACTION_INIT };
    return read_masks(&out->what.masks, call) && vt__read_query_number(&out->what.min_face_px, call, "minFace", 4, 10000) &&
           vt__read_query_number(&out->what.min_score, call, "minScore", 0.01, 0.99) && read_people(out, call);
}
