find_package(CLI11 REQUIRED)

add_executable(gateway-host main.cpp app.cpp check.cpp state_dir.cpp)
target_include_directories(gateway-host PRIVATE ${PROJECT_SOURCE_DIR}/core)
target_link_libraries(gateway-host PRIVATE core_config core_control core_instance core_log core_loop core_module core_net
                                           core_route core_store CLI11::CLI11 gateway_options)
