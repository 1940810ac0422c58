gateway_test(unit_loop
  SOURCES loop_call_guard_test.cpp loop_runner_test.cpp loop_service_notify_test.cpp loop_time_source_test.cpp
  LIBS core_loop)
