#ifdef VULTUS_HAVE_VIDEO
/* vultus bench archive: what an archive costs, and what is lost by passing over frames while nothing changes. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <vultus/archive.h>
#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/commands_list.h"
#include "cli/engine_open.h"
#include "cli/report.h"
#include "video/look.h"
#include "video/quiet.h"

static const vt__option options[] = {
    { "min-face", "PX", "30", "smallest face to look for" },
    { NULL, NULL, NULL, NULL },
};

static const double rest_s = 0.16; /* as vt_archive_index */
static const double most_of = 0.5; /* of a reference's time, and of two boxes together, that have to be the same */

/* One way of looking through the videos. */
typedef struct way {
    double rest_s;     /* as in vt_archive_index_options */
    double cpu_s, video_s;
    int64_t frames, looked_at;
    vt_tracks *tracks; /* of each video: all, with a box for every frame */
    vt_archive_video *videos;
} way;

typedef struct archive_bench {
    const vt__args *args;
    vt__work work;
    float min_face_px;
    size_t found, all;             /* reference tracks, by place and time */
    size_t person_found, person_all; /* of the archive: by template and time */
} archive_bench;

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the two ways ---- */

static void remove_folder(const char *folder)
{
    vt__names names;
    if (vt__folder_list(&names, folder, NULL)) return;
    for (size_t i = 0; i < names.count; i++) {
        char *path = vt__path_join(folder, names.items[i]);
        if (path) unlink(path);
        vt__free(path);
    }
    vt__names_free(&names);
    rmdir(folder);
}

/* Into an archive of its own each, which is gone afterwards. */
static vt_status index_video(way *w, archive_bench *b, int i, vt_error *err)
{
    char folder[] = "/tmp/vultus-bench-XXXXXX";
    uint8_t key[VT_ARCHIVE_KEY_BYTES];
    vt_archive *archive = NULL;
    bool unchanged;
    vt_archive_index_options how = VT_ARCHIVE_INDEX_OPTIONS_INIT;
    how.rest_s = w->rest_s;
    how.min_face_px = b->min_face_px;
    if (!mkdtemp(folder)) return vt__fail(err, VT_EIO, "cannot make %s", folder);
    vt__random_bytes(key, sizeof key);
    vt_status status = vt_archive_open(&archive, folder, key, err);
    double begin_s = cpu_s();
    if (!status) status = vt_archive_index(&unchanged, archive, b->args->operands[i], b->work.engine, b->work.session, &how, err);
    w->cpu_s += cpu_s() - begin_s;
    if (!status) status = vt_archive_video_read(&w->videos[i], archive, 0, err);
    w->video_s += status ? 0 : w->videos[i].duration_s;
    vt_archive_close(archive);
    vt__wipe(key, sizeof key);
    remove_folder(folder);
    return status;
}

/* The same once more, with every frame's boxes, which an archive does not keep. */
static vt_status look_at_video(way *w, archive_bench *b, int i, vt_error *err)
{
    vt_video *video = NULL;
    vt_tracker *tracker = NULL;
    vt__looker looker;
    bool more = true;
    vt_status status = vt_video_open(&video, b->args->operands[i], NULL, err);
    if (!status) status = vt_tracker_open(&tracker, NULL, err);
    vt__looker_begin(&looker, &(vt__look_options){ .min_face_px = b->min_face_px, .rest_s = w->rest_s < 0 ? 0 : rest_s });
    while (!status) {
        vt__looked seen = { .at_all = false };
        status = vt_video_next(&more, video, err);
        if (status || !more) break;
        status = vt__look(&seen, &looker, video, b->work.session, err);
        if (!status) status = vt_tracker_add(NULL, tracker, vt_video_frame(video), vt_video_time_s(video), &seen.faces, seen.cut, err);
        w->frames++;
        w->looked_at += seen.at_all;
        vt_faces_free(&seen.faces);
    }
    if (!status) status = vt_tracker_finish(&w->tracks[i], tracker, err);
    vt_tracker_close(tracker);
    vt_video_close(video);
    return status;
}

static vt_status go(way *w, archive_bench *b, vt_error *err)
{
    vt_status status = VT_OK;
    w->tracks = vt__calloc((size_t)b->args->count, sizeof *w->tracks);
    w->videos = vt__calloc((size_t)b->args->count, sizeof *w->videos);
    if (!w->tracks || !w->videos) return vt__fail_memory(err, (size_t)b->args->count * sizeof *w->videos);
    for (int i = 0; i < b->args->count && !status; i++) {
        status = index_video(w, b, i, err);
        if (!status) status = look_at_video(w, b, i, err);
        if (status) vt__error_prefix(err, status, "%s", b->args->operands[i]);
    }
    return status;
}

static void drop(way *w, int count)
{
    for (int i = 0; i < count; i++) {
        if (w->tracks) vt_tracks_free(&w->tracks[i]);
        if (w->videos) vt_archive_video_free(&w->videos[i]);
    }
    vt__free(w->tracks);
    vt__free(w->videos);
}

/* ---- what was found again ---- */

static double overlap(const vt_box *a, const vt_box *b)
{
    double w = fmin(a->left + a->width, b->left + b->width) - fmax(a->left, b->left);
    double h = fmin(a->top + a->height, b->top + b->height) - fmax(a->top, b->top);
    if (w <= 0 || h <= 0) return 0;
    return w * h / ((double)a->width * (double)a->height + (double)b->width * (double)b->height - w * h);
}

/* In at least half of the reference's frames a box with at least half in common. */
static bool is_same_place(const vt_track *reference, const vt_track *other)
{
    int64_t first = reference->sightings[0].frame, other_first = other->sightings[0].frame;
    size_t same = 0;
    for (size_t i = 0; i < reference->count; i++) {
        int64_t at = first + (int64_t)i - other_first;
        if (at >= 0 && at < (int64_t)other->count) same += overlap(&reference->sightings[i].box, &other->sightings[at].box) >= most_of;
    }
    return (double)same >= most_of * (double)reference->count;
}

static bool is_same_person(const archive_bench *b, const vt_archive_track *reference, const vt_archive_track *other)
{
    double common_s = fmin(reference->to_s, other->to_s) - fmax(reference->from_s, other->from_s);
    if (common_s < most_of * (reference->to_s - reference->from_s)) return false;
    float cosine = vt_cosine(reference->template_.values, other->template_.values, reference->template_.dimension);
    return vt_engine_confidence(b->work.engine, cosine) >= VT_IDENTICAL_CONFIDENCE;
}

static void compare_places(archive_bench *b, const vt_tracks *reference, const vt_tracks *other)
{
    for (size_t i = 0; i < reference->count; i++) {
        bool found = false;
        for (size_t k = 0; k < other->count && !found; k++) found = is_same_place(&reference->items[i], &other->items[k]);
        const vt_sighting *first = reference->items[i].sightings, *last = first + reference->items[i].count - 1;
        if (!found) fprintf(stderr, "missed: %.2f s to %.2f s at %.0f,%.0f, %.0f px\n", first->time_s, last->time_s, (double)first->box.left, (double)first->box.top, (double)first->box.width);
        b->found += found;
        b->all++;
    }
}

static void compare_people(archive_bench *b, const vt_archive_video *reference, const vt_archive_video *other)
{
    for (size_t i = 0; i < reference->count; i++) {
        bool found = false;
        for (size_t k = 0; k < other->count && !found; k++) found = is_same_person(b, &reference->tracks[i], &other->tracks[k]);
        b->person_found += found;
        b->person_all++;
    }
}

static void report(archive_bench *b, const way *every, const way *adaptive)
{
    vt__report r;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    vt__report_begin(&r, b->args, "bench archive", b->work.engine, 0, b->all);
    vt__report_add(&r, "video_s", vt__plain(adaptive->video_s), false);
    vt__report_add(&r, "cpu_min_per_hour", vt__plain(adaptive->cpu_s / adaptive->video_s * 60), false);
    vt__report_add(&r, "cpu_min_per_hour_every_frame", vt__plain(every->cpu_s / every->video_s * 60), false);
    vt__report_add(&r, "looked_at", vt__plain((double)adaptive->looked_at / (double)adaptive->frames), true);
    vt__report_add(&r, "track_recall", vt__share(b->found, b->all), true);
    vt__report_add(&r, "archived_track_recall", vt__share(b->person_found, b->person_all), true);
    vt__report_add(&r, "archived_tracks_every_frame", vt__plain((double)b->person_all), false);
    vt__report_add(&r, "peak_resident_mib", vt__plain((double)use.ru_maxrss / 1024), false);
    vt__report_end(&r);
}

static int run(const vt__args *args)
{
    archive_bench b = { .args = args };
    way every = { .rest_s = -1 }, adaptive = { .rest_s = 0 };
    double min_face = 30;
    vt_error err;
    if (!vt__args_number(&min_face, args, "min-face", 10, 10000)) return EXIT_WRONG_USE;
    if (!args->count) {
        fprintf(stderr, "vultus bench archive: name videos\n");
        return EXIT_WRONG_USE;
    }
    b.min_face_px = (float)min_face;
    vt__video_quiet();
    int code = vt__work_open(&b.work, args);
    if (code) return code;
    vt_status status = go(&adaptive, &b, &err);
    if (!status) status = go(&every, &b, &err);
    for (int i = 0; i < args->count && !status; i++) {
        compare_places(&b, &every.tracks[i], &adaptive.tracks[i]);
        compare_people(&b, &every.videos[i], &adaptive.videos[i]);
    }
    if (status) code = vt__complain(args, &err);
    else report(&b, &every, &adaptive);
    drop(&every, args->count);
    drop(&adaptive, args->count);
    vt__work_close(&b.work);
    return code;
}

const vt__command vt__command_bench_archive = {
    "bench archive", "VIDEO...", "what it takes to index videos, and which tracks are lost by passing over frames",
    "Each video is looked through as 'video index' does, and with every frame looked at. A track of the second is found when one of\n"
    "the first has, in at least half of its frames, at least half of the box in common; a track with a template when one of the\n"
    "first shows the same person for at least half of the time. Nothing is kept.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
