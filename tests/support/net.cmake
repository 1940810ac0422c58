# Loopback peers for whatever speaks HTTP, HTTP/2, WebSocket or to a proxy.
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
add_library(test_net_servers STATIC
  net_h2_server.cpp
  net_http_server.cpp
  net_proxies.cpp
  net_tcp_server.cpp
  net_test_tls.cpp)
target_include_directories(test_net_servers PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(test_net_servers PUBLIC gateway_options core_net OpenSSL::SSL OpenSSL::Crypto
                      PRIVATE ${NGHTTP2_LIBRARY})
