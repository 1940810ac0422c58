// Any bytes as the body of an answer of getUpdates.
#include "markdown_reader.hpp"
#include "support/told_events.hpp"
#include "telegram_entities.hpp"
#include "telegram_inbox.hpp"
#include "telegram_protocol.hpp"
#include "telegram_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace gateway;

void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// It can be sent on to the platform.
void check_text(const std::string& text) {
    for (const auto& piece : telegram::split_text(markdown::read(text))) {
        check(markdown::is_valid(piece));
        check(telegram::utf16_units(piece.text) <= telegram::max_text_units);
        check(telegram::to_entities(piece).size() <= 2 * telegram::max_entities_sent);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const telegram::answer given = telegram::parse_answer({.http_status = 200, .body = body}, "secret");
    if (!given.result || !given.result->is_array()) {
        return 0;
    }
    telegram::inbox updates;
    for (const bool again : {false, true}) {  // an album is taken when it has not grown
        const auto all = updates.read(given.result->get_array(),
                                      {.own_id = 99, .username = "our_bot", .addressed_only = size % 2 != 0});
        check(!again || !all.waits);
        const test::told said = test::read_told(all.events);
        check(said.problem.empty());
        for (const auto& event : said.batch.events) {
            check_text(event.message.text);
        }
    }
    return 0;
}
