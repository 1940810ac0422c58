gateway_test(unit_net
  SOURCES net_http2_test.cpp net_http_failure_test.cpp net_http_file_test.cpp net_http_proxy_test.cpp net_http_test.cpp
          net_http_tls_test.cpp net_http_version_test.cpp
  LIBS test_net_servers core_net core_loop OpenSSL::SSL OpenSSL::Crypto)
gateway_test(unit_net_server SOURCES net_http_server_test.cpp LIBS core_net core_loop)
