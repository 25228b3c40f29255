# What the README prints is what runs; it builds the release preset where that is not built yet.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND NOT VULTUS_SANITIZE)
  add_test(NAME readme/quick-start COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/readme/quick_start.py)
  set_tests_properties(readme/quick-start PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()

# The transparency note's commands, as they are printed.
if(Python3_FOUND AND NOT VULTUS_SANITIZE)
  add_test(NAME readme/transparency COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/readme/transparency.py)
  set_tests_properties(readme/transparency PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
endif()
