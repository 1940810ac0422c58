gateway_test(unit_net_websocket
  SOURCES net_websocket_answer_test.cpp net_websocket_flow_test.cpp net_websocket_open_test.cpp net_websocket_peer_test.cpp net_websocket_test.cpp
  LIBS test_net_websocket_server core_net core_loop OpenSSL::SSL OpenSSL::Crypto)
