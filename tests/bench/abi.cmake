add_executable(bench_abi abi_bench.cpp)
target_link_libraries(bench_abi PRIVATE core_instance core_net core_route core_store benchmark::benchmark)
