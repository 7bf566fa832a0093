# Finds LibTorch inside a PyTorch wheel (or an unpacked LibTorch) without TorchConfig.cmake, so that a CUDA wheel works
# without a CUDA toolkit. Looks in LIBTORCH_ROOT (variable or environment), in the torch of the active Python, then in the
# project's venv.
#
# Defines LibTorch::LibTorch, LibTorch_VERSION and LibTorch_CUDA.

set(_libtorch_candidates "")
foreach(_root IN ITEMS "${LIBTORCH_ROOT}" "$ENV{LIBTORCH_ROOT}")
  if(_root)
    list(APPEND _libtorch_candidates "${_root}" "${_root}/torch")
  endif()
endforeach()
find_program(_libtorch_python NAMES python3)
if(_libtorch_python)
  execute_process(
    COMMAND "${_libtorch_python}" -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE _libtorch_active OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(_libtorch_active)
    list(APPEND _libtorch_candidates "${_libtorch_active}")
  endif()
endif()

file(GLOB _libtorch_venv "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch")
list(APPEND _libtorch_candidates ${_libtorch_venv})

find_path(LibTorch_INCLUDE_DIR NAMES torch/script.h torch/csrc/api/include/torch/script.h
          HINTS ${_libtorch_candidates} PATH_SUFFIXES include NO_DEFAULT_PATH)
if(LibTorch_INCLUDE_DIR)
  get_filename_component(LibTorch_ROOT_DIR "${LibTorch_INCLUDE_DIR}" DIRECTORY)
endif()
foreach(_name IN ITEMS torch torch_cpu c10 torch_cuda c10_cuda)
  find_library(LibTorch_${_name}_LIBRARY NAMES ${_name} HINTS "${LibTorch_ROOT_DIR}/lib" NO_DEFAULT_PATH)
  mark_as_advanced(LibTorch_${_name}_LIBRARY)
endforeach()

set(LibTorch_VERSION "")
if(LibTorch_ROOT_DIR AND EXISTS "${LibTorch_ROOT_DIR}/version.py")
  file(STRINGS "${LibTorch_ROOT_DIR}/version.py" _libtorch_version REGEX "^__version__ *=")
  string(REGEX REPLACE ".*'(.*)'.*" "\\1" LibTorch_VERSION "${_libtorch_version}")
elseif(LibTorch_ROOT_DIR AND EXISTS "${LibTorch_ROOT_DIR}/build-version")
  file(STRINGS "${LibTorch_ROOT_DIR}/build-version" LibTorch_VERSION LIMIT_COUNT 1)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_INCLUDE_DIR LibTorch_torch_LIBRARY LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "install PyTorch's wheel with scripts/setup.sh, or pass -DLIBTORCH_ROOT=DIR (the folder that holds include/ and lib/)")
mark_as_advanced(LibTorch_INCLUDE_DIR _libtorch_python)

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  set(_libtorch_libraries "${LibTorch_torch_LIBRARY}" "${LibTorch_torch_cpu_LIBRARY}" "${LibTorch_c10_LIBRARY}")
  set(LibTorch_CUDA FALSE)
  if(LibTorch_torch_cuda_LIBRARY AND LibTorch_c10_cuda_LIBRARY)
    set(LibTorch_CUDA TRUE)
    list(APPEND _libtorch_libraries "${LibTorch_torch_cuda_LIBRARY}" "${LibTorch_c10_cuda_LIBRARY}")
  endif()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
  # --no-as-needed: operators register themselves when the libraries are loaded; nothing refers to them by name.
  string(JOIN "," _libtorch_linked ${_libtorch_libraries})
  target_link_options(LibTorch::LibTorch INTERFACE "LINKER:--no-as-needed,${_libtorch_linked},--as-needed"
                      "LINKER:-rpath,${LibTorch_ROOT_DIR}/lib")
  target_link_libraries(LibTorch::LibTorch INTERFACE ${_libtorch_libraries})
endif()
