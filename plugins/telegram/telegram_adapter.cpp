#include "telegram_adapter.hpp"

#include <utility>

namespace gateway::telegram {

adapter::adapter(const sdk::setup& from)
    : sdk::adapter(from),
      config_(parse_config(from.config)),
      session_(session_settings{.poll_timeout = config_.poll_timeout,
                                .addressed_only = config_.addressed_only,
                                .chat_members = config_.chat_members}),
      sender_(std::string(from.name)) {}

void adapter::connect() {
    step(on::connect{});
}

void adapter::deliver(const sdk::delivery_view& what) {
    carry_out(sender_.deliver(what, host().now()));
}

void adapter::close([[maybe_unused]] sdk::close_reason why) {
    closing_ = true;
    step(on::close{});
    carry_out(sender_.close());
    if (!sender_.idle()) {
        host().timer(send_grace, [this] {
            carry_out(sender_.give_up());
            close_when_done();
        });
    }
    close_when_done();
}

void adapter::close_when_done() {
    if (closing_ && !closed_ && sender_.idle()) {
        closed_ = true;
        host().closed();
    }
}

void adapter::step(const session_event& event) {
    for (const session_action& action : session_.step(event, host().now())) {
        std::visit([this](const auto& what) { run(what); }, action);
    }
}

void adapter::run(const act::read_offset&) {
    host().kv_get(offset_key,
                  [this](const sdk::kv_value& stored) { step(on::offset_read{stored.result, stored.value}); });
}

sdk::http_request adapter::request_for(const request& what) const {
    sdk::http_request made{.method = "POST", .url = config_.base_url + std::string(what.method)};
    made.version = config_.http;
    if (what.form.empty()) {
        made.headers = {{"content-type", "application/json"}};
        made.body = what.body;
    } else {
        made.form = what.form;
    }
    return made;
}

// Whether a request was sent is known best over HTTP/1.1: gateway/ext/http.h.
sdk::http_version adapter::send_version() const {
    return config_.http == sdk::http_version::automatic ? sdk::http_version::http1 : config_.http;
}

void adapter::run(const act::call& what) {
    sdk::http_request request = request_for(what.what);
    request.idle_timeout = what.idle_timeout;
    request.total_timeout = what.total_timeout;
    request.max_body_bytes = what.max_body_bytes;
    const sdk::op_id op = host().http(request, [this, kind = what.kind](const sdk::http_response& response) {
        answer given = parse_answer(response, config_.secret());
        step(on::answered{kind, given});
    });
    (what.kind == call_kind::get_me ? get_me_ : poll_) = op;
}

void adapter::run(const act::store&) {
    const sdk::status taken =
        host().submit(session_.pending(), [this](sdk::status committed) { step(on::committed{committed}); });
    if (taken == sdk::status::busy) {
        step(on::busy{});
    }
}

void adapter::run(const act::wait& what) {
    wait_ = host().timer(what.delay, [this] { step(on::due{}); });
}

void adapter::run(const act::connected& what) {
    host().connected(std::to_string(what.who.id), what.who.name);
}

void adapter::run(const act::lost& what) {
    host().lost(what.why);
}

void adapter::run(const act::log& what) {
    host().log(what.level, what.text);
}

void adapter::run(const act::answer_query& what) {
    if (queries_.size() < max_queries) {
        queries_.push_back(what.id);
        answer_queries();
    }
}

void adapter::answer_queries() {
    while (!closing_ && answering_ < max_answering && !queries_.empty()) {
        sdk::http_request request = request_for(answer_callback_query_request(queries_.front()));
        request.idle_timeout = session::call_timeout;
        request.total_timeout = session::call_timeout;
        queries_.pop_front();
        ++answering_;
        host().http(request, [this](const sdk::http_response& response) {
            --answering_;
            const answer given = parse_answer(response, config_.secret());
            if (given.kind != answer_kind::result) {
                host().log(sdk::log_level::debug, failure_of(given, "answerCallbackQuery").text);
            }
            answer_queries();
        });
    }
}

void adapter::fetch_file(const sdk::fetch_view& what) {
    if (files_.size() >= max_files) {
        host().fetched(what.id, sdk::status::network, "busy", "Too many of Telegram's files are wanted at once.");
        return;
    }
    files_.push_back({what.id, std::string(what.file), std::string(what.path), what.max_size});
    get_files();
}

void adapter::get_files() {
    while (!closing_ && getting_ < max_getting && !files_.empty()) {
        wanted_file wanted = std::move(files_.front());
        files_.pop_front();
        sdk::http_request request = request_for(get_file_request(wanted.file));
        request.idle_timeout = session::call_timeout;
        request.total_timeout = session::call_timeout;
        ++getting_;
        host().http(request, [this, wanted = std::move(wanted)](const sdk::http_response& response) {
            const found_file found = parse_file(parse_answer(response, config_.secret()), wanted.max_size);
            if (found.path.empty()) {
                fetched(wanted, found.why);
            } else {
                download(wanted, found.path);
            }
        });
    }
}

void adapter::download(const wanted_file& what, const std::string& from) {
    if (closing_) {
        return;
    }
    sdk::http_request request{.method = "GET",
                              .url = config_.file_url(from),
                              .download_path = what.path,
                              .version = config_.http,
                              .idle_timeout = download_idle,
                              .total_timeout = download_total,
                              .max_body_bytes = what.max_size};
    host().http(request, [this, what](const sdk::http_response& response) {
        const bool there = response.answered() && response.http_status >= 200 && response.http_status < 300;
        fetched(what, there ? no_file{.result = sdk::status::ok} : failed_download(response, config_.secret()));
    });
}

void adapter::fetched(const wanted_file& what, const no_file& why) {
    --getting_;
    host().fetched(what.id, why.result, why.code, why.text);
    get_files();
}

void adapter::run(const act::cancel_all&) {
    for (const sdk::op_id op : {get_me_, poll_, wait_}) {
        host().cancel(op);
    }
}

void adapter::carry_out(const sender_actions& actions) {
    for (const sender_action& action : actions) {
        std::visit([this](const auto& what) { run(what); }, action);
    }
}

void adapter::run(const act::send& what) {
    sdk::http_request request = request_for(what.what);
    request.version = send_version();
    request.idle_timeout = what.idle_timeout;
    request.total_timeout = what.total_timeout;
    host().http(request, [this, id = what.id](const sdk::http_response& response) {
        carry_out(sender_.answered(id, parse_answer(response, config_.secret()), host().now()));
        close_when_done();
    });
}

void adapter::run(const act::get_file& what) {
    const auto on_file = [this, id = what.id](const sdk::file& file) {
        carry_out(sender_.got(id, file));
        close_when_done();
    };
    if (host().raw()->extension(host().token(), GW_EXT_FILES) == nullptr) {
        on_file({.result = sdk::status::not_found, .code = "unsupported", .text = "This host gets no files."});
        return;
    }
    host().get_file(what.source, what.file, what.max_size, on_file);
}

void adapter::run(const act::type& what) {
    sdk::http_request request = request_for(what.what);
    request.version = send_version();
    request.idle_timeout = sender::send_timeout;
    request.total_timeout = sender::send_timeout;
    host().http(request, [this, where = what.where](const sdk::http_response& response) {
        sender_.typed(where, parse_answer(response, config_.secret()), host().now());
    });
}

void adapter::run(const act::tick_after& what) {
    host().cancel(tick_);
    tick_ = host().timer(what.delay, [this] { carry_out(sender_.tick(host().now())); });
}

void adapter::run(const sdk::receipt& what) {
    host().receipt(what);
}

void adapter::run(const act::unauthorized& what) {
    step(on::unauthorized{what.why});
}

}  // namespace gateway::telegram
