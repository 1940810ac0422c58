gateway_test(unit_message SOURCES message_address_test.cpp message_bounds_test.cpp message_utf8_test.cpp
             LIBS core_message)
