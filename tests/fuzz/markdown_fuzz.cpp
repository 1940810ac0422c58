// Any bytes as a message's Markdown.
#include "markdown_reader.hpp"
#include "markdown_writer.hpp"
#include "utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace markdown = gateway::markdown;
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    const markdown::rich_text read = markdown::read(source);
    if (!markdown::is_valid(read) || !gateway::utf8::is_valid(read.text)) {
        std::abort();
    }
    if (markdown::read(markdown::write(read)) != read) {
        std::abort();
    }
    return 0;
}
