# A WebSocket server byte by byte.
add_library(test_net_websocket_server STATIC net_websocket_server.cpp)
target_link_libraries(test_net_websocket_server PUBLIC test_net_servers PRIVATE OpenSSL::Crypto)
