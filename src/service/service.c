#include "service/service.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "face/axes.h"
#include "service/consent.h"
#include "service/gallery.h"
#include "service/guard.h"
#include "service/jobs.h"
#include "service/liveness_reels.h"
#include "service/master_key.h"
#include "service/registration.h"
#include "service/retention.h"
#include "service/setting.h"
#include "service/state.h"

vt_engine *vt__service_engine(const vt__service *service)
{
    return service->engine;
}

int64_t vt__service_now_ms(const vt__service *service)
{
    return vt__clock_now_ms(&service->clock);
}

static vt_status sweep_expired(uint64_t *removed, vt__service *service, vt_error *err)
{
    int64_t now_ms = vt__service_now_ms(service);
    uint64_t records = 0;
    vt__reels_sweep(service->reels, now_ms);
    *removed = 0;
    vt_status status = service->jobs ? vt__jobs_sweep(removed, service->jobs, now_ms, err) : VT_OK; /* before their records go */
    if (!status) status = vt__store_sweep(&records, service->store, now_ms, err);
    *removed += records;
    return status;
}

static vt_status forget_in_backups(vt__service *service, vt_error *err)
{
    vt__backup_keys *keys;
    size_t count;
    vt_status status = vt__store_forget(&keys, &count, &vt__backend_sqlite, service->data_folder, err);
    vt__backup_keys_free(keys, count);
    return status;
}

vt_status vt__service_sweep(size_t *removed, vt__service *service, vt_error *err)
{
    uint64_t expired = 0;
    size_t old = 0;
    vt_status status = sweep_expired(&expired, service, err);
    if (status == VT_OK) status = vt__retention_enforce(&old, service, err);
    if (status == VT_OK) status = forget_in_backups(service, err);
    if (removed) *removed = (size_t)expired + old;
    return status;
}

enum { SEAL_EVERY_S = 1, SWEEP_EVERY_S = 30, SWEEPS_TO_RETENTION = 20 };

/* Seals the audit; every so often removes what has expired. */
static void sweep_once(vt__service *service, int64_t *next_s, unsigned *sweeps)
{
    int64_t now_s = vt__monotonic_ns() / 1000000000;
    vt__audit_seal(service->audit, vt__service_now_ms(service));
    vt__galleries_tend(service->galleries);
    vt_error unsaid;
    vt__master_key_rotate(service, &unsaid); /* where that is ordered; its failure is logged */
    if (now_s < *next_s) return;
    *next_s = now_s + SWEEP_EVERY_S;
    vt_error err;
    uint64_t expired;
    /* retention looks at every person, so it comes seldom */
    vt_status status = vt__guard_save(service, &err);
    if (status != VT_OK) vt__log_text(service->log, VT__LOG_ERROR, "guard", "%s", err.text);
    status = ++*sweeps % SWEEPS_TO_RETENTION == 0 ? vt__service_sweep(NULL, service, &err)
                                                  : sweep_expired(&expired, service, &err);
    if (status != VT_OK) vt__log_text(service->log, VT__LOG_ERROR, "sweep", "%s", err.text);
}

static void *sweep_on(void *argument)
{
    vt__service *service = argument;
    int64_t next_s = vt__monotonic_ns() / 1000000000 + SWEEP_EVERY_S;
    unsigned sweeps = 0;
    pthread_mutex_lock(&service->sleep);
    while (!service->closing) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SEAL_EVERY_S;
        pthread_cond_timedwait(&service->wake, &service->sleep, &until);
        if (service->closing) break;
        pthread_mutex_unlock(&service->sleep);
        sweep_once(service, &next_s, &sweeps);
        pthread_mutex_lock(&service->sleep);
    }
    pthread_mutex_unlock(&service->sleep);
    return NULL;
}

static vt_status open_store(vt__service *service, const vt__service_options *options, vt_error *err)
{
    service->key_folder = options->key_folder ? vt__strdup(options->key_folder) : vt__path_join(options->data_folder, "keys");
    if (!service->key_folder) return vt__fail_memory(err, strlen(options->data_folder));
    vt_status status = vt__folder_make(options->data_folder, 0700, err); /* before the keys' folder makes it wider */
    if (status == VT_OK) status = vt__master_key_open(service, options->master_key, err);
    if (status == VT_OK) status = vt__signing_open(&service->signing, service->store, service->key_folder, err);
    if (status == VT_OK) status = vt__key_ring_open(&service->keys, service->store, err);
    if (status == VT_OK) status = vt__policies_open(&service->policies, service->store, err);
    if (status == VT_OK) status = vt__audit_open(&service->audit, options->data_folder, &service->signing, options->log, err);
    if (status == VT_OK) status = vt__master_key_rotate(service, err);
    if (status == VT_OK) status = vt__guard_load(service, err);
    return status;
}

static vt_status start_evaluation(vt__service *service, vt_error *err)
{
    char until[VT__TIME_TEXT_BYTES];
    vt_status status = vt__policy_evaluate(&service->evaluation_until_ms, service, err);
    if (status) return status;
    vt__time_text(until, service->evaluation_until_ms);
    if (service->evaluation_until_ms > vt__service_now_ms(service))
        vt__log_text(service->log, VT__LOG_WARNING, "evaluation",
                     "recognition is on for evaluation until %s; register a use before production: vultus policy register --help", until);
    else
        vt__log_text(service->log, VT__LOG_WARNING, "evaluation",
                     "the 30 days of evaluation are over; register a use: vultus policy register --help");
    return VT_OK;
}

vt_status vt__service_open(vt__service **out, const vt__service_options *options, vt_error *err)
{
    *out = NULL;
    if (!options->data_folder) return vt__fail(err, VT_EINVAL, "a data folder is needed");
    vt__service *service = vt__calloc(1, sizeof *service);
    if (!service) return vt__fail_memory(err, sizeof *service);
    pthread_mutex_init(&service->writing, NULL);
    pthread_mutex_init(&service->sleep, NULL);
    pthread_cond_init(&service->wake, NULL);
    service->engine = options->engine;
    service->clock = options->clock.now_ms ? options->clock : vt__clock_system();
    service->log = options->log;
    service->search_by_float = options->search_by_float;
    service->search_recall = options->search_recall;
    service->data_folder = vt__strdup(options->data_folder);
    service->galleries = vt__galleries_open(options->open_galleries);
    service->reels = vt__reels_open();
    service->consents = vt__consents_open();
    service->settings = vt__setting_cache_open();
    service->guard = vt__guard_open();
    bool memory = service->galleries && service->reels && service->consents && service->settings && service->guard;
    vt__log_text(service->log, VT__LOG_INFO, "search", "1:N search scans with the %s kernel", vt__cpu_level_name(vt__cpu_get_level()));
    vt_status status = memory ? open_store(service, options, err) : vt__fail_memory(err, 0);
    if (status == VT_OK && service->engine) status = vt__engine_axes(&service->axes, &service->axes_own, service->engine, err);
    if (status == VT_OK) status = vt__service_sweep(NULL, service, err);
    if (status == VT_OK && options->evaluation) status = start_evaluation(service, err);
    if (status == VT_OK) status = vt__jobs_open(&service->jobs, service, &options->jobs, err);
    if (status == VT_OK && options->sweep) {
        service->sweeping = pthread_create(&service->sweeper, NULL, sweep_on, service) == 0;
        if (!service->sweeping) status = vt__fail(err, VT_EBUSY, "no thread for the sweeper");
    }
    if (status != VT_OK) {
        vt__service_close(service);
        return status;
    }
    *out = service;
    return VT_OK;
}

void vt__service_close(vt__service *service)
{
    if (!service) return;
    if (service->sweeping) {
        pthread_mutex_lock(&service->sleep);
        service->closing = true;
        pthread_cond_signal(&service->wake);
        pthread_mutex_unlock(&service->sleep);
        pthread_join(service->sweeper, NULL);
    }
    vt__jobs_close(service->jobs);
    if (service->policies && service->guard) vt__guard_save(service, NULL); /* what was open before is open still */
    vt__reels_close(service->reels);
    vt__galleries_close(service->galleries);
    vt__consents_close(service->consents);
    vt__setting_cache_close(service->settings);
    vt__guard_close(service->guard);
    vt__free(service->axes_own);
    vt__audit_close(service->audit, service->clock.now_ms ? vt__service_now_ms(service) : 0);
    vt__signing_close(&service->signing);
    vt__policies_close(service->policies);
    vt__key_ring_close(service->keys);
    vt__store_close(service->store);
    pthread_cond_destroy(&service->wake);
    pthread_mutex_destroy(&service->sleep);
    pthread_mutex_destroy(&service->writing);
    vt__free(service->data_folder);
    vt__free(service->key_folder);
    vt__free(service);
}

static vt_status count_kind(uint64_t *sum, vt__service *service, uint32_t kind, vt_error *err)
{
    uint64_t amount = 0;
    vt_status status = vt__store_count(&amount, service->store, &(vt__query){ .kind = kind }, err);
    *sum += amount;
    return status;
}

vt_status vt__service_count(vt__service_counts *out, vt__service *service, vt_error *err)
{
    *out = (vt__service_counts){ 0 };
    vt_status status = VT_OK;
    for (int k = 0; k < VT__KIND_COUNT && status == VT_OK; k++)
        status = count_kind(&out->collections, service, (uint32_t)(VT__RECORD_COLLECTION + k), err);
    if (status == VT_OK) status = count_kind(&out->persons, service, VT__RECORD_PERSON, err);
    if (status == VT_OK) status = count_kind(&out->faces, service, VT__RECORD_FACE, err);
    if (status == VT_OK) status = count_kind(&out->face_ids, service, VT__RECORD_FACE_ID, err);
    return status;
}

vt_status vt__service_backup(const char *data_folder, const char *path, vt_error *err)
{
    return vt__store_backup(&vt__backend_sqlite, data_folder, path, err);
}

/* They belong to the database that was there before. */
static vt_status remove_index_files(const char *data_folder, vt_error *err)
{
    vt__names names = { NULL, 0 };
    char *folder = vt__path_join(data_folder, "index");
    vt_status status = folder ? VT_OK : vt__fail_memory(err, 1);
    if (!status && vt__folder_exists(folder)) status = vt__folder_list(&names, folder, err);
    for (size_t i = 0; i < names.count && !status; i++) {
        char *path = vt__path_join(folder, names.items[i]);
        if (!path || unlink(path)) status = vt__fail(err, VT_EIO, "cannot remove %s of the index", names.items[i]);
        vt__free(path);
    }
    vt__names_free(&names);
    vt__free(folder);
    return status;
}

vt_status vt__service_restore(const char *data_folder, const char *path, const char *keys_path, vt_error *err)
{
    vt_status status = vt__store_restore(&vt__backend_sqlite, data_folder, path, keys_path, err);
    return status ? status : remove_index_files(data_folder, err);
}
