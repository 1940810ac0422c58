gateway_test(unit_config
             SOURCES config_load_test.cpp config_adapter_test.cpp config_secret_test.cpp config_route_test.cpp
                     config_schema_test.cpp config_values_test.cpp config_example_test.cpp
             LIBS core_config Boost::json)
target_compile_definitions(unit_config PRIVATE GATEWAY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
