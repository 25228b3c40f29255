/* What a request's query asks of a redaction. */
#ifndef VT_REST_REDACTION_QUERY_H
#define VT_REST_REDACTION_QUERY_H

#include "rest/call.h"
#include "service/redaction.h"

typedef struct vt__redaction_wish {
    vt__redaction what; /* its texts lie below, or in the request */
    const char *people[VT__PEOPLE_MAX];
    char ids[VT__PEOPLE_MAX * 40];
} vt__redaction_wish;

/* False: answered. */
bool vt__read_redaction(vt__redaction_wish *out, vt__call *call);
/* The place of a query argument's value in a list that ends with NULL; `fallback` where it is absent. */
bool vt__read_choice(int *out, vt__call *call, const char *name, const char *const *names, int fallback);

/* A number in the query; *out stays where it is absent. */
bool vt__read_query_number(float *out, vt__call *call, const char *name, double least, double most);

#endif
