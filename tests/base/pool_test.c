#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "support/failing.h"

static atomic_int begun, ended, done;

static void *begin(void *context)
{
    atomic_fetch_add(&begun, 1);
    return context;
}

static void end(void *worker, void *context)
{
    assert_ptr_equal(worker, context);
    atomic_fetch_add(&ended, 1);
}

static void count(void *worker, void *argument)
{
    (void)worker;
    atomic_fetch_add(&done, *(int *)argument);
}

static void runs_all_jobs_before_it_closes(void **state)
{
    (void)state;
    int context = 0, one = 1;
    vt__pool_options options = { 3, 1000, begin, end, &context };
    vt__pool *pool;
    assert_int_equal(vt__pool_open(&pool, &options, NULL), VT_OK);
    for (int i = 0; i < 1000; i++)
        while (vt__pool_submit(pool, count, &one, NULL) == VT_EBUSY)
            ;
    vt__pool_close(pool);
    assert_int_equal(atomic_load(&done), 1000);
    assert_int_equal(atomic_load(&begun), 3);
    assert_int_equal(atomic_load(&ended), 3);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void wait_at_gate(void *worker, void *argument)
{
    (void)worker;
    (void)argument;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

static void a_full_queue_says_so(void **state)
{
    (void)state;
    vt__pool_options options = { 1, 2, NULL, NULL, NULL };
    vt__pool *pool;
    pthread_mutex_lock(&gate);
    assert_int_equal(vt__pool_open(&pool, &options, NULL), VT_OK);
    assert_int_equal(vt__pool_submit(pool, wait_at_gate, NULL, NULL), VT_OK);
    while (vt__pool_waiting(pool))
        ; /* until the worker stands at the gate */
    assert_int_equal(vt__pool_submit(pool, wait_at_gate, NULL, NULL), VT_OK);
    assert_int_equal(vt__pool_submit(pool, wait_at_gate, NULL, NULL), VT_OK);
    vt_error err;
    assert_int_equal(vt__pool_submit(pool, wait_at_gate, NULL, &err), VT_EBUSY);
    assert_string_equal(err.text, "2 jobs are waiting already");
    pthread_mutex_unlock(&gate);
    vt__pool_close(pool);
}

static bool open_close(void *context)
{
    vt__pool *pool = NULL;
    if (vt__pool_open(&pool, context, NULL)) return false;
    vt__pool_close(pool);
    return true;
}

static void failures(void **state)
{
    (void)state;
    vt__pool_options options = { 2, 4, NULL, NULL, NULL };
    assert_int_equal(failing_each(open_close, &options, 50, false), 3);
    options.workers = 0;
    vt__pool *pool;
    assert_int_equal(vt__pool_open(&pool, &options, NULL), VT_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_all_jobs_before_it_closes),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
