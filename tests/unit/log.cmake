gateway_test(unit_log SOURCES log_lines_test.cpp log_secrets_test.cpp log_flood_test.cpp
             LIBS core_log Boost::json)
