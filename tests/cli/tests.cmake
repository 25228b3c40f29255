# The server as a process: start, signals, stop.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME cli/serve COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/cli/serve.py)
  set_tests_properties(cli/serve PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME cli/video_search COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/cli/video_search.py)
  set_tests_properties(cli/video_search PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME cli/redaction_figures COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/cli/redaction_figures.py)
  set_tests_properties(cli/redaction_figures PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1500
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  add_test(NAME cli/redact_options COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/cli/redact_options.py)
  set_tests_properties(cli/redact_options PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
endif()
