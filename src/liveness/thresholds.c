#include "liveness/thresholds.h"

const vt__threshold vt__thresholds[VT_LIVENESS_CHECKS] = {
    [VT_LIVENESS_CHECK_ATTACK] = { "attack", 0.80f, true, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_SURROUND] = { "surround", 0.10f, true, VT__MEANS_UNCERTAIN },
    [VT_LIVENESS_CHECK_ONE_FACE] = { "oneFace", 0.90f, true, VT__MEANS_UNCERTAIN },
    [VT_LIVENESS_CHECK_TIMES] = { "times", 4.0f, true, VT__MEANS_UNCERTAIN },
    [VT_LIVENESS_CHECK_DUPLICATES] = { "duplicates", 0.20f, false, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_SAME_FACE] = { "sameFace", 0.35f, true, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_MOTION] = { "motion", 1.0f, true, VT__MEANS_UNCERTAIN },
    [VT_LIVENESS_CHECK_EARLY] = { "early", 2.0f, false, VT__MEANS_UNCERTAIN },
    [VT_LIVENESS_CHECK_NEARNESS] = { "nearness", 0.0035f, true, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_GROUND] = { "ground", -0.15f, true, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_RELIEF] = { "relief", 0.12f, true, VT__MEANS_ATTACK },
    [VT_LIVENESS_CHECK_LIGHT] = { "light", 0.75f, true, VT__MEANS_UNCERTAIN },
};

const vt__act_sizes vt__act_size = {
    .closer_growth = 1.30f,
    .turn_deg = 10.0f,
    .ahead_deg = 5.0f,
    .pose_deg = 14.0f,
    .smile_growth = 1.05f,
    .blink_share = 0.50f,
    .ground_share = 0.50f,
    .late_ms = 500,
    .least_ms = 150,
    .duplicate_bits = 0,
    .duplicate_apart_ms = 400,
    .longest_gap_ms = 1000,
};
