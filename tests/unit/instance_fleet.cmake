gateway_test(unit_fleet SOURCES instance_fleet_life_test.cpp instance_fleet_test.cpp instance_hang_log_test.cpp
                                instance_roster_test.cpp LIBS core_instance)
target_compile_definitions(unit_fleet PRIVATE GATEWAY_STUB_MODULE="$<TARGET_FILE:stub>")
add_dependencies(unit_fleet stub)
