add_executable(bench_store store_bench.cpp)
target_link_libraries(bench_store PRIVATE core_store benchmark::benchmark)
