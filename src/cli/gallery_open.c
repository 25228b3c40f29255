#include "cli/gallery_open.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

enum { MAX_PICTURE_BYTES = 64 << 20 };

char *vt__data_folder(const vt__args *args)
{
    const char *given = vt__args_get(args, "data");
    if (given) return vt__strdup(given);
    char *home = vt__settings_home();
    char *folder = home ? vt__path_join(home, "data") : NULL;
    vt__free(home);
    return folder;
}

int vt__gallery_work_open(vt__gallery_work *out, const vt__args *args, bool with_engine)
{
    *out = (vt__gallery_work){ .caller = { VT__DEFAULT_TENANT, "program", VT__SCOPE_ALL, NULL, NULL } };
    const char *tenant = vt__args_get(args, "tenant");
    if (tenant) out->caller.tenant = tenant;
    out->group = (vt__collection_id){ vt__args_on(args, "large") ? VT__KIND_LARGE_PERSON_GROUP : VT__KIND_PERSON_GROUP,
                                       vt__args_get(args, "group") };
    if (with_engine) {
        int code = vt__work_open(&out->work, args);
        if (code) return code;
    }
    vt_error err;
    vt__service_options options = VT__SERVICE_OPTIONS_INIT;
    char *folder = vt__data_folder(args);
    options.data_folder = folder;
    options.engine = out->work.engine;
    options.evaluation = vt__args_on(args, "evaluation");
    options.sweep = false;
    options.search_by_float = vt__args_on(args, "exact");
    vt_status status = folder ? vt__service_open(&out->service, &options, &err) : vt__fail_memory(&err, 1);
    vt__free(folder);
    if (!status) return EXIT_FINE;
    vt__gallery_work_close(out);
    return vt__complain(args, &err);
}

int vt__permitted_work_open(vt__gallery_work *out, const vt__args *args, vt__action action)
{
    int exit_code = vt__gallery_work_open(out, args, true);
    if (exit_code) return exit_code;
    vt_error err;
    vt__code code = vt__policy_check(out->service, &out->caller, action, &err);
    if (!code) return EXIT_FINE;
    vt__audit_record(out->service, &out->caller, &(vt__audit_entry){ .action = action, .threshold = -1, .code = code });
    exit_code = vt__complain_code(args, code, &err);
    vt__gallery_work_close(out);
    return exit_code;
}

void vt__gallery_work_close(vt__gallery_work *work)
{
    vt__service_close(work->service);
    if (work->work.engine) vt__work_close(&work->work);
}

int vt__complain_code(const vt__args *args, vt__code code, const vt_error *err)
{
    vt_error said = *err;
    if (code == VT__CODE_NOT_REGISTERED)
        vt__fail(&said, VT_EDENIED, "recognition is off: register a use (vultus policy register --help), or give --evaluation to try it for 30 days");
    const char *group = vt__args_get(args, "group"), *large = vt__args_on(args, "large") ? "large " : "";
    if (code == VT__CODE_COLLECTION_NOT_FOUND && group)
        vt__fail(&said, VT_ENOTFOUND, "there is no %sperson group \"%s\" here: vultus enrol makes one, vultus gallery list shows which there are", large, group);
    if (code == VT__CODE_PERSON_NOT_FOUND && group)
        vt__fail(&said, VT_ENOTFOUND, "nobody in the %sperson group \"%s\" has this id: vultus gallery show prints them", large, group);
    if (code == VT__CODE_NOT_TRAINED && group)
        vt__fail(&said, VT_ENOTFOUND, "the %sperson group \"%s\" has no face yet: vultus enrol adds people", large, group);
    return vt__complain(args, &said);
}

vt__code vt__faces_of_file(vt__detected *out, vt__gallery_work *work, const char *path, bool only_largest, vt_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    vt_status status = vt__file_read(&bytes, &size, path, MAX_PICTURE_BYTES, err);
    if (status) return vt__code_of(status);
    const vt__detect_request request = { .image = bytes, .image_bytes = size, .face_id = true,
                                         .recognition_model = "recognition_04", .ttl_s = VT__FACE_ID_TTL_MIN_S,
                                         .max_faces = only_largest ? 1 : VT__IDENTIFY_FACES_MAX };
    vt__code code = vt__service_detect(out, work->service, &work->caller, work->work.session, &request, err);
    if (!code && out->faces.count == 0) code = vt__code_fail(err, VT__CODE_NO_FACE);
    if (code) vt__error_prefix(err, err->code, "%s", path);
    vt__free(bytes);
    return code;
}
