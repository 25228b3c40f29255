# The NEON kernels, emulated.
if(NOT VULTUS_SANITIZE)
  add_test(NAME match/kernel/arm COMMAND ${CMAKE_CURRENT_LIST_DIR}/kernel/arm.sh WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(match/kernel/arm PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()
