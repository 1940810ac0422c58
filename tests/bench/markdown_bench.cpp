// What a message's text costs: Markdown → pieces with entities (on its way out), and text with entities → Markdown
// (in).
#include "markdown_reader.hpp"
#include "markdown_writer.hpp"
#include "telegram_entities.hpp"
#include "telegram_text.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace gateway;

// 4 KiB as language models write them.
const std::string& answer() {
    static const std::string text = [] {
        const std::string part =
            "## What happens here\n\n"
            "The `connect` call **never blocks**: it returns at once, and the *completion* tells the outcome. See\n"
            "[the manual](https://example.org/manual/connect?v=2#async) for more, or read on:\n\n"
            "1. The address is resolved, on a thread of its own.\n"
            "2. Both families are tried – IPv6 first (250 ms ahead).\n"
            "   - a refused connection counts as an answer,\n"
            "   - a silent one runs into the deadline.\n\n"
            "```cpp\nauto socket = co_await connect(host, port);\nif (!socket) {\n    return socket.error();  // "
            "snake_case_name * 2\n}\n```\n\n"
            "> Note: the deadline is 30 s.\n\n"
            "| step | time |\n|---|---:|\n| resolve | 20 ms |\n| connect | 35 ms |\n\n";
        std::string all;
        while (all.size() + part.size() <= 4'096) {
            all += part;
        }
        return all;
    }();
    return text;
}

void out(benchmark::State& state, const std::string& source) {
    for (auto _ : state) {
        for (const markdown::rich_text& piece : telegram::split_text(markdown::read(source))) {
            benchmark::DoNotOptimize(telegram::to_entities(piece));
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(source.size()) * state.iterations());
}

void in(benchmark::State& state, const std::string& source) {
    const markdown::rich_text text = markdown::read(source);
    const boost::json::value entities = telegram::to_entities(text);
    for (auto _ : state) {
        telegram::styled_text read = telegram::read_entities(text.text, &entities);
        benchmark::DoNotOptimize(telegram::to_markdown(std::move(read.what), 65'536));
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(text.text.size()) * state.iterations());
}

void markdown_out_hello(benchmark::State& state) {
    out(state, "hello");
}
void markdown_out_answer(benchmark::State& state) {
    out(state, answer());
}
void markdown_in_hello(benchmark::State& state) {
    in(state, "hello");
}
void markdown_in_answer(benchmark::State& state) {
    in(state, answer());
}
BENCHMARK(markdown_out_hello);
BENCHMARK(markdown_out_answer);
BENCHMARK(markdown_in_hello);
BENCHMARK(markdown_in_answer);

}  // namespace

BENCHMARK_MAIN();
