# The Telegram Bot API as a test server: the model with its HTTP/1.1 front end, and a program of it.
add_library(test_telegram_server STATIC
  telegram_api.cpp
  telegram_bot.cpp
  telegram_clock.cpp
  telegram_content.cpp
  telegram_control.cpp
  telegram_control_people.cpp
  telegram_decode.cpp
  telegram_faults.cpp
  telegram_files.cpp
  telegram_h2.cpp
  telegram_http.cpp
  telegram_input_media.cpp
  telegram_lookup.cpp
  telegram_methods.cpp
  telegram_methods_bot.cpp
  telegram_methods_chat.cpp
  telegram_methods_commands.cpp
  telegram_methods_edit.cpp
  telegram_methods_media.cpp
  telegram_methods_message.cpp
  telegram_methods_other.cpp
  telegram_pacing.cpp
  telegram_params.cpp
  telegram_people.cpp
  telegram_server.cpp
  telegram_text.cpp
  telegram_updates.cpp
  telegram_webhook.cpp
  telegram_webhook_client.cpp)
target_include_directories(test_telegram_server PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(test_telegram_server
                      PUBLIC gateway_options test_net_servers core_loop core_net Boost::headers Boost::json OpenSSL::SSL OpenSSL::Crypto)

add_executable(telegram-test-server telegram_server_main.cpp)
target_link_libraries(telegram-test-server PRIVATE test_telegram_server)

# Its check by a client that is not ours; only where its packages are installed (../grammy/run installs them).
find_program(GATEWAY_NODE NAMES node nodejs)
if(GATEWAY_NODE AND EXISTS ${PROJECT_SOURCE_DIR}/tests/grammy/node_modules)
  add_test(NAME grammy.check COMMAND ${PROJECT_SOURCE_DIR}/tests/grammy/run $<TARGET_FILE:telegram-test-server>)
  set_tests_properties(grammy.check PROPERTIES TIMEOUT 300)
endif()
