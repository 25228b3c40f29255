#include "service/oversight.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

#include "base/error.h"
#include "service/audit.h"
#include "service/setting.h"
#include "service/state.h"

enum { REVIEW, ACCEPT, REVIEW_FROM, MARGIN, TARGET_FPIR };

static const vt__setting_kind members = {
    VT__RECORD_OVERSIGHT, 5,
    {
        { "review", 0, 0, 1, "1: matches between the thresholds are decided by a reviewer" },
        { "acceptThreshold", 0.7, 0, 1, "the confidence from which a match stands by itself" },
        { "reviewThreshold", 0.5, 0, 1, "the confidence from which a reviewer is asked" },
        { "ambiguousMargin", 0.1, 0, 1, "two candidates whose confidences differ by less are ambiguous" },
        { "targetFpir", 0, 0, 0.5, "the rate at which strangers may be named, in a gallery of any size; 0: none" },
    },
};

bool vt__oversight_collection(vt__collection_id *out, const char *text)
{
    for (int kind = 0; kind < VT__KIND_COUNT; kind++) {
        char scope[VT__SCOPE_TEXT_BYTES];
        const char *slash = strchr(text, '/');
        *out = (vt__collection_id){ (vt__kind)kind, kind == VT__KIND_DIRECTORY ? "" : slash ? slash + 1 : "" };
        if (strlen(out->id) > VT__COLLECTION_ID_MAX) return false;
        vt__scope_text(scope, *out);
        if (!strcmp(scope, text)) return true;
    }
    return false;
}

static vt__code begin(char scope[VT__SCOPE_TEXT_BYTES], vt__service *service, const vt__caller *caller, vt__collection_id which,
                      uint32_t scopes, vt_error *err)
{
    if (!caller->tenant || !caller->key_id || !(caller->scopes & scopes)) return vt__code_fail(err, VT__CODE_SCOPE_MISSING);
    vt__records found;
    vt__code code = vt__collection_find(&found, service, caller->tenant, which, err);
    vt__records_free(&found);
    if (!code) vt__scope_text(scope, which);
    return code;
}

vt__code vt__oversight_set(vt__service *service, const vt__caller *caller, vt__collection_id which, const vt__json *given, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES] = "";
    vt__code code = begin(scope, service, caller, which, VT__SCOPE_ADMIN, err);
    double accept = vt__json_number_or(given, "acceptThreshold", 0.7), from = vt__json_number_or(given, "reviewThreshold", 0.5);
    if (!code && from > accept) {
        vt__fail(err, VT_EINVAL, "'reviewThreshold' must not be above 'acceptThreshold'");
        code = VT__CODE_BAD_ARGUMENT;
    }
    if (!code) code = vt__setting_put(service, caller, scope, &members, given, err);
    vt__json *fields = NULL;
    if (!code) vt__oversight_get(&fields, service, caller, which, NULL);
    vt__audit_event(service, caller, "OVERSIGHT_SET", fields, code);
    return code;
}

vt__code vt__oversight_get(vt__json **out, vt__service *service, const vt__caller *caller, vt__collection_id which, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    double values[VT__SETTING_MEMBERS];
    bool set;
    vt__code code = begin(scope, service, caller, which, VT__SCOPE_MANAGE | VT__SCOPE_ADMIN, err);
    if (!code) code = vt__code_of(vt__setting_get(values, &set, service, caller->tenant, scope, &members, err));
    if (code) return code;
    *out = vt__setting_json(values, &members);
    vt__json_set_string(*out, "collection", scope);
    return VT__CODE_OK;
}

vt__code vt__oversight_find(vt__oversight *out, vt__service *service, const char *tenant, vt__collection_id which, vt_error *err)
{
    char scope[VT__SCOPE_TEXT_BYTES];
    double values[VT__SETTING_MEMBERS];
    bool set;
    vt__scope_text(scope, which);
    vt_status status = vt__setting_get(values, &set, service, tenant, scope, &members, err);
    *out = (vt__oversight){ set, set && values[REVIEW] >= 1, (float)values[ACCEPT], (float)values[REVIEW_FROM], (float)values[MARGIN],
                            values[TARGET_FPIR] };
    return vt__code_of(status);
}

float vt__oversight_threshold(double fpir, size_t faces)
{
    if (fpir <= 0 || fpir >= 1 || faces == 0) return 0;
    double rate = -expm1(log1p(-fpir) / (double)faces), confidence = -log10(rate) / 10;
    return (float)(confidence < 0 ? 0 : confidence > 1 ? 1 : confidence);
}

static void keep_from(vt__candidates *found, float confidence)
{
    while (found->count && found->items[found->count - 1].confidence < confidence) found->count--;
}

void vt__oversight_judge(vt__candidates *found, const vt__oversight *rule, float accept, size_t max_candidates)
{
    found->threshold = accept;
    found->ambiguous = found->count >= 2 && found->items[0].confidence - found->items[1].confidence < rule->margin;
    bool stands = found->count && found->items[0].confidence >= accept;
    if (!found->count) found->decision = VT__DECISION_UNKNOWN;
    else if (rule->review && (!stands || found->ambiguous)) found->decision = VT__DECISION_NEEDS_REVIEW;
    else found->decision = stands ? VT__DECISION_MATCH : VT__DECISION_UNKNOWN;
    if (found->decision != VT__DECISION_NEEDS_REVIEW) keep_from(found, accept);
    if (found->count > max_candidates) found->count = max_candidates;
}
