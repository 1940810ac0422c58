// Any bytes as the body of an answer of getUpdates.
#include "markdown_reader.hpp"
#include "telegram_entities.hpp"
#include "telegram_protocol.hpp"
#include "telegram_text.hpp"
#include "telegram_update.hpp"
#include "utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gateway;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const telegram::answer given = telegram::parse_answer({.http_status = 200, .body = body}, "secret");
    if (!given.result || !given.result->is_array()) {
        return 0;
    }
    telegram::known_chats chats;
    (void)telegram::read_updates(given.result->get_array(), 1, chats);
    for (const auto& update : given.result->get_array()) {
        const telegram::parsed_update parsed = telegram::parse_update(update, 1);
        const std::string& text = parsed.what.message.text;
        check(text.size() <= GW_MAX_TEXT_BYTES && utf8::is_valid(text));
        for (const auto& piece : telegram::split_text(markdown::read(text))) {
            check(markdown::is_valid(piece));
            check(telegram::utf16_units(piece.text) <= telegram::max_text_units);
            check(telegram::to_entities(piece).size() <= 2 * telegram::max_entities_sent);
        }
    }
    return 0;
}
