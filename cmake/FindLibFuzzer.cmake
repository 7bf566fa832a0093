# Finds libFuzzer's driver without a main of its own, which comes with clang's runtime libraries. It links with other
# compilers too.
#
# Defines LibFuzzer::Driver.

file(GLOB _libfuzzer_candidates
     "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-${CMAKE_SYSTEM_PROCESSOR}.a"
     "/usr/lib/llvm-*/lib/clang/*/lib/*/libclang_rt.fuzzer_no_main.a"
     "/usr/lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-${CMAKE_SYSTEM_PROCESSOR}.a")
list(SORT _libfuzzer_candidates COMPARE NATURAL ORDER DESCENDING)
list(FILTER _libfuzzer_candidates EXCLUDE REGEX "/llvm-1[0-5]/")  # before 16 an input that is new to nobody ended the run
if(NOT LibFuzzer_LIBRARY AND _libfuzzer_candidates)
  list(GET _libfuzzer_candidates 0 _libfuzzer_first)
  set(LibFuzzer_LIBRARY "${_libfuzzer_first}" CACHE FILEPATH "libclang_rt.fuzzer_no_main")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibFuzzer REQUIRED_VARS LibFuzzer_LIBRARY
  REASON_FAILURE_MESSAGE "install libclang-rt-19-dev with scripts/setup.sh, or pass -DLibFuzzer_LIBRARY=.../libclang_rt.fuzzer_no_main-<arch>.a (LLVM 16 or newer)")
mark_as_advanced(LibFuzzer_LIBRARY)

if(LibFuzzer_FOUND AND NOT TARGET LibFuzzer::Driver)
  add_library(LibFuzzer::Driver STATIC IMPORTED)
  set_target_properties(LibFuzzer::Driver PROPERTIES IMPORTED_LOCATION "${LibFuzzer_LIBRARY}")
  set_property(TARGET LibFuzzer::Driver PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads ${CMAKE_DL_LIBS})
endif()
