gateway_test(unit_net
  SOURCES net_http_test.cpp net_http_failure_test.cpp
  LIBS test_net_servers core_net core_loop OpenSSL::SSL OpenSSL::Crypto)
