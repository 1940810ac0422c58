gateway_test(unit_fleet SOURCES instance_fleet_test.cpp LIBS core_instance)
