# In a real browser, against a real server: skipped where chromium, node or the test data are absent.
foreach(flow liveness_flow app_flow)
  add_test(NAME web/${flow} COMMAND ${CMAKE_CURRENT_LIST_DIR}/run ${flow} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(web/${flow} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus")
endforeach()
add_test(NAME web/liveness_screens COMMAND ${CMAKE_CURRENT_LIST_DIR}/run liveness_flow WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(web/liveness_screens PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
  ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PART=screens")
