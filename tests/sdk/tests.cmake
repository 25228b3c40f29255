# Real clients against a real server: tests/sdk/run starts one, installs the pinned client into build/sdk and runs its flow.
foreach(client js-beta1 js-beta3 js-legacy python-beta2 python-legacy schemathesis openapi-lint)
  add_test(NAME sdk/${client} COMMAND ${CMAKE_SOURCE_DIR}/tests/sdk/run ${client} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(sdk/${client} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 RESOURCE_LOCK sdk
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus")
endforeach()
