# Overload and soak of the program; a sanitizer's own memory would hide the program's.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND NOT VULTUS_SANITIZE)
  add_test(NAME e2e/load COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/load.py)
  set_tests_properties(e2e/load PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 3600 RUN_SERIAL ON
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
endif()
