# The program under load, for long, killed, and copied while at work. A sanitizer's own memory would hide the program's.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND NOT VULTUS_SANITIZE)
  foreach(name archives backup jobs killed load secrets)
    add_test(NAME e2e/${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/e2e/${name}.py)
    set_tests_properties(e2e/${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 3600
      ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
  set_tests_properties(e2e/load PROPERTIES RUN_SERIAL ON)
endif()
