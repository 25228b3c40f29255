#ifdef VULTUS_HAVE_VIDEO
/* Who is where in an archive, for people whose pictures are given. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <vultus/match.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "cli/archive_open.h"
#include "cli/commands_list.h"
#include "cli/people.h"

static const vt__option options[] = {
    VT__GALLERY_OPTIONS,
    VT__GROUP_OPTION,
    { "archive", "NAME", NULL, "the archive to read" },
    { "format", "KIND", "json", "json, csv, webvtt or xmp" },
    { "out", "FOLDER", NULL, "webvtt and xmp: write a file for each video there (VIDEO.vtt, VIDEO.xmp)" },
    { "min-confidence", "C", "0.5", "from which a face gets a name" },
    { NULL, NULL, NULL, NULL },
};

typedef enum kind { as_json = 0, as_csv, as_webvtt, as_xmp } kind;

typedef struct writing {
    const vt__people *people;
    const vt_engine *engine;
    double least;
    kind kind;
    const char *folder; /* of files for each video; NULL: all goes to standard output */
    FILE *to;
    vt__json *list; /* of as_json */
} writing;

/* The person a track shows, or NULL. */
static const char *name_of(float *confidence, const writing *w, const vt_template *template)
{
    const char *name = NULL;
    *confidence = 0;
    for (size_t i = 0; i < w->people->count; i++) {
        const vt_template *person = &w->people->items[i];
        if (person->dimension != template->dimension) continue;
        float c = vt_engine_confidence(w->engine, vt_cosine(person->values, template->values, template->dimension));
        if (c < w->least || c <= *confidence) continue;
        *confidence = c;
        name = w->people->names[i];
    }
    return name;
}

/* Text within XML, and within WebVTT, which knows no escape for quotes. */
static void print_escaped(FILE *to, const char *text, bool quotes)
{
    static const char *const escapes[256] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;" };
    for (; *text; text++) {
        const char *escape = *text != '"' || quotes ? escapes[(unsigned char)*text] : NULL;
        if (escape) fputs(escape, to);
        else putc(*text, to);
    }
}

static void print_csv(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_clock(FILE *to, double time_s)
{
    int64_t ms = llround(time_s * 1000);
    fprintf(to, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void write_track(const writing *w, const vt_archive_video *video, const vt_archive_track *t, const char *name, float confidence)
{
    vt__json *one = w->kind == as_json ? vt__json_object() : NULL;
    switch (w->kind) {
    case as_json:
        vt__json_set_string(one, "file", video->path);
        vt__json_set_string(one, "person", name);
        vt__json_set(one, "from", vt__json_rounded(t->from_s, 3));
        vt__json_set(one, "to", vt__json_rounded(t->to_s, 3));
        vt__json_set(one, "best", vt__json_rounded(t->best_s, 3));
        vt__json_set(one, "confidence", vt__json_rounded(confidence, 5));
        vt__json_append(w->list, one);
        break;
    case as_csv:
        print_csv(video->path);
        putchar(',');
        print_csv(name);
        printf(",%.3f,%.3f,%.3f,%.5f\n", t->from_s, t->to_s, t->best_s, (double)confidence);
        break;
    case as_webvtt:
        print_clock(w->to, t->from_s);
        fprintf(w->to, " --> ");
        print_clock(w->to, t->to_s);
        fprintf(w->to, "\n<v ");
        for (const char *c = name; *c; c++) putc(strchr("&<>", *c) ? ' ' : *c, w->to); /* readers differ in what a tag may hold */
        fprintf(w->to, ">");
        print_escaped(w->to, name, false);
        fprintf(w->to, "\n\n");
        break;
    case as_xmp:
        fprintf(w->to, "    <rdf:li rdf:parseType=\"Resource\"><xmpDM:startTime>%lld</xmpDM:startTime><xmpDM:duration>%lld</xmpDM:duration><xmpDM:name>",
               llround(t->from_s * 1000), llround((t->to_s - t->from_s) * 1000));
        print_escaped(w->to, name, true);
        fprintf(w->to, "</xmpDM:name></rdf:li>\n");
        break;
    }
}

static void write_head(const writing *w, const vt_archive_video *video)
{
    if (w->kind == as_webvtt) fprintf(w->to, "WEBVTT\n\nNOTE file: %s\n\n", strstr(video->path, "-->") ? "" : video->path);
    if (w->kind != as_xmp) return;
    fprintf(w->to, "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
                   "xmlns:xmpDM=\"http://ns.adobe.com/xmp/1.0/DynamicMedia/\">\n  <rdf:Description rdf:about=\"");
    print_escaped(w->to, video->path, true);
    fprintf(w->to, "\">\n   <xmpDM:Tracks><rdf:Bag><rdf:li rdf:parseType=\"Resource\"><xmpDM:trackName>people</xmpDM:trackName>"
                   "<xmpDM:frameRate>f1000</xmpDM:frameRate><xmpDM:markers><rdf:Seq>\n");
}

static void write_tail(const writing *w)
{
    if (w->kind == as_xmp)
        fprintf(w->to, "   </rdf:Seq></xmpDM:markers></rdf:li></rdf:Bag></xmpDM:Tracks>\n  </rdf:Description>\n</rdf:RDF></x:xmpmeta>\n");
}

static void write_video(const writing *w, const vt_archive_video *video)
{
    write_head(w, video);
    for (size_t i = 0; i < video->count; i++) {
        float confidence;
        const char *name = name_of(&confidence, w, &video->tracks[i].template_);
        if (name) write_track(w, video, &video->tracks[i], name, confidence);
    }
    write_tail(w);
}

/* A file of its own, named after the video; a second one of a name gets a number. */
static vt_status write_file(writing *w, const vt_archive_video *video, vt_error *err)
{
    const char *slash = strrchr(video->path, '/'), *base = slash ? slash + 1 : video->path, *ending = w->kind == as_xmp ? "xmp" : "vtt";
    char *path = vt__format("%s/%s.%s", w->folder, base, ending);
    for (int n = 2; path && w->to == NULL; n++) {
        w->to = fopen(path, "wx");
        if (w->to || errno != EEXIST) break;
        vt__free(path);
        path = vt__format("%s/%s (%d).%s", w->folder, base, n, ending);
    }
    vt_status status = w->to ? VT_OK : vt__fail_errno(err, VT_EIO, errno, "cannot write %s", path ? path : w->folder);
    if (!status) write_video(w, video);
    if (w->to && (ferror(w->to) | fclose(w->to)) && !status) status = vt__fail_errno(err, VT_EIO, errno, "cannot write %s", path);
    w->to = NULL;
    vt__free(path);
    return status;
}

static void begin(writing *w)
{
    if (w->kind == as_json) w->list = vt__json_array();
    if (w->kind == as_csv) printf("file,person,from,to,best,confidence\n");
}

static void end(writing *w)
{
    char *text = w->kind == as_json ? vt__json_text(w->list, true) : NULL;
    if (w->kind == as_json) printf("%s\n", text ? text : "[]");
    vt__free(text);
    vt__json_free(w->list);
}

static vt_status write_all(writing *w, vt_archive *archive, vt_error *err)
{
    size_t count = 0;
    vt_status status = vt_archive_count(&count, archive, err);
    bool of_one = w->kind == as_webvtt || w->kind == as_xmp; /* by their standards */
    if (!status && of_one && !w->folder && count > 1) status = vt__fail(err, VT_EINVAL, "this format is about one video, and the archive holds %zu: name a folder with --out", count);
    if (!status && w->folder && of_one) status = vt__folder_make(w->folder, 0755, err);
    if (!status) begin(w);
    for (size_t i = 0; i < count && !status; i++) {
        vt_archive_video video;
        w->to = w->folder && of_one ? NULL : stdout;
        status = vt_archive_video_read(&video, archive, i, err);
        if (!status && of_one && w->folder) status = write_file(w, &video, err);
        else if (!status) write_video(w, &video);
        vt_archive_video_free(&video);
    }
    if (!status) end(w);
    return status;
}

static int run(const vt__args *args)
{
    static const char *const kinds[] = { "json", "csv", "webvtt", "xmp", NULL };
    int chosen = as_json;
    writing w = { .least = VT_IDENTICAL_CONFIDENCE };
    vt__archive_work work;
    vt__people people = { 0 };
    vt_error err;
    if (!vt__args_choice(&chosen, args, "format", kinds) || !vt__args_number(&w.least, args, "min-confidence", 0, 1)) return EXIT_WRONG_USE;
    if (args->count > 1) {
        fprintf(stderr, "vultus video metadata: name one folder of people's pictures (NAME.jpg or NAME/*.jpg), or nothing for the people of --group\n");
        return EXIT_WRONG_USE;
    }
    w.kind = (kind)chosen;
    w.folder = vt__args_get(args, "out");
    int exit_code = vt__archive_work_open(&work, args, false, "ARCHIVE_SEARCH");
    if (exit_code) return exit_code;
    w.people = &people;
    w.engine = work.gallery.work.engine;
    vt__code code = vt__people_read(&people, &work.gallery, VT__ACTION_ARCHIVE, args->count ? args->operands[0] : NULL, &err);
    if (!code) code = vt__code_of(write_all(&w, work.archive, &err));
    if (code) exit_code = vt__complain_code(args, code, &err);
    vt__people_free(&people);
    vt__archive_work_close(&work);
    return exit_code;
}

const vt__command vt__command_video_metadata = {
    "video metadata", "[PEOPLE]", "who is where in an archive, as JSON, CSV, WebVTT or XMP",
    "PEOPLE is " VT__PEOPLE_HELP ".\nWithout it all people of --group are looked for. WebVTT and XMP are about one video\n"
    "each: with more than one in the archive name a folder with --out.", options, run,
};
#else
typedef int vt__no_video_here;
#endif
