# The installed library and headers, used as a stranger uses them.
if(NOT VULTUS_SANITIZE)
  add_test(NAME examples/installed COMMAND ${CMAKE_SOURCE_DIR}/tests/examples/run ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(examples/installed PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()
