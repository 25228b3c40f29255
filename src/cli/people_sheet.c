#ifdef VULTUS_HAVE_VIDEO
#include "cli/people_sheet.h"

#include <math.h>
#include <string.h>

#include <vultus/match.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "redact/text_file.h"

enum { shown_of_person = 12, templates_of_person = 8, most_names_bytes = 16 << 20 };

static const char page_head[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
    "<title>People of an archive</title><style>"
    ":root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:1.5em 1.5em 6em}"
    "h1{font-size:1.4em;margin:0 0 .3em}.note{border-left:4px solid #b80;padding:.2em .8em;margin:1em 0}"
    "section{border:1px solid #8886;border-radius:8px;padding:.8em 1em;margin:0 0 1em}h2{font-size:1em;margin:0 0 .5em;display:inline-block;min-width:7em}"
    "label{margin:0 1em 0 0}input{font:inherit;padding:.3em .5em;min-width:16em}.of{opacity:.75}"
    "figure{display:inline-block;margin:.5em 10px 0 0;vertical-align:top;max-width:10em}img{height:120px;border-radius:4px;display:block}"
    "figcaption{font-size:.8em;opacity:.85;overflow-wrap:anywhere}"
    "footer{position:fixed;inset:auto 0 0 0;padding:.8em 1.5em;background:Canvas;border-top:1px solid #8886}button{font:inherit;padding:.5em 1.2em}</style>";

static const char page_end[] =
    "<footer><button id=\"save\">Save the names</button> <span id=\"said\" role=\"status\"></span></footer><script>"
    "document.getElementById('save').onclick=()=>{const by=new Map();for(const s of document.querySelectorAll('section')){"
    "const name=s.querySelector('input').value.trim();if(name)by.set(name,[...by.get(name)||[],...JSON.parse(s.dataset.tracks)]);}"
    "const people=[...by].map(([name,tracks])=>({name,tracks}));"
    "if(people.length){const a=document.createElement('a');a.href=URL.createObjectURL(new Blob([JSON.stringify({people},null,1)],{type:'application/json'}));"
    "a.download='names.json';a.click();}"
    "document.getElementById('said').textContent=people.length?`${people.length} named: names.json is in your downloads.`:'Write a name first.';};"
    "</script></html>\n";

static void add_escaped(vt__buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&') vt__buffer_text(out, "&amp;");
        else if (*text == '<') vt__buffer_text(out, "&lt;");
        else if (*text == '"') vt__buffer_text(out, "&quot;");
        else vt__buffer_append(out, text, 1);
    }
}

static vt_status add_picture(vt__buffer *out, const vt_archive_track *track, vt_error *err)
{
    size_t length;
    if (!track->thumbnail) return VT_OK;
    char *text = vt__base64_text(&length, track->thumbnail, track->thumbnail_bytes);
    if (!text) return vt__fail_memory(err, track->thumbnail_bytes);
    vt__buffer_text(out, "<img alt=\"\" src=\"data:image/jpeg;base64,");
    vt__buffer_append(out, text, length);
    vt__buffer_text(out, "\">");
    vt__free(text);
    return VT_OK;
}

static void add_time(vt__buffer *out, double time_s)
{
    int64_t whole = llround(floor(time_s));
    vt__buffer_format(out, "%lld:%02d:%04.1f", (long long)(whole / 3600), (int)(whole / 60 % 60), fmod(time_s, 60));
}

static vt_status add_figure(vt__buffer *out, const vt__person_track *t, vt_error *err)
{
    const char *name = strrchr(t->video->path, '/');
    vt__buffer_text(out, "<figure>");
    vt_status status = add_picture(out, t->track, err);
    vt__buffer_text(out, "<figcaption title=\"");
    add_escaped(out, t->video->path);
    vt__buffer_text(out, "\">");
    add_escaped(out, name ? name + 1 : t->video->path);
    vt__buffer_text(out, "<br>");
    add_time(out, t->track->from_s);
    vt__buffer_text(out, " to ");
    add_time(out, t->track->to_s);
    vt__buffer_text(out, "<br>best at ");
    add_time(out, t->track->best_s);
    vt__buffer_text(out, "</figcaption></figure>");
    return status;
}

/* What the page's file repeats of each track, and by which it is known again. */
static void add_keys(vt__buffer *out, const vt__person_track *tracks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vt__buffer_format(out, "%s{&quot;video&quot;:&quot;%s&quot;,&quot;from&quot;:%.3f,&quot;best&quot;:%.3f}", i ? "," : "[", tracks[i].video->id,
                          tracks[i].track->from_s, tracks[i].track->best_s);
    vt__buffer_text(out, "]");
}

static vt_status add_person(vt__text_file *w, const vt__person_track *tracks, size_t count, vt_error *err)
{
    double seconds = 0;
    uint32_t number = tracks[0].group + 1;
    vt_status status = VT_OK;
    for (size_t i = 0; i < count; i++) seconds += tracks[i].track->to_s - tracks[i].track->from_s;
    vt__buffer_text(&w->text, "<section data-tracks=\"");
    add_keys(&w->text, tracks, count);
    vt__buffer_format(&w->text, "\"><h2>Person %u</h2><label>Name <input></label><span class=\"of\">seen %zu times, %.0f seconds</span><div>", number, count, seconds);
    for (size_t i = 0; i < count && i < shown_of_person && !status; i++) status = add_figure(&w->text, &tracks[i], err);
    vt__buffer_text(&w->text, "</div></section>\n");
    return status ? status : vt__text_file_flush(w, err);
}

static vt_status add_people(vt__text_file *w, const vt__archive_people *people, vt_error *err)
{
    vt_status status = VT_OK;
    for (size_t from = 0, to; from < people->count && people->tracks[from].group != VT_GROUP_MESSY && !status; from = to) {
        for (to = from; to < people->count && people->tracks[to].group == people->tracks[from].group;) to++;
        status = add_person(w, people->tracks + from, to - from, err);
    }
    return status;
}

static void add_head(vt__text_file *w, const vt__archive_people *people, const char *archive)
{
    bool pictures = false;
    for (size_t i = 0; i < people->count; i++) pictures = pictures || people->tracks[i].track->thumbnail;
    vt__buffer_text(&w->text, page_head);
    vt__buffer_text(&w->text, "<h1>People of the archive ");
    add_escaped(&w->text, archive);
    vt__buffer_format(&w->text, "</h1><p>%u people who are seen more than once, in %zu videos. Name those you know (one name in two places makes one person), save the names, and run<br>"
                      "<code>vultus video people --archive ", people->groups, people->video_count);
    add_escaped(&w->text, archive);
    vt__buffer_text(&w->text, " --names names.json --group GROUP</code></p><div class=\"note\">");
    vt__buffer_text(&w->text, pictures ? "<b>This page shows faces.</b> Delete it when done." :
                                         "Index with <code>--thumbnails</code> to see faces here; without, look them up at the times given.");
    vt__buffer_text(&w->text, "</div>\n");
}

vt_status vt__people_sheet_write(const char *path, const vt__archive_people *people, const char *archive, vt_error *err)
{
    vt__text_file w;
    vt_status status = vt__text_file_open(&w, path, err);
    if (!status) add_head(&w, people, archive);
    if (!status) status = add_people(&w, people, err);
    vt__buffer_text(&w.text, page_end);
    return vt__text_file_close(&w, status, err);
}

/* ---- names ---- */

static const vt_archive_track *find_track(const vt__archive_people *people, const vt__json *key)
{
    double from_s = -1, best_s = -1;
    const char *video = vt__json_string_or(key, "video", "");
    vt__json_as_number(&from_s, vt__json_get(key, "from"));
    vt__json_as_number(&best_s, vt__json_get(key, "best"));
    for (size_t i = 0; i < people->count; i++) {
        const vt__person_track *t = &people->tracks[i];
        if (!strcmp(t->video->id, video) && fabs(t->track->from_s - from_s) < 0.001 && fabs(t->track->best_s - best_s) < 0.001) return t->track;
    }
    return NULL;
}

static vt_status read_person(vt__moved_person *out, const vt__json *json, const vt__archive_people *people, vt_error *err)
{
    const vt__json *tracks = vt__json_get(json, "tracks");
    const char *name = vt__json_string_or(json, "name", "");
    size_t count = vt__json_count(tracks);
    if (!*name || !count) return vt__fail(err, VT_EFORMAT, "a person needs a \"name\" and \"tracks\"");
    vt__uuid_make(out->id);
    out->name = vt__strdup(name);
    out->faces = vt__calloc(templates_of_person, sizeof *out->faces);
    if (!out->name || !out->faces) return vt__fail_memory(err, templates_of_person * sizeof *out->faces);
    for (size_t i = 0; i < count; i++) { /* best shots stand first */
        const vt_archive_track *track = find_track(people, vt__json_at(tracks, i));
        if (!track) return vt__fail(err, VT_ENOTFOUND, "%s: track %zu is not in the archive (any more); write the sheet anew", name, i + 1);
        if (out->face_count == templates_of_person) continue;
        vt__uuid_make(out->faces[out->face_count].id);
        out->faces[out->face_count++].value = track->template_;
    }
    return VT_OK;
}

vt_status vt__people_names_read(vt__moved_person **out, size_t *count, const char *path, const vt__archive_people *people, vt_error *err)
{
    uint8_t *text = NULL;
    size_t size = 0;
    vt__json *root = NULL;
    *out = NULL;
    *count = 0;
    vt_status status = vt__file_read(&text, &size, path, most_names_bytes, err);
    if (!status) status = vt__json_parse(&root, (const char *)text, size, 0, err);
    const vt__json *list = vt__json_get(root, "people");
    size_t named = vt__json_count(list);
    if (!status && !named) status = vt__fail(err, VT_EFORMAT, "it names nobody: {\"people\": [{\"name\", \"tracks\"}]} as the sheet saves it");
    if (!status && !(*out = vt__calloc(named, sizeof **out))) status = vt__fail_memory(err, named * sizeof **out);
    for (size_t i = 0; i < named && !status; i++) {
        ++*count;
        status = read_person(&(*out)[i], vt__json_at(list, i), people, err);
    }
    if (status) {
        vt__error_prefix(err, status, "%s", path);
        vt__moved_persons_free(*out, *count);
        *out = NULL;
        *count = 0;
    }
    vt__json_free(root);
    vt__free(text);
    return status;
}
#else
typedef int vt__no_video_here;
#endif
