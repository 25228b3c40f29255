# 20,000 requests under VULTUS_TEST_LONG and a sanitizer
set_tests_properties(rest/hostile PROPERTIES TIMEOUT 1800)
