# Modules that load and then break the contract. The tests find them in GATEWAY_RUNTIME_FAULTS_DIR.
set(runtime_faults completes_late completes_twice crashes dead_incarnation floods foreign_thread hang_after_closed
                   hang_close hang_connect
                   hang_create invalid_utf8 never_closes reenters short_struct)

foreach(fault IN LISTS runtime_faults)
  gateway_add_adapter(fault_${fault} SOURCES fault_${fault}.c)
  target_link_libraries(fault_${fault} PRIVATE gateway_options)
  list(APPEND runtime_fault_targets fault_${fault})
endforeach()
foreach(fault IN ITEMS throws throwing_extension)
  gateway_add_adapter(fault_${fault} SOURCES fault_${fault}.cpp)
  target_link_libraries(fault_${fault} PRIVATE gateway_options)
  list(APPEND runtime_fault_targets fault_${fault})
endforeach()

add_library(runtime_faults INTERFACE)
add_dependencies(runtime_faults ${runtime_fault_targets})
target_compile_definitions(runtime_faults INTERFACE GATEWAY_RUNTIME_FAULTS_DIR="${CMAKE_CURRENT_BINARY_DIR}")
