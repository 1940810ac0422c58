add_executable(bench_host host_bench.cpp)
target_compile_definitions(bench_host PRIVATE GATEWAY_HOST_BINARY="$<TARGET_FILE:gateway-host>"
                                              GATEWAY_PLUGINS_DIR="$<TARGET_FILE_DIR:telegram>")
target_link_libraries(bench_host PRIVATE test_telegram_server benchmark::benchmark)
add_dependencies(bench_host gateway-host stub telegram)
