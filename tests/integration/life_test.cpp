// The life of the host and of its instances, from the outside.

#include "support/host_process.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using gateway::test::host_process;

// What systemd would be: a datagram socket with an abstract name of its own.
class service_manager {
public:
    service_manager() : name_("gateway-life-test-" + std::to_string(::getpid())) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name_.data(), name_.size());
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        const timeval patience{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    }
    ~service_manager() { ::close(fd_); }
    service_manager(const service_manager&) = delete;
    service_manager& operator=(const service_manager&) = delete;

    [[nodiscard]] std::string address() const { return "@" + name_; }

    // Whether it is told this, from here on; each message is looked at once.
    [[nodiscard]] bool is_told(std::string_view what) const {
        std::array<char, 512> buffer{};
        for (;;) {
            const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
            if (got < 0) {
                return false;
            }
            if (std::string_view(buffer.data(), static_cast<std::size_t>(got)) == what) {
                return true;
            }
        }
    }

private:
    std::string name_;
    int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

std::string text_of(const boost::json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string().c_str());
}

}  // namespace

TEST_CASE("host: with no instance it stays up, and SIGTERM ends it with 0") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.start();
    host.wait_for_line({"ready", "instances=0"});
    CHECK(host.get("/v1/adapters").body.as_array().empty());
    host.signal(SIGTERM);
    CHECK(host.wait_for_exit() == 0);
}

TEST_CASE("host: SIGINT closes the instances in order, and ends with 0") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n[adapters.b]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.wait_for_line({"online", "instance=b"});
    host.signal(SIGINT);
    CHECK(host.wait_for_exit() == 0);
    CHECK_FALSE(std::filesystem::exists(host.state_dir() / "control.sock"));
}

TEST_CASE("host: a broken configuration ends it with 78 before anything runs, and names line and key") {
    host_process host;
    host.configure("[adapters.a]\nplugin = \"stub\"\n[reconnect]\ninital = \"1s\"\n");
    host.start();
    host.wait_for_line({"gateway.toml:4:", "reconnect.inital", "'initial'"});
    CHECK(host.wait_for_exit() == 78);
    CHECK_FALSE(std::filesystem::exists(host.state_dir()));
}

TEST_CASE("host: one instance's mistakes, a missing secret among them, are its own: it fails, its neighbours run") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(R"([adapters.well]
plugin = "stub"
[adapters.secret]
plugin = "stub"
say = { chat = "lobby", text = { env = "GATEWAY_NO_SUCH_VARIABLE" } }
echo = 1
[adapters.policy]
plugin = "stub"
reconnect.inital = "1s"
)");
    host.start();
    host.wait_for_line({"online", "instance=well"});
    for (const auto* name : {"secret", "policy"}) {
        INFO(name);
        const auto failed = host.adapter(name);
        CHECK(text_of(failed, "state") == "failed");
        CHECK(text_of(failed.at("failure").as_object(), "class") == "config");
        CHECK(text_of(failed.at("failure").as_object(), "code") == "configuration");
    }
    const auto why = text_of(host.adapter("secret").at("failure").as_object(), "text");
    CHECK(why.find("gateway.toml:5:40: adapters.secret.say.text: wants the environment variable") != std::string::npos);
    CHECK(why.find("and 1 more") != std::string::npos);
    const auto all = host.output();
    const std::string sentence = "adapters.secret.say.text: wants";
    CHECK(all.find(sentence) == all.rfind(sentence));  // one line says it, after one attempt
    CHECK(host.adapter("secret").at("incarnation").to_number<int>() == 1);
    CHECK(host.output().find("adapters.secret.echo: is a whole number") != std::string::npos);
}

TEST_CASE("host: when every instance has a mistake in its table it ends with 78") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[adapters.a]\nplugin = \"stub\"\necho = { env = \"GATEWAY_NO_SUCH_VARIABLE\" }\n"
        "[adapters.absent]\nplugin = \"nobody_has_it\"\nreconnect.initial = \"soon\"\n");
    host.start();
    CHECK(host.wait_for_exit() == 78);
    CHECK(host.output().find("gateway.toml:3:16: adapters.a.echo") != std::string::npos);
    CHECK(host.output().find("gateway.toml:6:21: adapters.absent.reconnect.initial") != std::string::npos);
}

TEST_CASE("host: when all instances failed for good it ends, with 78 where only the configuration can mend it") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:auth:401\"]\n");
    host.start();
    host.wait_for_line({"failed", "instance=a", "class=auth", "code=401"});
    CHECK(host.wait_for_exit() == 78);
}

TEST_CASE("host: with an attempt limit reached and no probe, nothing is left to wait for: it ends with 1") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(R"([reconnect]
initial = "1ms"
max = "1ms"
max_attempts = 3
probe = "0s"
[adapters.a]
plugin = "stub"
connect = ["fail:transient:dns"]
)");
    host.start();
    host.wait_for_line({"gave up", "it is not tried again", "instance=a", "attempts=3"});
    CHECK(host.wait_for_exit() == 1);
}

TEST_CASE("host: giving up says how often it is probed, and the health of the host shows it") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    const std::string reconnect = "[reconnect]\ninitial = \"1ms\"\nmax = \"1ms\"\nmax_attempts = 2\nprobe = \"90m\"\n";
    const std::string away = "[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\n";
    host.configure(reconnect + away);
    host.start();
    host.wait_for_line({"gave up", "it is probed every 90m", "instance=a", "attempts=2"});
    auto health = host.get("/v1/health").body.as_object();
    CHECK(text_of(health, "health") == "failing");
    CHECK(text_of(health, "summary") == "failing: 0 of 1 online, 1 gave_up");
    CHECK(health.at("troubled").to_number<int>() == 1);
    CHECK(health.at("instances").at("gave_up").to_number<int>() == 1);
    CHECK(health.at("instances").at("online").to_number<int>() == 0);
    host.configure(reconnect + away + "[adapters.b]\nplugin = \"stub\"\n");
    host.signal(SIGHUP);
    host.wait_for_line({"online", "instance=b"});
    health = host.get("/v1/health").body.as_object();
    CHECK(text_of(health, "health") == "degraded");
    CHECK(host.post("/v1/adapters/a/pause").status == 200);
    health = host.get("/v1/health").body.as_object();
    CHECK(text_of(health, "summary") == "ok: 1 of 2 online, 1 paused");
}

TEST_CASE(
    "host: the service manager is told when it is ready, how it is doing whenever that changes, and when it stops") {
    const service_manager manager;
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.set_environment("NOTIFY_SOCKET", manager.address());
    host.configure("[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\", \"ok\"]\n");
    host.start();
    CHECK(manager.is_told("READY=1"));
    CHECK(manager.is_told("STATUS=failing: 0 of 1 online, 1 waiting"));
    CHECK(host.post("/v1/adapters/a/reconnect").status == 200);
    CHECK(manager.is_told("STATUS=ok: 1 of 1 online"));
    host.signal(SIGTERM);
    CHECK(manager.is_told("STOPPING=1"));
}

TEST_CASE("host: told to stay, it stays when all have failed, and an operator revives an instance") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(
        "[gateway]\non_all_failed = \"stay\"\n[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:auth:401\", "
        "\"ok\"]\n");
    host.start();
    host.wait_for_line({"failed", "instance=a"});
    CHECK(text_of(host.adapter("a"), "state") == "failed");
    CHECK(host.post("/v1/adapters/a/reconnect").status == 200);
    host.wait_for_line({"online", "instance=a"});
    CHECK(host.adapter("a").at("incarnation").to_number<int>() == 2);
}

TEST_CASE("instance: a failed start waits its 30 s, and the control API says so") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\nconnect = [\"fail:transient:dns\"]\nreconnect.jitter = 0.0\n");
    host.start();
    host.wait_for_line({"waiting", "instance=a", "class=transient", "code=dns"});
    const auto shown = host.adapter("a");
    CHECK(text_of(shown, "state") == "waiting");
    CHECK(shown.at("attempts").to_number<int>() == 1);
    CHECK(shown.at("next_retry_ms").to_number<int>() > 20'000);
    CHECK(shown.at("next_retry_ms").to_number<int>() <= 30'000);
    CHECK(text_of(shown.at("failure").as_object(), "class") == "transient");
    CHECK(text_of(shown.at("failure").as_object(), "code") == "dns");
}

TEST_CASE("instance: a connect that hangs ends at its deadline, and its neighbours do not wait for it") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure(R"([reconnect]
connect_timeout = "300ms"
initial = "1ms"
[adapters.stuck]
plugin = "stub"
connect = ["hang", "ok"]
[adapters.well]
plugin = "stub"
)");
    host.start();
    host.wait_for_line({"online", "instance=well"});
    host.wait_for_line({"waiting", "instance=stuck", "code=connect_timeout"});
    host.wait_for_line({"online", "instance=stuck"});
}

TEST_CASE("instance: a lost connection comes back with a fresh incarnation, at once") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\nlose_after = \"50ms\"\nlose = \"transient:reset\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.wait_for_line({"waiting", "instance=a", "code=reset", "attempts=0"});
    host.wait_for_line({"online", "instance=a"});
    CHECK(host.adapter("a").at("incarnation").to_number<int>() >= 2);
}

TEST_CASE("instance: one that its module cannot create has failed with the reason, and its neighbours run") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\ncreate = \"fail\"\n[adapters.b]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"failed", "instance=a", "code=create"});
    host.wait_for_line({"online", "instance=b"});
}

TEST_CASE("host: after SIGKILL the next one starts on the same state, without a trace of the old one in its way") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    host.kill();
    host.start();
    host.wait_for_line({"online", "instance=a"});
    CHECK(host.get("/v1/adapters").status == 200);
}

TEST_CASE("host: its files are for its user alone") {
    host_process host;
    host.install(GATEWAY_STUB_MODULE);
    host.configure("[adapters.a]\nplugin = \"stub\"\n");
    host.start();
    host.wait_for_line({"online", "instance=a"});
    for (const auto* name : {"control.sock", "gateway.db", "lock"}) {
        struct stat status{};
        INFO(name);
        REQUIRE(::stat((host.state_dir() / name).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);
    }
}
