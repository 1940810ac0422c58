# Modules that are refused when they are loaded, or before. The tests find them in GATEWAY_STATIC_FAULTS_DIR.
set(static_faults
    good_minimal
    good_constructor
    good_gated_constructor
    refuse_bad_manifest
    refuse_crashing_constructor
    refuse_exiting_constructor
    refuse_function_symbol
    refuse_hanging_constructor
    refuse_hidden_symbol
    refuse_large_manifest
    refuse_manifest_differs
    refuse_missing_library
    refuse_newer_minor
    refuse_no_note
    refuse_null_function
    refuse_requirement
    refuse_short_struct
    refuse_short_struct_size
    refuse_unresolved_symbol
    refuse_wild_manifest
    refuse_wrong_major
    refuse_wrong_major_in_memory)

foreach(module IN LISTS static_faults)
  gateway_add_adapter(${module} SOURCES ${module}.c)
  target_link_libraries(${module} PRIVATE gateway_options)
endforeach()

gateway_add_adapter(refuse_throwing_constructor SOURCES refuse_throwing_constructor.cpp)
target_link_libraries(refuse_throwing_constructor PRIVATE gateway_options)

# What the other modules are kept from when they are linked.
target_link_options(refuse_unresolved_symbol PRIVATE LINKER:-z,undefs)

# Present when the module is linked, and in no place where the dynamic linker looks.
add_library(absent_library SHARED absent_library.c)
target_link_libraries(refuse_missing_library PRIVATE absent_library)

add_library(static_faults INTERFACE)
add_dependencies(static_faults ${static_faults} refuse_throwing_constructor)
target_compile_definitions(static_faults INTERFACE GATEWAY_STATIC_FAULTS_DIR="${CMAKE_CURRENT_BINARY_DIR}")
