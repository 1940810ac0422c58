// Modules that break the contract at run time: the host survives each, names it, and its neighbour never notices.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using gateway::test::host_process;
using gateway::test::write_file;

constexpr std::string_view configuration = R"(
[gateway]
call_timeout = "300ms"

[reconnect]
connect_timeout = "2s"
close_timeout = "1s"
jitter = 0.0

[adapters.neighbour]
plugin = "stub"
echo = true
)";

// The host with one bad instance, "bad", beside a sound one.
class bad_neighbourhood {
public:
    explicit bad_neighbourhood(const std::string& fault, std::string_view more = {}) {
        host.install(GATEWAY_STUB_MODULE);
        host.install(std::filesystem::path(GATEWAY_RUNTIME_FAULTS_DIR) / (fault + ".so"));
        host.configure(std::string(configuration) + "[adapters.bad]\nplugin = \"" + fault + "\"\n" + std::string(more));
        host.start();
    }

    // Everything still works: the neighbour reconnects when asked, and the host stops in order.
    void check_that_the_host_is_well() {
        CHECK(host.post("/v1/adapters/neighbour/reconnect").status == 200);
        host.wait_for_line({"online", "instance=neighbour"});
        host.signal(SIGTERM);
        CHECK(host.wait_for_exit() == 0);
    }

    [[nodiscard]] std::string state_of_bad() const {
        return std::string(host.adapter("bad").at("state").as_string().c_str());
    }

    [[nodiscard]] std::string failure_code() const {
        return std::string(host.adapter("bad").at("failure").as_object().at("code").as_string().c_str());
    }

    host_process host;
};

}  // namespace

TEST_CASE("bad modules: every file that cannot be a module is refused by name, and the sound one beside them runs") {
    const std::filesystem::path built(GATEWAY_STATIC_FAULTS_DIR);
    host_process host;
    std::vector<std::vector<std::string>> awaited{{"online", "instance=neighbour"}};
    for (const auto& [fault, code] : std::map<std::string, std::string>{{"bad_manifest", "bad_manifest"},
                                                                        {"function_symbol", "missing_symbol"},
                                                                        {"hidden_symbol", "missing_symbol"},
                                                                        {"large_manifest", "bad_note"},
                                                                        {"manifest_differs", "manifest_differs"},
                                                                        {"missing_library", "missing_library"},
                                                                        {"newer_minor", "newer_abi"},
                                                                        {"no_note", "no_note"},
                                                                        {"null_function", "null_function"},
                                                                        {"requirement", "requirement_missing"},
                                                                        {"short_struct", "struct_too_short"},
                                                                        {"short_struct_size", "struct_too_short"},
                                                                        {"unresolved_symbol", "unresolved_symbol"},
                                                                        {"wild_manifest", "manifest_differs"},
                                                                        {"wrong_major", "wrong_abi"},
                                                                        {"wrong_major_in_memory", "wrong_abi"}}) {
        host.install(built / ("refuse_" + fault + ".so"));
        awaited.push_back({"a module is refused", "/refuse_" + fault + ".so code=" + code});
    }
    std::ifstream file(built / "good_minimal.so", std::ios::binary);
    const std::string sound{std::istreambuf_iterator<char>(file), {}};
    auto foreign = sound;
    foreign[EI_NIDENT + 2] = foreign[EI_NIDENT + 2] == EM_X86_64 ? static_cast<char>(EM_AARCH64) : char{EM_X86_64};
    for (const auto& [name, bytes, code] : {std::tuple{"text", std::string("print('hello')\n"), "not_elf"},
                                            {"foreign", foreign, "wrong_architecture"},
                                            {"half", sound.substr(0, sound.size() / 2), "truncated"},
                                            {"minimal", sound, ""},
                                            {"the_same", sound, "duplicate_name"},
                                            {"open_to_all", sound, "writable_by_all"}}) {
        write_file(host.plugins_dir() / (std::string(name) + ".so"), bytes);
        if (*code != '\0') {
            awaited.push_back({"a module is refused", std::string(name) + ".so code=" + code});
        }
    }
    std::filesystem::permissions(host.plugins_dir() / "open_to_all.so", std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    host.configure("[adapters.neighbour]\nplugin = \"minimal\"\n");
    host.start();
    host.wait_for_lines(awaited);
    CHECK(host.get("/v1/modules").body.at("refused").as_array().size() == awaited.size() - 1);
    CHECK(host.post("/v1/adapters/neighbour/reconnect").status == 200);
    host.wait_for_line({"online", "instance=neighbour"});
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("bad modules: a plugins directory that anybody may write to is refused, and the host waits") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    std::filesystem::permissions(host.plugins_dir(), std::filesystem::perms::all);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"the plugins directory cannot be used", host.plugins_dir().string(), "anybody may write to"});
    host.wait_for_line({"failed", "instance=a", "code=writable_by_all"});
    std::filesystem::permissions(host.plugins_dir(), std::filesystem::perms::owner_all);
    host.wait_for_line({"online", "instance=a"});
}

TEST_CASE("bad modules: an exception from connect is a failure of that instance") {
    bad_neighbourhood town("fault_throws");
    town.host.wait_for_line({"exception", "module=fault_throws", "call=connect", "nobody catches this here"});
    town.host.wait_for_line({"waiting", "instance=bad", "class=internal", "code=exception"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: constructors that crash, throw or exit end a child of the host, and the module is refused") {
    std::string fault;
    std::string code;
    std::string ending;
    SUBCASE("crash") {
        fault = "refuse_crashing_constructor";
        code = "constructor_crashed";
        ending = "its constructors crashed with SIGSEGV";
    }
    SUBCASE("throw") {
        fault = "refuse_throwing_constructor";
        code = "constructor_crashed";
        ending = "its constructors crashed with SIGABRT";
    }
    SUBCASE("exit") {
        fault = "refuse_exiting_constructor";
        code = "constructor_exited";
        ending = "its constructors called exit(3)";
    }
    bad_neighbourhood town(fault);
    town.host.wait_for_line({"a module is refused", fault + ".so", "code=" + code, ending});
    town.host.wait_for_line({"failed", "instance=bad", "code=" + code, ending});
    CHECK(town.host.get("/v1/modules").body.at("refused").as_array().size() == 1);
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a constructor that hangs holds up nobody, and is refused at its deadline") {
    bad_neighbourhood town("refuse_hanging_constructor", "reconnect.connect_timeout = \"20s\"\n");
    town.host.wait_for_line({"online", "instance=neighbour"});
    CHECK(town.state_of_bad() == "connecting");
    town.host.wait_for_line({"a module is refused", "refuse_hanging_constructor.so", "code=constructor_hung",
                             "its constructors did not return within 5 s"});
    town.host.wait_for_line({"failed", "instance=bad", "code=constructor_hung"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a host that stops while a constructor hangs waits for nothing and leaves nothing behind") {
    bad_neighbourhood town("refuse_hanging_constructor");
    town.host.wait_for_line({"online", "instance=neighbour"});
    REQUIRE(town.state_of_bad() == "connecting");
    town.host.signal(SIGTERM);
    CHECK(town.host.wait_for_exit() == 0);  // its output is at its end: no child holds it either
}

TEST_CASE("bad modules: a create that never returns costs its thread, not the host") {
    bad_neighbourhood town("fault_hang_create");
    town.host.wait_for_line({"did not return", "instance=bad", "module=fault_hang_create", "call=create"});
    town.host.wait_for_line({"failed", "instance=bad", "code=hang"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: an instance whose connect spins is kept away after three times; others of its module go on") {
    bad_neighbourhood town("fault_hang_connect",
                           "reconnect.quick = [\"0s\", \"0s\", \"0s\"]\nreconnect.initial = \"1ms\"\n"
                           "[adapters.sibling]\nplugin = \"fault_hang_connect\"\n");
    for (int hang = 0; hang < 3; ++hang) {
        town.host.wait_for_line({"did not return", "module=fault_hang_connect", "call=connect"});
    }
    town.host.wait_for_line({"instance=bad", "code=module_hangs"});
    CHECK(town.host.adapter("sibling").at("state").as_string() == "online");
    CHECK(town.host.post("/v1/adapters/sibling/reconnect").status == 200);
    town.host.wait_for_line({"online", "instance=sibling"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a close that never returns ends with the incarnation, and a fresh one comes up") {
    bad_neighbourhood town("fault_hang_close");
    town.host.wait_for_line({"online", "instance=bad"});
    CHECK(town.host.post("/v1/adapters/bad/reconnect").status == 200);
    town.host.wait_for_line({"did not return", "module=fault_hang_close", "call=close"});
    town.host.wait_for_line({"online", "instance=bad"});
    CHECK(town.host.adapter("bad").at("incarnation").to_number<int>() == 2);
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a close that is never answered ends at its deadline") {
    bad_neighbourhood town("fault_never_closes");
    town.host.wait_for_line({"online", "instance=bad"});
    CHECK(town.host.post("/v1/adapters/bad/reconnect").status == 200);
    town.host.wait_for_line({"did not close in time", "instance=bad", "module=fault_never_closes"});
    town.host.wait_for_line({"online", "instance=bad"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: what is said twice counts once") {
    bad_neighbourhood town("fault_completes_twice", R"(
[adapters.talker]
plugin = "stub"
say = { chat = "lobby", text = "hello", every = "1ms", count = 3 }
[[routes]]
from = "talker:*"
to = "bad"
)");
    town.host.wait_for_line({"broke the adapter contract", "module=fault_completes_twice", "connected twice"});
    town.host.wait_for_line({"broke the adapter contract", "module=fault_completes_twice", "answered already"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a receipt from the next incarnation is refused, and the delivery is repeated as maybe sent") {
    bad_neighbourhood town("fault_completes_late", R"(
[adapters.talker]
plugin = "stub"
say = { chat = "lobby", text = "hello", every = "1ms", count = 1 }
[[routes]]
from = "talker:*"
to = "bad"
)");
    town.host.wait_for_line(
        {"broke the adapter contract", "module=fault_completes_late", "a delivery that it does not have"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a dead incarnation is not heard") {
    bad_neighbourhood town("fault_dead_incarnation");
    town.host.wait_for_line({"online", "instance=bad"});
    CHECK(town.host.post("/v1/adapters/bad/reconnect").status == 200);
    town.host.wait_for_lines(
        {{"broke the adapter contract", "module=fault_dead_incarnation", "incarnation that is over"},
         {"online", "instance=bad"}});
    CHECK(town.state_of_bad() == "online");
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: whatever a module does from within a call, no other call begins before it returns") {
    bad_neighbourhood town("fault_reenters");
    town.host.wait_for_line({"waiting", "instance=bad", "code=asked"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a report from a foreign thread is refused and named") {
    bad_neighbourhood town("fault_foreign_thread");
    town.host.wait_for_line({"broke the adapter contract", "module=fault_foreign_thread", "from a thread of its own"});
    town.host.wait_for_line({"waiting", "instance=bad", "code=connect_timeout"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: structs shorter than they ever were are refused and named") {
    bad_neighbourhood town("fault_short_struct");
    town.host.wait_for_line({"broke the adapter contract", "module=fault_short_struct", "struct_size"});
    town.host.wait_for_line({"online", "instance=bad"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: text that is not UTF-8 is refused and named") {
    bad_neighbourhood town("fault_invalid_utf8");
    town.host.wait_for_line({"broke the adapter contract", "module=fault_invalid_utf8", "UTF-8"});
    town.host.wait_for_line({"online", "instance=bad"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a flood of lines, wakes and events is bounded, and the neighbour gets its turn") {
    bad_neighbourhood town("fault_floods");
    town.host.wait_for_line({"logs too much", "module=fault_floods"});
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: a close that hangs after it was answered is never destroyed under its feet") {
    bad_neighbourhood town("fault_hang_after_closed");
    town.host.wait_for_line({"online", "instance=bad"});
    CHECK(town.host.post("/v1/adapters/bad/reconnect").status == 200);
    town.host.wait_for_line({"did not return", "module=fault_hang_after_closed", "call=close"});
    town.host.wait_for_line({"online", "instance=bad"});
    town.check_that_the_host_is_well();
}

TEST_CASE(
    "bad modules: an extension look-up that throws is that instance's failure, and the control API stays readable") {
    bad_neighbourhood town("fault_throwing_extension");
    town.host.wait_for_line({"waiting", "instance=bad", "code=exception"});
    CHECK(town.host.get("/v1/adapters").body.as_array().size() == 2);
    town.check_that_the_host_is_well();
}

TEST_CASE("bad modules: while one that never closes holds up the stop, status and reload do no harm") {
    bad_neighbourhood town("fault_never_closes",
                           "[adapters.away]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\n");
    town.host.wait_for_lines({{"online", "instance=bad"}, {"waiting", "instance=away"}});
    town.host.signal(SIGTERM);
    town.host.wait_for_line({"stopping"});
    CHECK(town.host.get("/v1/adapters").status == 200);
    CHECK(town.host.get("/v1/adapters/away").status == 404);
    town.host.signal(SIGHUP);
    CHECK(town.host.get("/v1/adapters").status == 200);
    CHECK(town.host.wait_for_exit() == 0);
}

TEST_CASE("bad modules: one that crashes takes the host with it, but not without being named") {
    bad_neighbourhood town("fault_crashes");
    town.host.wait_for_line({"fatal", "signal=SIG", "module=fault_crashes", "instance=bad", "call=connect"});
    CHECK(town.host.wait_for_exit() != 0);
}
