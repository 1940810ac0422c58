gateway_test(unit_stub SOURCES stub_script_test.cpp stub_adapter_test.cpp
             LIBS stub_parts abi_fake_host)
