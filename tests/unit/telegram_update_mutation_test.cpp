// Updates of every shape, broken at random: whatever comes, the host takes what becomes of it.
#include "telegram_update_fixture.hpp"

#include <limits>
#include <random>
#include <utility>

using namespace gateway;
using namespace gateway::test;
namespace json = boost::json;

namespace {

constexpr unsigned seed = 20'240'117;

class mutator {
public:
    explicit mutator(std::vector<json::value> corpus) : corpus_(std::move(corpus)) {}

    json::value update() {
        json::value made = any_of_corpus();
        for (std::size_t times = below(4); times < 4; ++times) {
            json::value& place = somewhere_in(below(16) == 0 ? made : body_of(made));
            if (json::object* object = place.if_object(); object != nullptr && !object->empty() && below(3) == 0) {
                rearrange(*object);
            } else {
                place = anything();
            }
        }
        return made;
    }

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

private:
    const json::value& any_of_corpus() { return corpus_[below(corpus_.size())]; }

    // What an update holds beside its id.
    static json::value& body_of(json::value& update) {
        json::object* object = update.if_object();
        return object == nullptr || object->empty() ? update : (object->end() - 1)->value();
    }

    json::value& somewhere_in(json::value& from) {
        json::value* at = &from;
        while (below(10) != 0) {
            if (json::object* object = at->if_object(); object != nullptr && !object->empty()) {
                at = &(object->begin() + static_cast<std::ptrdiff_t>(below(object->size())))->value();
            } else if (json::array* array = at->if_array(); array != nullptr && !array->empty()) {
                at = &(*array)[below(array->size())];
            } else {
                break;
            }
        }
        return *at;
    }

    // A member goes, takes another's name, or brings one of another update along.
    void rearrange(json::object& ret_object) {
        const auto at = ret_object.begin() + static_cast<std::ptrdiff_t>(below(ret_object.size()));
        const std::string key(at->key());
        switch (below(3)) {
            case 0:
                ret_object.erase(key);
                return;
            case 1: {
                json::value moved = std::move(at->value());
                ret_object.erase(key);
                ret_object[below(2) == 0 ? "text" : key + "\xff"] = std::move(moved);
                return;
            }
            default: {
                json::value other = any_of_corpus();
                if (const json::object* from = somewhere_in(other).if_object()) {
                    for (const auto& member : *from) {
                        ret_object.insert_or_assign(member.key(), member.value());
                    }
                }
                return;
            }
        }
    }

    json::value anything() {
        switch (below(12)) {
            case 0:
                return nullptr;
            case 1:
                return below(2) == 0;
            case 2:
                return std::numeric_limits<std::int64_t>::min();
            case 3:
                return std::numeric_limits<std::int64_t>::max();
            case 4:
                return std::numeric_limits<std::uint64_t>::max();
            case 5:
                return static_cast<std::int64_t>(below(200)) - 100;
            case 6:
                return below(2) == 0 ? 1e308 : -0.5;
            case 7:
                return json::string(
                    "\xff\xc3(\xed\xa0\x80\0*_[`<b>"
                    "\xf0\x9f\x98\x80",
                    18);
            case 8:
                return json::string(below(2) == 0 ? 70'000 : 2'000, below(2) == 0 ? '*' : 'x');
            case 9:
                return json::array(below(40), any_of_corpus());
            case 10: {
                json::value other = any_of_corpus();
                return somewhere_in(other);
            }
            default:
                return json::object{};
        }
    }

    std::vector<json::value> corpus_;
    std::mt19937 random_{seed};
};

std::vector<json::value> all_updates() {
    std::vector<json::value> all;
    for (const char* file : golden_files) {
        for (const json::value& each : golden_updates(file)) {
            all.push_back(each.at("update"));
        }
    }
    return all;
}

}  // namespace

TEST_CASE("telegram: no update, however broken, becomes what the host would refuse") {
    CAPTURE(seed);
    mutator broken(all_updates());
    telegram::inbox under_test;
    std::size_t messages = 0;
    for (int round = 0; round < 1'500; ++round) {
        CAPTURE(round);
        telegram::reading how = default_reading();
        how.addressed_only = broken.below(4) == 0;
        how.chat_members = broken.below(4) == 0;
        json::array answer;
        for (std::size_t count = broken.below(6); count < 6; ++count) {
            answer.push_back(broken.update());
        }
        const telegram::received all = under_test.read(answer, how);
        const told said = read_told(all.events);
        REQUIRE(said.problem == "");
        messages += said.batch.events.size();
    }
    CHECK(messages > 1'500);  // else it tests nothing
}
