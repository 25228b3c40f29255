# What api/generate.py makes must be what is checked in.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME contract/generated COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/api/generate.py --check)
endif()
