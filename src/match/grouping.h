/* vt_grouping (vultus/match.h) for templates whose principal axes are known: the same groups, found sooner. */
#ifndef VT_MATCH_GROUPING_H
#define VT_MATCH_GROUPING_H

#include <vultus/match.h>

#include "match/code.h"

/* As vt_grouping_open; the axes are copied. */
vt_status vt__grouping_open_along(vt_grouping **out, const vt__axes *axes, float cosine_threshold, vt_error *err);

#endif
