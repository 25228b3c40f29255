# The rules of the house that a machine can check, and the symbols of the library against its headers.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  add_test(NAME structure/rules
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/script/check-structure --library $<TARGET_FILE:vultus>)
  add_test(NAME structure/planted
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/structure/planted ${CMAKE_C_COMPILER})
endif()
