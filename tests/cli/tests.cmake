# The server as a process: start, signals, stop.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  foreach(name serve video_search video_metadata video_people redaction_figures redact_options)
    add_test(NAME cli/${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/cli/${name}.py)
    set_tests_properties(cli/${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600
      ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
  set_tests_properties(cli/redaction_figures PROPERTIES TIMEOUT 1500)
endif()
