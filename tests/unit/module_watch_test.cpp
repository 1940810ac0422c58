#include "module/watch.hpp"
#include "unit/module_fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace gateway::module;
using namespace gateway::module::testing;
using namespace std::chrono_literals;

namespace {

// Prompt about events, and without the slow rescan unless a test wants it.
constexpr watch_settings prompt{.rescan_every = 1h, .debounce = 5ms, .settle = 20ms, .max_delay = 50ms};

// A watched plugins directory; the loop runs only while a test awaits something.
struct watched {
    directories at;
    boost::asio::io_context io;
    catalogue modules{at.settings()};
    words seen;
    words troubles;
    watcher watch;

    explicit watched(const watch_settings& settings = prompt)
        : watch(io, modules, settings,
                {.on_change =
                     [this](const std::vector<change>& changes) {
                         for (auto& word : told(changes)) {
                             seen.push_back(std::move(word));
                         }
                     },
                 .on_trouble = [this](const std::string& sentence) { troubles.push_back(sentence); }}) {}

    // Runs the loop until this was told; false past the deadline.
    bool hears(const std::string& word) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        const auto heard = [&] { return std::find(seen.begin(), seen.end(), word) != seen.end(); };
        while (!heard() && io.run_one_until(deadline) > 0) {
        }
        return heard();
    }

    // A module that is dropped after something else is heard after it: what was not heard by then will not be.
    bool hears_a_later_drop() {
        at.put_by_rename("zz-later.so", minimal_named("later-1"));
        return hears("appeared later-1");
    }
};

}  // namespace

TEST_CASE("watch: the start tells what is there") {
    watched w;
    w.at.put("minimal.so", minimal());
    CHECK(told(w.watch.start()) == words{"appeared minimal"});
    CHECK(w.seen.empty());
    CHECK(w.troubles.empty());
}

TEST_CASE("watch: a file that is moved here is found, and can be loaded from the handler's answer") {
    watched w;
    CHECK(w.watch.start().empty());
    w.at.put_by_rename("minimal.so", minimal());
    CHECK(w.hears("appeared minimal"));
    CHECK(w.seen.size() == 1);
    CHECK(load(w.modules, "minimal"));
}

TEST_CASE("watch: a file that is written slowly is judged when it is closed, and never before") {
    watched w;
    CHECK(w.watch.start().empty());
    const auto bytes = minimal();
    const auto half = static_cast<std::ptrdiff_t>(bytes.size() / 2);
    {
        std::ofstream slow(w.at.plugins / "minimal.so", std::ios::binary);
        std::copy(bytes.begin(), bytes.begin() + half, std::ostreambuf_iterator<char>(slow));
        slow.flush();
        CHECK(w.hears_a_later_drop());
        CHECK(w.seen == words{"appeared later-1"});
        std::copy(bytes.begin() + half, bytes.end(), std::ostreambuf_iterator<char>(slow));
    }
    CHECK(w.hears("appeared minimal"));
    CHECK(w.seen == words{"appeared later-1", "appeared minimal"});
}

TEST_CASE("watch: a broken file is refused, harms nobody, and its good successor is found") {
    watched w;
    w.at.put("steady.so", minimal_named("steady1"));
    CHECK(w.watch.start().size() == 1);
    const auto* steady = *load(w.modules, "steady1");
    w.at.put("minimal.so", minimal().substr(0, 3000));
    CHECK(w.hears("refused truncated minimal.so"));
    CHECK(w.modules.find("steady1") == steady);
    SUBCASE("overwritten") {
        w.at.put("minimal.so", minimal());
    }
    SUBCASE("moved over it") {
        w.at.put_by_rename("minimal.so", minimal());
    }
    SUBCASE("removed and written again") {
        fs::remove(w.at.plugins / "minimal.so");
        w.at.put("minimal.so", minimal());
    }
    CHECK(w.hears("appeared minimal"));
    CHECK(load(w.modules, "minimal"));
    CHECK(w.seen == words{"refused truncated minimal.so", "appeared minimal"});
}

TEST_CASE("watch: a link to a module elsewhere is found") {
    watched w;
    CHECK(w.watch.start().empty());
    write(w.at.root.path() / "elsewhere", minimal());
    fs::create_symlink("../elsewhere", w.at.plugins / "minimal.so");
    CHECK(w.hears("appeared minimal"));
}

TEST_CASE("watch: a file whose rights are mended is found") {
    watched w;
    w.at.put("minimal.so", minimal());
    fs::permissions(w.at.plugins / "minimal.so", fs::perms(0666));
    CHECK(told(w.watch.start()) == words{"refused writable_by_all minimal.so"});
    fs::permissions(w.at.plugins / "minimal.so", fs::perms(0644));
    CHECK(w.hears("appeared minimal"));
}

TEST_CASE("watch: a new version of a loaded module is told, and so is its file's end") {
    watched w;
    w.at.put("minimal.so", minimal());
    CHECK(w.watch.start().size() == 1);
    CHECK(load(w.modules, "minimal"));
    w.at.put_by_rename("minimal.so", minimal_version("2.0.0"));
    CHECK(w.hears("replaced minimal"));
    fs::remove(w.at.plugins / "minimal.so");
    CHECK(w.hears("vanished minimal"));
    CHECK(w.modules.find("minimal") != nullptr);
}

TEST_CASE("watch: a directory that does not exist yet is awaited, however deep") {
    watched w;
    fs::remove(w.at.plugins);
    const auto parked = w.at.root.path() / "deep";
    auto settings = w.at.settings();
    settings.plugins_dir = parked / "er" / "plugins";
    catalogue modules(settings);
    bool appeared = false;
    watcher watch(w.io, modules, prompt,
                  {.on_change =
                       [&](const auto& changes) {
                           const auto words = told(changes);
                           appeared |= std::find(words.begin(), words.end(), "appeared minimal") != words.end();
                       },
                   .on_trouble = [](const auto& sentence) { FAIL(sentence); }});
    CHECK(told(watch.start()) == words{"refused unreadable plugins"});
    fs::create_directories(settings.plugins_dir);
    write(settings.plugins_dir / "minimal.so", minimal());
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!appeared && w.io.run_one_until(deadline) > 0) {
    }
    CHECK(appeared);
}

TEST_CASE("watch: a directory that is removed and made again is still watched") {
    watched w;
    w.at.put("minimal.so", minimal());
    CHECK(w.watch.start().size() == 1);
    fs::remove_all(w.at.plugins);
    CHECK(w.hears("vanished minimal"));
    fs::create_directory(w.at.plugins);
    w.at.put("other.so", minimal_named("another"));
    CHECK(w.hears("appeared another"));
    w.at.put_by_rename("third.so", minimal_named("third-1"));
    CHECK(w.hears("appeared third-1"));
}

TEST_CASE("watch: a directory that is replaced by another one, or by a link to one, is still watched") {
    watched w;
    w.at.put("minimal.so", minimal());
    CHECK(w.watch.start().size() == 1);
    const auto next = w.at.root.path() / "next";
    fs::create_directory(next);
    write(next / "other.so", minimal_named("another"));
    SUBCASE("renamed") {
        fs::rename(w.at.plugins, w.at.root.path() / "before");
        fs::rename(next, w.at.plugins);
    }
    SUBCASE("linked") {
        fs::rename(w.at.plugins, w.at.root.path() / "before");
        fs::create_directory_symlink("next", w.at.plugins);
    }
    CHECK(w.hears("appeared another"));
    CHECK(w.hears("vanished minimal"));
    w.at.put_by_rename("third.so", minimal_named("third-1"));
    CHECK(w.hears("appeared third-1"));
}

TEST_CASE("watch: the slow rescan finds what no event tells") {
    watched w({.rescan_every = 20ms, .debounce = 5ms, .settle = 20ms, .max_delay = 50ms});
    const auto elsewhere = w.at.root.path() / "elsewhere";
    write(elsewhere, "nonsense");
    fs::create_symlink(elsewhere, w.at.plugins / "minimal.so");
    CHECK(told(w.watch.start()) == words{"refused not_elf minimal.so"});
    write(elsewhere, minimal());
    CHECK(w.hears("appeared minimal"));
}

TEST_CASE("watch: more events than the queue holds lead to a rescan") {
    watched w;
    CHECK(w.watch.start().empty());
    std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
    std::size_t events = 16384;
    limit >> events;
    REQUIRE(events <= 1'000'000);
    // Three events a file, none like the one before, so that they are not merged; the loop does not run meanwhile.
    for (std::size_t i = 0; i <= events / 3; ++i) {
        const auto path = w.at.plugins / (i % 2 == 0 ? "even" : "odd");
        write(path, "");
        fs::remove(path);
    }
    w.at.put_by_rename("minimal.so", minimal());
    CHECK(w.hears("appeared minimal"));
}

TEST_CASE("watch: after the stop nothing is told, and the loop runs dry") {
    watched w;
    CHECK(w.watch.start().empty());
    w.at.put_by_rename("minimal.so", minimal());
    w.watch.stop();
    w.watch.stop();
    w.io.run();
    CHECK(w.seen.empty());
}
