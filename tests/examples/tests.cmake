# The installed library and headers, used as a stranger uses them.
if(NOT VULTUS_SANITIZE)
  add_test(NAME examples/installed COMMAND ${CMAKE_SOURCE_DIR}/tests/examples/run ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(examples/installed PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()

# The worked use cases, each told by examples/use-cases/README.md, with the official clients.
foreach(case door sign_up kiosk new_account media_archive)
  add_test(NAME examples/${case} COMMAND ${CMAKE_CURRENT_LIST_DIR}/use_case.sh ${case} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(examples/${case} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 RESOURCE_LOCK sdk
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
endforeach()
