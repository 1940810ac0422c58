# gateway_add_adapter(NAME SOURCES source… [LIBS library…])
#
# A module for gateway-host, NAME.so: hidden visibility, one exported symbol, every symbol resolved when it is linked and
# bound when it is loaded, a build id, no run path. Static libraries given as LIBS are compiled in and export nothing.
#
# The C++ runtime is linked dynamically, as the host's is: a second copy inside the module would have its own exception
# machinery and its own idea of the locale. Build on the oldest system the module is to run on.

function(gateway_add_adapter name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "gateway_add_adapter(NAME SOURCES source… [LIBS library…]): got \"${ARGN}\" for ${name}")
  endif()

  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/gateway_adapter.map)
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gateway::sdk ${arg_LIBS})
  target_compile_features(${name} PRIVATE c_std_11 cxx_std_20)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX .so
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    SKIP_BUILD_RPATH ON INSTALL_RPATH "" INSTALL_RPATH_USE_LINK_PATH OFF
    LINK_DEPENDS ${map})
  # A symbol that is unique in the process would be shared by two generations of the module.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    LINKER:--version-script=${map}
    LINKER:-z,now LINKER:-z,relro LINKER:--build-id LINKER:--exclude-libs,ALL)

  # Clang leaves the sanitizers' functions to the program, so that they cannot be resolved when the module is linked.
  get_directory_property(options LINK_OPTIONS)
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES Clang AND "${options} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-fsanitize="))
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
