gateway_test(unit_telegram_server
             SOURCES telegram_server_call_test.cpp telegram_server_chat_test.cpp telegram_server_edit_test.cpp telegram_server_fault_test.cpp
                     telegram_server_file_test.cpp telegram_server_http_test.cpp telegram_server_media_test.cpp
                     telegram_server_message_test.cpp telegram_server_pacing_test.cpp telegram_server_people_test.cpp telegram_server_poll_test.cpp telegram_server_webhook_test.cpp
             LIBS test_telegram_server)
