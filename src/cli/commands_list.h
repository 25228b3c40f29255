/* Every command, one line each: commands.c lists them, each stands in the file of its name. */
#ifndef VT_CLI_COMMANDS_LIST_H
#define VT_CLI_COMMANDS_LIST_H

#include "cli/commands.h"

#ifdef VULTUS_HAVE_VIDEO
#define VT__VIDEO_COMMANDS(X)                                                                                          \
    X(video_index)                                                                                                     \
    X(video_search)                                                                                                    \
    X(video_metadata)                                                                                                  \
    X(video_people)                                                                                                    \
    X(video_remove)                                                                                                    \
    X(bench_archive)                                                                                                   \
    X(eval_challenge)                                                                                                  \
    X(eval_film)                                                                                                       \
    X(eval_redaction)                                                                                                  \
    X(bench_liveness)
#else
#define VT__VIDEO_COMMANDS(X)
#endif

#define VT__COMMANDS(X)                                                                                                \
    X(detect)                                                                                                          \
    X(verify)                                                                                                          \
    X(group)                                                                                                           \
    X(redact)                                                                                                          \
    X(liveness)                                                                                                        \
    X(enrol)                                                                                                           \
    X(identify)                                                                                                        \
    X(similar)                                                                                                         \
    X(gallery_list)                                                                                                    \
    X(gallery_show)                                                                                                    \
    X(gallery_delete)                                                                                                  \
    X(gallery_group)                                                                                                   \
    X(gallery_export)                                                                                                  \
    X(gallery_import)                                                                                                  \
    X(backup)                                                                                                          \
    X(policy_register)                                                                                                 \
    X(policy_list)                                                                                                     \
    X(policy_show)                                                                                                     \
    X(policy_revoke)                                                                                                   \
    X(policy_purposes)                                                                                                 \
    X(keys_rotate_master)                                                                                              \
    X(tenant_create)                                                                                                   \
    X(tenant_key)                                                                                                      \
    X(tenant_revoke)                                                                                                   \
    X(tenant_suspend)                                                                                                  \
    X(tenant_resume)                                                                                                   \
    X(tenant_delete)                                                                                                   \
    X(tenant_list)                                                                                                     \
    X(consent_set)                                                                                                     \
    X(consent_show)                                                                                                    \
    X(consent_withdraw)                                                                                                \
    X(subject_export)                                                                                                  \
    X(subject_erase)                                                                                                   \
    X(receipt_verify)                                                                                                  \
    X(retention_set)                                                                                                   \
    X(retention_report)                                                                                                \
    X(retention_hold)                                                                                                  \
    X(retention_release)                                                                                               \
    X(audit_verify)                                                                                                    \
    X(audit_show)                                                                                                      \
    X(audit_export)                                                                                                    \
    X(restore)                                                                                                         \
    X(eval_verify)                                                                                                     \
    X(eval_identify)                                                                                                   \
    X(eval_detect)                                                                                                     \
    X(eval_landmarks)                                                                                                  \
    X(eval_pose)                                                                                                       \
    X(eval_attributes)                                                                                                 \
    X(eval_quality)                                                                                                    \
    X(eval_fairness)                                                                                                   \
    X(eval_liveness)                                                                                                   \
    X(bench_search)                                                                                                    \
    X(bench_files)                                                                                                     \
    X(bench_group)                                                                                                     \
    X(bench_policy)                                                                                                    \
    X(bench_pipeline)                                                                                                  \
    X(pack_list)                                                                                                       \
    X(pack_verify)                                                                                                     \
    X(pack_build)                                                                                                      \
    X(pack_calibrate)                                                                                                  \
    VT__VIDEO_COMMANDS(X)                                                                                              \
    X(serve)                                                                                                           \
    X(version)

#define VT__DECLARE_COMMAND(name) extern const vt__command vt__command_##name;
VT__COMMANDS(VT__DECLARE_COMMAND)
#undef VT__DECLARE_COMMAND

#endif
