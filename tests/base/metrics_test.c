#include "support/test.h"

#include "base/metrics.h"

static void prints_the_text_format(void **state)
{
    (void)state;
    vt__metrics *metrics;
    assert_int_equal(vt__metrics_open(&metrics, NULL), VT_OK);
    vt__metric_add(vt__metrics_get(metrics, VT__METRIC_COUNTER, "b_total", "B.", "x=\"2\""), 2);
    vt__metric_add(vt__metrics_get(metrics, VT__METRIC_COUNTER, "b_total", "B.", "x=\"1\""), 1);
    vt__metric_add(vt__metrics_get(metrics, VT__METRIC_COUNTER, "b_total", "B.", "x=\"2\""), 3);
    vt__metric_set(vt__metrics_get(metrics, VT__METRIC_GAUGE, "a", "A.", ""), -4);
    vt__buffer text;
    vt__buffer_init(&text, 10000);
    vt__metrics_text(&text, metrics);
    assert_string_equal((char *)text.data, "# HELP a A.\n# TYPE a gauge\na -4\n# HELP b_total B.\n"
                                           "# TYPE b_total counter\nb_total{x=\"1\"} 1\nb_total{x=\"2\"} 5\n");
    vt__buffer_free(&text);
    vt__metrics_close(metrics);
}

static void histogram(void **state)
{
    (void)state;
    vt__metrics *metrics;
    assert_int_equal(vt__metrics_open(&metrics, NULL), VT_OK);
    vt__metric *seconds = vt__metrics_get(metrics, VT__METRIC_SECONDS, "t", "T.", "o=\"d\"");
    vt__metric_observe(seconds, 1000000);
    vt__metric_observe(seconds, 3000000);
    vt__metric_observe(seconds, 60000000000);
    assert_int_equal(vt__metric_value(seconds), 3);
    vt__buffer text;
    vt__buffer_init(&text, 10000);
    vt__metrics_text(&text, metrics);
    static const char *const lines[] = {
        "t_bucket{o=\"d\",le=\"0.001\"} 1\n", "t_bucket{o=\"d\",le=\"0.005\"} 2\n", "t_bucket{o=\"d\",le=\"10\"} 2\n",
        "t_bucket{o=\"d\",le=\"+Inf\"} 3\n",  "t_sum{o=\"d\"} 60.004\n",            "t_count{o=\"d\"} 3\n",
    };
    for (size_t i = 0; i < ROWS(lines); i++) assert_non_null(strstr((char *)text.data, lines[i]));
    vt__buffer_free(&text);
    vt__metrics_close(metrics);
    vt__metric_add(NULL, 1);
    vt__metric_observe(NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(prints_the_text_format), cmocka_unit_test(histogram) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
