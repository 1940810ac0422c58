#include "store/schema.hpp"
#include "store_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace gateway;
using namespace gateway::test;

namespace {

struct raw_database {
    store::connection db;

    explicit raw_database(const std::filesystem::path& file) {
        std::ofstream(file, std::ios::app).flush();
        db.open(file.string());
    }
};

std::string content(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string refusal(const std::filesystem::path& file) {
    boost::asio::io_context loop;
    store::settings options;
    options.file = file;
    const auto opened = store::database::open(loop, options);
    REQUIRE(opened.has_error());
    CHECK(opened.error().starts_with(file.string() + " "));
    return opened.error().substr(file.string().size() + 1);
}

}  // namespace

TEST_CASE("store: a new file is readable for its owner only") {
    store_world world;
    CHECK(world.run(commit_of(world.db->instance("tg"), {said("1", "x")})).status == GW_OK);
    for (const auto& each : std::filesystem::directory_iterator(world.file().parent_path())) {
        struct stat found{};
        REQUIRE(::stat(each.path().c_str(), &found) == 0);
        CAPTURE(each.path());
        CHECK((found.st_mode & 0777) == 0600);
    }
}

TEST_CASE("store: what cannot be opened is refused with a sentence that names the file, and left as it is") {
    temporary_directory directory;
    const auto file = directory.path() / "gateway.db";

    SUBCASE("no directory") {
        CHECK(refusal(directory.path() / "none" / "gateway.db") == "cannot be opened: No such file or directory");
    }
    SUBCASE("a directory") {
        CHECK(refusal(directory.path()) == "cannot be opened: Is a directory");
    }
    SUBCASE("some text") {
        std::ofstream(file) << std::string(5000, 'x');
        CHECK(refusal(file).starts_with(
            "is not a database, or is damaged (file is not a database); nothing was changed"));
        CHECK(content(file) == std::string(5000, 'x'));
    }
    SUBCASE("a damaged header") {
        {
            store_world made(file);
        }
        auto bytes = content(file);
        bytes.replace(100, 400, 400, '\xAB');
        std::ofstream(file, std::ios::binary) << bytes;
        CHECK(refusal(file).starts_with("is not a database, or is damaged"));
        CHECK(content(file) == bytes);
    }
    SUBCASE("cut off") {
        {
            store_world made(file);
        }
        const auto bytes = content(file).substr(0, 3000);
        std::ofstream(file, std::ios::binary) << bytes;
        CHECK(refusal(file).starts_with("is not a database, or is damaged"));
        CHECK(content(file) == bytes);
    }
    SUBCASE("another program's") {
        {
            raw_database other(file);
            other.db.execute("CREATE TABLE theirs (x)");
            REQUIRE(other.db.ok());
        }
        const auto bytes = content(file);
        CHECK(refusal(file).starts_with("is a database of another program"));
        CHECK(content(file) == bytes);
    }
    SUBCASE("a newer version's") {
        {
            store_world made(file);
        }
        {
            raw_database newer(file);
            newer.db.execute("PRAGMA user_version = 99");
            REQUIRE(newer.db.ok());
        }
        const auto bytes = content(file);
        CHECK(refusal(file) ==
              "is of version 99, made by a newer gateway-host; this one knows up to 1: install the "
              "newer one again, or move the file away");
        CHECK(content(file) == bytes);
    }
    SUBCASE("in use") {
        store_world first(file);
        CHECK(refusal(file).starts_with("is in use by another process"));
        CHECK(first.run(commit_of(first.db->instance("tg"), {}, {}, {{"k", "v"}})).status == GW_OK);
    }
}

TEST_CASE("store: an empty file is a new database") {
    temporary_directory directory;
    std::ofstream(directory.path() / "gateway.db").flush();
    store_world world(directory.path() / "gateway.db");
    CHECK(world.run(commit_of(world.db->instance("tg"), {}, {}, {{"k", "v"}})).status == GW_OK);
}

TEST_CASE("store: a database of version 1 is brought to the present step by step, with all that is in it") {
    temporary_directory directory;
    const auto file = directory.path() / "gateway.db";
    {
        store_world world(file);
        CHECK(world.run(commit_of(world.db->instance("tg"), {said("1", "x", "u1")})).status == GW_OK);
    }
    const char* const steps[] = {store::schema_steps()[0],
                                 "ALTER TABLE journal ADD COLUMN mood TEXT NOT NULL DEFAULT 'x'",
                                 "UPDATE journal SET mood = mood || 'y'; CREATE TABLE moods (name TEXT)"};
    raw_database old(file);
    CHECK(store::check_version(old.db, steps).empty());
    store::migrate(old.db, steps);
    REQUIRE_MESSAGE(old.db.ok(), old.db.error_text());
    CHECK(old.db.integer("PRAGMA user_version") == 3);
    CHECK(old.db.integer("SELECT count(*) FROM journal WHERE dedupe = 'u1' AND mood = 'xy'") == 1);
    CHECK(old.db.integer("SELECT count(*) FROM moods") == 0);
    store::migrate(old.db, steps);  // nothing left to do
    CHECK(old.db.integer("SELECT count(*) FROM journal WHERE mood = 'xy'") == 1);
}

TEST_CASE("store: a migration that fails changes nothing") {
    temporary_directory directory;
    const auto file = directory.path() / "gateway.db";
    {
        store_world world(file);
    }
    const char* const steps[] = {store::schema_steps()[0], "CREATE TABLE new_one (x)", "this is no SQL"};
    raw_database old(file);
    store::migrate(old.db, steps);
    CHECK_FALSE(old.db.ok());
    old.db.clear_error();
    CHECK(old.db.integer("PRAGMA user_version") == 1);
    CHECK(old.db.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'new_one'") == 0);
}
