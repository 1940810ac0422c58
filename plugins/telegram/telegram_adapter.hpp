// A Telegram bot: joins the session (connection, polling) and the sender (deliveries) to the host. No decisions here.
//
// One object is one incarnation of one account. Bounds: at most 2 calls of the session, `max_answering` answers to
// queries (`max_queries` wait, further ones go unanswered), `max_getting` files (`max_files` wait, further ones are
// refused), `sender::max_sending` messages and `typing::max_sending` notices under way; closing takes `send_grace` at
// most, so that the outcome of what is being sent is known.
#pragma once

#include "telegram_config.hpp"
#include "telegram_files.hpp"
#include "telegram_sender.hpp"
#include "telegram_session.hpp"

#include <gateway/cpp/gateway.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace gateway::telegram {

class adapter final : public sdk::adapter, public sdk::with_files {
public:
    static constexpr std::chrono::seconds send_grace{2};
    static constexpr std::size_t max_answering = 8;
    static constexpr std::size_t max_queries = 200;
    static constexpr std::size_t max_getting = 4;
    static constexpr std::size_t max_files = 64;
    static constexpr std::chrono::seconds download_idle{30};
    static constexpr std::chrono::minutes download_total{5};  // as long as the host waits

    explicit adapter(const sdk::setup& from);

    void connect() override;
    void deliver(const sdk::delivery_view& what) override;
    void close(sdk::close_reason why) override;
    void fetch_file(const sdk::fetch_view& what) override;

private:
    void step(const session_event& event);
    void run(const act::read_offset&);
    void run(const act::call& what);
    void run(const act::store&);
    void run(const act::wait& what);
    void run(const act::connected& what);
    void run(const act::lost& what);
    void run(const act::log& what);
    void run(const act::cancel_all&);
    void run(const act::answer_query& what);
    void answer_queries();

    struct wanted_file {
        sdk::fetch_id id{};
        std::string file{};
        std::string path{};
        std::int64_t max_size = 0;
    };
    void get_files();
    void download(const wanted_file& what, const std::string& from);
    void fetched(const wanted_file& what, const no_file& why);

    void carry_out(const sender_actions& actions);
    void run(const act::send& what);
    void run(const act::get_file& what);
    void run(const act::type& what);
    void run(const act::tick_after& what);
    void run(const sdk::receipt& what);
    void run(const act::unauthorized& what);

    [[nodiscard]] sdk::http_request request_for(const request& what) const;
    [[nodiscard]] sdk::http_version send_version() const;
    void close_when_done();

    config config_;
    session session_;
    sender sender_;
    std::deque<std::string> queries_;  // to be answered
    std::size_t answering_ = 0;
    std::deque<wanted_file> files_;  // to be got
    std::size_t getting_ = 0;
    sdk::op_id get_me_ = sdk::op_id::none;
    sdk::op_id poll_ = sdk::op_id::none;  // or deleteWebhook, which takes its place
    sdk::op_id wait_ = sdk::op_id::none;
    sdk::op_id tick_ = sdk::op_id::none;
    bool closing_ = false;
    bool closed_ = false;
};

}  // namespace gateway::telegram
