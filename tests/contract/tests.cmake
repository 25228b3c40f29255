# What api/generate.py makes must be what is checked in.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME contract/generated COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/api/generate.py --check)
endif()

# Every published example, asked of the real program in every version; every error provoked.
if(Python3_FOUND)
  foreach(name examples errors)
    add_test(NAME contract/${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/contract/${name}.py)
    set_tests_properties(contract/${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
      ENVIRONMENT "VULTUS_PROGRAM=${CMAKE_BINARY_DIR}/vultus;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
