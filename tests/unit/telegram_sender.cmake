gateway_test(unit_telegram_sender
  SOURCES telegram_sender_edit_test.cpp telegram_sender_file_test.cpp telegram_sender_typing_test.cpp
          telegram_sender_server_test.cpp
  LIBS telegram_parts test_telegram_server)
target_compile_definitions(unit_telegram_sender PRIVATE GATEWAY_GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/golden")
