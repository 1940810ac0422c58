find_package(doctest REQUIRED)  # the benchmarks come here without the tests
add_library(test_host_process STATIC command.cpp host_process.cpp)
target_include_directories(test_host_process PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_compile_definitions(test_host_process PRIVATE GATEWAY_HOST_BINARY="$<TARGET_FILE:gateway-host>")
target_link_libraries(test_host_process PUBLIC core_ctl doctest::doctest gateway_options)
add_dependencies(test_host_process gateway-host)
add_library(hanging_disk MODULE hanging_disk.c)
target_compile_options(hanging_disk PRIVATE -fno-sanitize=all)  # it is preloaded before any sanitizer
target_link_options(hanging_disk PRIVATE -fno-sanitize=all)
