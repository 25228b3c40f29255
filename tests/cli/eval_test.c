/* `vultus eval` and its kin on small sets, each metric within what the set allows. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/data.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/test.h"

#include "base/json.h"

/* Four persons of ten pictures, five poses, three marked faces, and a pairs file. */
static const char layout[] =
    "cd \"$SETS\" && mkdir people poses marks real_and_spoof real_and_spoof/real real_and_spoof/spoof && "
    "for p in Dad Daughter Mom Son; do mkdir people/$p; cp \"$DATA\"/face-samples/Family1-$p[0-9].jpg people/$p; done && "
    "cp \"$DATA\"/pose-dev/person0114[2468]+0*.jpg \"$DATA\"/pose-dev/person0114[2468]+0*.txt poses && "
    "for m in 1002681492_1 100591971_1 1019068877_1; do cp \"$DATA\"/landmarks68-dev/$m.* marks; done && "
    "cp \"$DATA\"/liveness-dev/minivision/image_T1.jpg \"$DATA\"/face-samples/detection1.jpg real_and_spoof/real && "
    "cp \"$DATA\"/liveness-dev/minivision/image_F[12].jpg real_and_spoof/spoof && "
    "cp \"$DATA\"/videos-dev/obama.mp4 real.mp4 && "
    "ffmpeg -v error -loop 1 -i \"$DATA\"/liveness-dev/minivision/image_F1.jpg -r 10 -t 2 -pix_fmt yuv420p -vf 'scale=trunc(iw/2)*2:-2' fake.mp4 && "
    "ffmpeg -v error -f lavfi -i color=gray:size=320x240:rate=10 -t 2 nobody.mp4 && "
    "printf 'image_a\\timage_b\\tsame\\nDad/Family1-Dad1.jpg\\tDad/Family1-Dad2.jpg\\t1\\n"
    "Dad/Family1-Dad1.jpg\\tSon/Family1-Son1.jpg\\t0\\n' >pairs.tsv";

static int make_sets(void **state)
{
    (void)state;
    char data[4096], pack[4096];
    if (!test_data_folder()) test_skip("no development pictures: name their folder in VULTUS_TEST_DATA");
    if (!test_pack_folder()) test_skip("no model pack (script/bootstrap makes one)");
    if (!realpath(test_data_folder(), data) || !realpath(test_pack_folder(), pack)) return -1;
    if (setenv("DATA", data, 1) || setenv("SETS", test_folder(), 1) || setenv("VULTUS_PACK", pack, 1)) return -1;
    return system(layout) ? -1 : chdir(test_folder());
}

static void sets_are_measured(void **state)
{
    (void)state;
    static const struct {
        const char *command, *metric;
        double low, high;
    } rows[] = {
        { "eval landmarks marks", "nme", .02, .07 },
        { "eval landmarks marks", "failure_rate", 0, 0 },
        { "eval pose poses", "yaw_mae_deg", 0, 15 },
        { "eval pose poses", "pitch_mae_deg", 0, 15 },
        { "eval verify --images people", "failure_to_acquire", 0, 0 },
        { "eval verify --images people --pairs pairs.tsv", "failure_to_acquire", 0, 0 },
        { "eval liveness real_and_spoof", "auc", 1, 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        vt__json *answer;
        double value = -1;
        program_result out = program_run("%s --json --quiet", rows[i].command);
        if (out.code || vt__json_parse(&answer, out.output, strlen(out.output), 0, NULL)) fail_msg("%s: exit %d\n%s", rows[i].command, out.code, out.output);
        vt__json_as_number(&value, vt__json_get(vt__json_get(vt__json_get(answer, "metrics"), rows[i].metric), "value"));
        if (!(value >= rows[i].low && value <= rows[i].high)) fail_msg("%s: %s is %g\n%s", rows[i].command, rows[i].metric, value, out.output);
        vt__json_free(answer);
        free(out.output);
    }
}

/* Tables for people carry the same names; what cannot be measured is said. */
static void people_get_tables_and_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        int code;
        const char *says;
    } rows[] = {
        { "eval landmarks marks --quiet", 0, "nme" },
        { "eval quality people --quiet", 0, "fnmr_" },
        { "eval identify people --quiet", 2, "the set needs mated probes and 100 non-mated ones; it has 3 and 2" },
        { "eval pose marks --quiet", 3, "none of the 3 pictures in marks has a truth to be judged by" },
        { "eval landmarks people/Dad --quiet", 3, "none of the 3 pictures" },
        { "eval landmarks nowhere --quiet", 3, "nowhere" },
        { "eval verify --images people --pairs nowhere.tsv --quiet", 3, "nowhere.tsv" },
        { "pack calibrate people --quiet", 2, "37 pairs of different persons; at least 10000 are needed" },
        { "pack verify", 0, NULL },
        { "pack list", 0, "MIT" },
        { "liveness --evaluation --data data real_and_spoof/real/detection1.jpg", 0, "realface" },
        { "liveness --evaluation --data data real_and_spoof/spoof/image_F1.jpg", 1, "spoofface" },
        { "liveness --evaluation --data data real_and_spoof/real/detection1.jpg real.mp4", 2, "not pictures and clips together" },
#ifdef VULTUS_HAVE_VIDEO
        { "liveness --evaluation --data data real.mp4", 0, "realface  real.mp4  frames 19\n" },
        { "liveness --evaluation --data data --json real.mp4", 0, "\"check\":\"sameFace\"" },
        { "liveness --evaluation --data data fake.mp4", 1, "spoofface  fake.mp4  frames 20  it looks like a print or a screen" },
        { "liveness --evaluation --data data nobody.mp4", 1, "uncertain  nobody.mp4  frames 20  no face" },
        { "liveness --evaluation --data data nowhere.mp4", 3, "nowhere.mp4" },
#endif
        { "bench pipeline --rounds 1 people/Dad/Family1-Dad1.jpg", 0, "total" },
        { "bench archive --quiet real.mp4", 0, "track_recall               100.000 %" },
        { "bench search --n 1000 --probes 4 --seed 2", 0, "recall" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        program_result out = program_run("%s", rows[i].command);
        if (out.code != rows[i].code || (rows[i].says && !strstr(out.output, rows[i].says)))
            fail_msg("%s: exit %d\n%s", rows[i].command, out.code, out.output);
        free(out.output);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_measured),
        cmocka_unit_test(people_get_tables_and_reasons),
    };
    return cmocka_run_group_tests(tests, make_sets, test_folder_remove);
}
