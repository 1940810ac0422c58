gateway_test(unit_telegram
  SOURCES telegram_text_test.cpp telegram_entities_test.cpp markdown_text.cpp
          ../support/telegram_text.cpp telegram_protocol_answer_test.cpp
          telegram_update_golden_test.cpp telegram_update_mutation_test.cpp telegram_inbox_test.cpp telegram_files_test.cpp
          ../support/told_events.cpp ../../core/instance/abi_message.cpp
          telegram_session_poll_test.cpp telegram_session_sender_test.cpp
          telegram_adapter_config_test.cpp telegram_adapter_test.cpp
  LIBS telegram_parts abi_fake_host core_message)
target_compile_definitions(unit_telegram PRIVATE GATEWAY_GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/golden")
