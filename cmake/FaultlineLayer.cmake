# One static library per folder. Sources name headers as "faultline/<layer>/<file>.h", in the tree (through links in the
# build folder) as in an installation.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
endif()

file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/faultline")

# Warnings and a precompiled header (faultline_pch unless another target that has one is named), for our own targets.
function(faultline_compile target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${FAULTLINE_WERROR}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees overlaps and overflows inside std::string that are not there (GCC bugs 105651 and 105329), and
    # uninitialised vectors in temporaries whose members all have initialisers.
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow
                           -Wno-stringop-overread -Wno-maybe-uninitialized)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Lets ccache keep units that use a precompiled header.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp" -fpch-instantiate-templates)
  endif()
  target_link_libraries(${target} PRIVATE LibTorch::LibTorch)
  # One PCH serves libraries and programs, so programs are compiled as libraries are.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  if(target MATCHES "_pch$")
    return()
  endif()
  if(ARGC EQUAL 1)
    target_precompile_headers(${target} REUSE_FROM faultline_pch)
  else()
    target_precompile_headers(${target} REUSE_FROM ${ARGV1})
  endif()
endfunction()

add_library(faultline_pch STATIC "${PROJECT_SOURCE_DIR}/cmake/pch.cpp")
target_precompile_headers(faultline_pch PRIVATE "${PROJECT_SOURCE_DIR}/cmake/pch.h")
faultline_compile(faultline_pch)

# faultline_layer(<name> SOURCES <cpp>... [DEPENDS <layer>...] [LIBRARIES <third-party target>...])
function(faultline_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;DEPENDS;LIBRARIES")
  set(target faultline_${name})
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${name}" "${PROJECT_BINARY_DIR}/include/faultline/${name}" SYMBOLIC)
  add_library(${target} STATIC ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC faultline_${layer})
  endforeach()
  target_link_libraries(${target} PUBLIC LibTorch::LibTorch PRIVATE ${ARG_LIBRARIES})
  faultline_compile(${target})
  install(TARGETS ${target} EXPORT faultline ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${name}/" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/faultline/${name}
          FILES_MATCHING PATTERN "*.h")
endfunction()

# faultline_readers(<source>...)
# These sources of the folder read files from outside: in a build with parser fuzzers they tell libFuzzer which branches
# an input reaches.
function(faultline_readers)
  if(FAULTLINE_PARSER_FUZZERS)
    set_source_files_properties(${ARGN} PROPERTIES
      COMPILE_OPTIONS "-fsanitize-coverage=inline-8bit-counters,pc-table,indirect-calls,trace-cmp")
  endif()
endfunction()

# faultline_registrations(<layer> <registry type> <file stem>...)
# Writes register_<layer>(registry), which calls register_<stem>(registry) for every stem: a plug-in that forgets its
# function is a link error that names it.
function(faultline_registrations layer registry)
  set(declarations "")
  set(calls "")
  foreach(stem IN LISTS ARGN)
    string(APPEND declarations "void register_${stem}(${registry}& registry);\n")
    string(APPEND calls "  register_${stem}(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${layer}/register_${layer}.cpp" @ONLY CONTENT
"// Written by CMake from the source list of ${layer}/.
#include \"faultline/${layer}/register_${layer}.h\"

namespace faultline {

${declarations}
void register_${layer}(${registry}& registry) {
${calls}}

}  // namespace faultline
")
  target_sources(faultline_${layer} PRIVATE "${PROJECT_BINARY_DIR}/${layer}/register_${layer}.cpp")
endfunction()
