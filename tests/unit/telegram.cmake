gateway_test(unit_telegram
  SOURCES telegram_protocol_text_test.cpp telegram_protocol_answer_test.cpp telegram_protocol_update_test.cpp
          telegram_session_poll_test.cpp telegram_session_sender_test.cpp
          telegram_adapter_config_test.cpp telegram_adapter_test.cpp
  LIBS telegram_parts abi_fake_host)
