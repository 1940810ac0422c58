# The SDK as an author elsewhere meets it: installed to a prefix of its own, and the templates built from there, outside
# the tree. Their modules stay in tests/abi/modules of the build tree; a test that loads them requires the fixture
# abi_templates.
add_test(NAME "sdk: the installed SDK builds the C and C++ templates"
  COMMAND ${CMAKE_COMMAND}
    -D build_dir=${PROJECT_BINARY_DIR}
    -D work_dir=${CMAKE_CURRENT_BINARY_DIR}/installed
    -D modules_dir=${CMAKE_CURRENT_BINARY_DIR}/modules
    -D generator=${CMAKE_GENERATOR}
    -D c_compiler=${CMAKE_C_COMPILER}
    -D cxx_compiler=${CMAKE_CXX_COMPILER}
    -D nm=${CMAKE_NM}
    -D readelf=${CMAKE_READELF}
    -P ${CMAKE_CURRENT_SOURCE_DIR}/installed_check.cmake)
set_tests_properties("sdk: the installed SDK builds the C and C++ templates" PROPERTIES
  FIXTURES_SETUP abi_templates TIMEOUT 300)
