# cmake -D BUILD=DIR -D CONFIG=Release -D WORK=DIR -D COMPILER=CXX -D FLAGS=... -D LINK_FLAGS=... -P install_test.cmake
#
# The consumer must find everything through the installed package alone: LIBTORCH_ROOT is taken out of the environment.
cmake_minimum_required(VERSION 3.25)
unset(ENV{LIBTORCH_ROOT})
set(prefix "${WORK}/prefix")
set(consumer "${WORK}/build")
file(REMOVE_RECURSE "${prefix}" "${consumer}")

# run(<what> <command>...): fails the test with the command's output; sets `output` to its standard output.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    message("${out}\n${err}")
    message(FATAL_ERROR "${what} failed (${result})")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

run("installation" "${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${prefix}")
run("configuration of the consumer" "${CMAKE_COMMAND}" -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${consumer}"
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
    "-DCMAKE_CXX_FLAGS=${FLAGS}" "-DCMAKE_EXE_LINKER_FLAGS=${LINK_FLAGS}")
run("build of the consumer" "${CMAKE_COMMAND}" --build "${consumer}")

run("list attacks" "${consumer}/consumer" list attacks --json)
string(JSON count LENGTH "${output}" attacks)
math(EXPR last "${count} - 1")
set(names "")
foreach(place RANGE ${last})
  string(JSON name GET "${output}" attacks ${place} name)
  list(APPEND names "${name}")
endforeach()
foreach(name IN ITEMS flip pgd)
  if(NOT name IN_LIST names)
    message(FATAL_ERROR "'${name}' is not among the attacks of the consumer: ${names}")
  endif()
endforeach()

# The installation is complete and does not refer to the build.
foreach(file IN ITEMS bin/faultline include/faultline/core/attack.h include/faultline/cli/run.h)
  if(NOT EXISTS "${prefix}/${file}")
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()
file(GLOB_RECURSE packages "${prefix}/*.cmake")
foreach(package IN LISTS packages)
  file(READ "${package}" text)
  string(FIND "${text}" "${BUILD}/" place)
  if(place GREATER_EQUAL 0)
    message(FATAL_ERROR "${package} names the build folder ${BUILD}")
  endif()
endforeach()
