# Run by CTest; installed.cmake passes the variables.
cmake_minimum_required(VERSION 3.25)

set(prefix ${work_dir}/prefix)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(output_of ret)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${ret} "${text}" PARENT_SCOPE)
endfunction()

function(expect what text regex)
  if(NOT "${text}" MATCHES "${regex}")
    message(FATAL_ERROR "${what} does not match \"${regex}\":\n${text}")
  endif()
endfunction()

# What the host will look for in the file, told by tools that are not ours.
function(check_module file)
  output_of(exports ${nm} -D --defined-only ${file})
  expect("the exports of ${file}" "${exports}" "^[0-9a-f]+ D gateway_adapter_v1$")
  output_of(notes ${readelf} -nW ${file})
  expect("the notes of ${file}" "${notes}" "\\.note\\.gateway\\.adapter")
  expect("the notes of ${file}" "${notes}" "gateway +0x[0-9a-f]+")
  if("${notes}" MATCHES "[Cc]orrupt")
    message(FATAL_ERROR "readelf finds the notes of ${file} corrupt:\n${notes}")
  endif()
  output_of(dynamic ${readelf} -dW ${file})
  expect("the dynamic section of ${file}" "${dynamic}" "BIND_NOW")
  if("${dynamic}" MATCHES "RPATH|RUNPATH|TEXTREL")
    message(FATAL_ERROR "${file} has what it should not:\n${dynamic}")
  endif()
endfunction()

file(REMOVE_RECURSE ${work_dir} ${modules_dir})
file(MAKE_DIRECTORY ${modules_dir})
run(${CMAKE_COMMAND} --install ${build_dir} --component sdk --prefix ${prefix})

foreach(language c cpp)
  set(build ${work_dir}/build_${language})
  run(${CMAKE_COMMAND} -S ${prefix}/share/gateway-sdk/template/${language} -B ${build} -G ${generator}
      -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_C_COMPILER=${c_compiler} -D CMAKE_CXX_COMPILER=${cxx_compiler}
      -D CMAKE_COMPILE_WARNING_AS_ERROR=ON)
  run(${CMAKE_COMMAND} --build ${build})
  check_module(${build}/echo_${language}.so)
  file(COPY ${build}/echo_${language}.so DESTINATION ${modules_dir})
endforeach()

# Without CMake, by the command in sdk/README.md.
find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
set(ENV{PKG_CONFIG_PATH} ${prefix}/lib/pkgconfig)
output_of(flags ${pkg_config} --cflags --libs gateway-sdk)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${c_compiler} -shared -o ${work_dir}/by_hand.so ${prefix}/share/gateway-sdk/template/c/echo.c ${flags})
check_module(${work_dir}/by_hand.so)
