gateway_test(unit_reconnect SOURCES
  reconnect_behaviour_test.cpp reconnect_check_test.cpp reconnect_fleet_test.cpp reconnect_giving_up_test.cpp
  reconnect_policy_test.cpp reconnect_property_test.cpp reconnect_queue_test.cpp
  reconnect_teardown_test.cpp
  LIBS core_reconnect)
