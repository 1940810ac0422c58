#include "module/probe.hpp"

#include <cstring>
#include <string>
#include <system_error>

namespace gateway::module {
namespace {

std::string name_of_signal(int number) {
    const char* name = ::sigabbrev_np(number);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

}  // namespace

std::optional<refusal> objection_of(const probe_outcome& outcome, const std::filesystem::path& source) {
    const auto refused = [&](refusal_code code, const std::string& rest) {
        return refusal{source.string(), code, printable(source.string()) + " cannot be loaded: " + rest};
    };
    using kind = probe_outcome::kind;
    switch (outcome.what) {
        case kind::loaded:
            break;
        case kind::refused:
            return outcome.refused;
        case kind::crashed:
            return refused(refusal_code::constructor_crashed,
                           "its constructors crashed with " + name_of_signal(outcome.detail));
        case kind::exited:
            return refused(refusal_code::constructor_exited,
                           "its constructors called exit(" + std::to_string(outcome.detail) + ")");
        case kind::hung:
            return refused(refusal_code::constructor_hung,
                           "its constructors did not return within " + std::to_string(probe_deadline.count()) + " s");
        case kind::not_started:
            return refused(refusal_code::not_probed, "the process that tries it first cannot be made: " +
                                                         std::generic_category().message(outcome.detail));
    }
    return {};
}

bool is_doubtful(const probe_outcome& outcome) {
    using kind = probe_outcome::kind;
    return outcome.what == kind::crashed || outcome.what == kind::hung || outcome.what == kind::not_started;
}

}  // namespace gateway::module
