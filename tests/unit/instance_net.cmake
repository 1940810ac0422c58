# Instances and real sockets.
gateway_test(unit_instance_net
  SOURCES instance_inbound_test.cpp instance_websocket_real_test.cpp
  LIBS core_instance core_store test_net_websocket_server)
