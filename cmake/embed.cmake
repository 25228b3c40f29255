# Files that the program carries: vultus_embed(TARGET SYMBOL FILE) adds `const unsigned char SYMBOL[]` and
# `const size_t SYMBOL_bytes`, declared where they are used.
function(vultus_embed target symbol file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  set(out ${CMAKE_BINARY_DIR}/embedded/${symbol}.c)
  file(CONFIGURE OUTPUT ${out} CONTENT "#include <stddef.h>
extern const unsigned char ${symbol}[];
extern const size_t ${symbol}_bytes;
const unsigned char ${symbol}[] = {${bytes}0};
const size_t ${symbol}_bytes = sizeof ${symbol} - 1;
" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()

# vultus_embed_docs(TARGET FILE…) fills the table of src/rest/docs.h.
function(vultus_embed_docs target)
  set(rows)
  set(names)
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME_WE)
    string(MAKE_C_IDENTIFIER "vt__doc_${name}" symbol)
    vultus_embed(${target} ${symbol} ${file})
    string(APPEND names "extern const unsigned char ${symbol}[];\nextern const size_t ${symbol}_bytes;\n")
    string(APPEND rows "    { \"${name}\", ${symbol}, &${symbol}_bytes },\n")
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/embedded/vt__docs.c)
  file(CONFIGURE OUTPUT ${out} CONTENT "#include \"rest/docs.h\"\n${names}const vt__doc vt__docs[] = {\n${rows}    { NULL, NULL, NULL },\n};\n" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
