gateway_test(unit_control SOURCES control_server_test.cpp LIBS core_control core_net)
gateway_test(unit_ctl SOURCES ctl_client_test.cpp ctl_table_test.cpp LIBS core_ctl)
