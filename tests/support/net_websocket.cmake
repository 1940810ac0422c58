# WebSocket servers, by a library and byte by byte.
add_library(test_net_websocket_server STATIC net_websocket_peer.cpp net_websocket_server.cpp)
target_link_libraries(test_net_websocket_server PUBLIC test_net_servers PRIVATE OpenSSL::Crypto)
