gateway_test(unit_instance
  SOURCES instance_abi_message_test.cpp instance_abi_read_test.cpp instance_calls_test.cpp instance_http_file_test.cpp
          instance_http_test.cpp instance_services_test.cpp instance_websocket_test.cpp
  LIBS core_instance core_store test_net_servers)
