#include "net/http_operation.hpp"

#include "net/curl_failure.hpp"
#include "net/curl_memory.hpp"

#include <algorithm>
#include <utility>

namespace gateway::net {

namespace {

failure make_failure(failure_kind kind, request_written written, std::string text) {
    failure made;
    made.kind = kind;
    made.written = written;
    made.text = std::move(text);
    return made;
}

std::string milliseconds(std::chrono::milliseconds span) {
    return std::to_string(span.count()) + " ms";
}

}  // namespace

http_operation::http_operation(operation_id id, http_request request, const url_parts& url, http_handler handler,
                               listener& events)
    : id_(id),
      request_(std::move(request)),
      peer_(host_and_port(url)),
      secure_(url.scheme == "https"),
      handler_(std::move(handler)),
      listener_(events) {}

http_operation::~http_operation() {
    release();
}

std::optional<failure> http_operation::begin(std::shared_ptr<curl_loop> loop, tls_trust& trust,
                                             const net_settings& settings) {
    trust_ = &trust;
    easy_ = curl_easy_init();
    if (easy_ == nullptr) {
        return make_failure(failure_kind::internal, request_written::none, "libcurl is out of memory");
    }
    setup_ = loop->prepare(easy_, *this);
    set_connection(settings, trust);
    set_request(settings);
    if (auto refused = set_body()) {
        return refused;
    }
    set_callbacks();
    begun_at_ = clock::now();
    if (setup_ != CURLE_OK || !loop->add(easy_)) {
        return make_failure(failure_kind::internal, request_written::none,
                            std::string{"libcurl refuses the request: "} + curl_easy_strerror(setup_));
    }
    loop_ = std::move(loop);
    // libcurl has its own copies.
    std::string{}.swap(request_.url);
    std::vector<http_header>{}.swap(request_.headers);
    return std::nullopt;
}

void http_operation::abort(failure_kind kind, std::string text) {
    finish(make_failure(kind, written(), std::move(text)));
}

http_operation::clock::time_point http_operation::next_deadline() const noexcept {
    const http_timeouts& limits = request_.timeouts;
    const auto phase = exchanging_ ? active_at_ + limits.idle : begun_at_ + limits.connect;
    return std::min({phase, begun_at_ + limits.total, complete_at_.value_or(clock::time_point::max())});
}

void http_operation::expire() {
    const http_timeouts& limits = request_.timeouts;
    if (complete_at_ && *complete_at_ <= clock::now()) {
        finish(completed());
        return;
    }
    if (!exchanging_ && limits.connect <= limits.total) {
        abort(failure_kind::timeout_connect, "no connection to " + peer_ + " within " + milliseconds(limits.connect));
    } else if (exchanging_ && active_at_ + limits.idle <= begun_at_ + limits.total) {
        abort(failure_kind::timeout_idle, peer_ + " sent nothing for " + milliseconds(limits.idle));
    } else {
        abort(failure_kind::timeout_total,
              "no complete answer from " + peer_ + " within " + milliseconds(limits.total));
    }
}

int http_operation::on_prereq(void* self, char*, char*, int, int) {
    auto& operation = *static_cast<http_operation*>(self);
    if (operation.exchanging_ && operation.request_bytes() > operation.bytes_before_request_) {
        // The connection died without an answer and libcurl is about to repeat what it may already have sent.
        operation.written_before_ = true;
        if (operation.request_.method != "GET" && operation.request_.method != "HEAD") {
            return CURL_PREREQFUNC_ABORT;
        }
    }
    if (operation.must_switch_version()) {
        return CURL_PREREQFUNC_ABORT;
    }
    operation.bytes_before_request_ = operation.request_bytes();
    operation.active_at_ = clock::now();
    operation.exchanging_ = true;
    operation.listener_.on_deadline_moved(operation);
    return CURL_PREREQFUNC_OK;
}

// libcurl 7.88 wraps HTTP/2 once more around a connection that speaks it already when a request with prior
// knowledge reuses it, and would offer an upgrade from HTTP/1.1 on a new connection when asked for plain HTTP/2. So
// the former is for new connections and the latter for those in use; which of them it is becomes known only here.
bool http_operation::must_switch_version() {
    if (request_.version != http_version::http2_prior_knowledge) {
        return false;
    }
    long connects = 0;
    curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connects);
    const bool reused = connects == connects_seen_;
    connects_seen_ = connects;
    if (reused == joining_) {
        return false;
    }
    constexpr int max_switches = 16;  // each but the first means that another request took the place
    switching_ = ++switches_ <= max_switches;
    joining_ = reused;
    return true;
}

// Once more from the start, nothing has been written.
bool http_operation::begin_again() {
    switching_ = false;
    connects_seen_ = 0;
    loop_->remove(easy_);
    set(CURLOPT_HTTP_VERSION,
        static_cast<long>(joining_ ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    return setup_ == CURLE_OK && loop_->add(easy_);
}

std::size_t http_operation::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<http_operation*>(self)->take_header({data, size * count}) ? size * count : 0;
}

bool http_operation::take_header(std::string_view line) {
    active_at_ = clock::now();
    header_bytes_ += line.size();
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) {
        line.remove_suffix(1);
    }
    if (header_bytes_ > request_.max_header_bytes || response_.headers.size() >= http_response::max_headers) {
        return refuse(failure_kind::header_too_large, "the headers " + peer_ + " answered are too large");
    }
    if (line.starts_with("HTTP/")) {  // also after a 1xx answer
        response_.headers.clear();
        headers_complete_ = false;
        return true;
    }
    if (line.empty() || headers_complete_) {  // the end of the headers, or a trailer
        headers_complete_ = true;
        return true;
    }
    const auto trimmed = [](std::string_view text) {
        const auto first = text.find_first_not_of(" \t");
        return first == std::string_view::npos ? std::string_view{}
                                               : text.substr(first, text.find_last_not_of(" \t") - first + 1);
    };
    if ((line.front() == ' ' || line.front() == '\t') && !response_.headers.empty()) {  // a folded line
        response_.headers.back().value.append(" ").append(trimmed(line));
        return true;
    }
    const auto colon = std::min(line.find(':'), line.size());
    http_header header{std::string{trimmed(line.substr(0, colon))},
                       std::string{trimmed(line.substr(std::min(colon + 1, line.size())))}};
    std::transform(header.name.begin(), header.name.end(), header.name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    response_.headers.push_back(std::move(header));
    return true;
}

std::size_t http_operation::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    return static_cast<http_operation*>(self)->take_body({data, size * count}) ? size * count : 0;
}

bool http_operation::take_body(std::string_view data) {
    constexpr std::uint64_t max_unsaved_bytes = 1024 * 1024;
    constexpr std::size_t max_reserved_bytes = 256 * 1024;  // on a mere announcement
    active_at_ = clock::now();
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    const bool saving = !request_.save_to.empty() && status / 100 == 2;
    const std::uint64_t limit = saving || request_.save_to.empty()
                                    ? request_.max_body_bytes
                                    : std::min(request_.max_body_bytes, max_unsaved_bytes);
    if (response_.body_bytes == 0) {
        curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced_);
    }
    const bool announced_too_much = announced_ >= 0 && static_cast<std::uint64_t>(announced_) > limit;
    if (announced_too_much || data.size() > limit - response_.body_bytes) {
        return refuse(failure_kind::body_too_large,
                      "the answer of " + peer_ + " is larger than " + std::to_string(limit) + " bytes");
    }
    response_.body_bytes += data.size();
    watch_for_overflow(data.size());
    if (!saving) {
        if (announced_ > 0) {
            response_.body.reserve(std::min(static_cast<std::size_t>(announced_), max_reserved_bytes));
        }
        response_.body.append(data);
        return true;
    }
    if (!sink_) {
        auto created = file_sink::create(request_.save_to);
        if (!created) {
            return refuse(failure_kind::file, created.error());
        }
        sink_ = std::move(*created);
    }
    return sink_->write(data) || refuse(failure_kind::file, sink_->complaint());
}

// See README.md, "HTTP/2 in libcurl 7.88": after more than a buffer at once, libcurl may not notice what it has read
// already, up to and including the end of the stream.
void http_operation::watch_for_overflow(std::size_t size) {
    constexpr std::chrono::milliseconds end_of_stream_grace{50};
    turn_bytes_ = loop_->turn() == turn_ ? turn_bytes_ + size : size;
    turn_ = loop_->turn();
    long version = 0;
    if (!overflowed_ && turn_bytes_ >= receive_buffer_bytes / 2) {
        curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
        overflowed_ = version == CURL_HTTP_VERSION_2_0;
    }
    if (!overflowed_) {
        return;
    }
    loop_->look_again();
    if (announced_ >= 0 && response_.body_bytes == static_cast<std::uint64_t>(announced_)) {
        complete_at_ = active_at_ + end_of_stream_grace;
        listener_.on_deadline_moved(*this);
    }
}

bool http_operation::refuse(failure_kind kind, std::string text) {
    refusal_ = make_failure(kind, request_written::none, std::move(text));
    return false;
}

void http_operation::on_curl_done(CURLcode code) {
    if (code == CURLE_OK) {
        finish(completed());
        return;
    }
    if (switching_ && begin_again()) {
        return;
    }
    failure why =
        refusal_ ? std::move(*refusal_) : describe_curl_failure(code, {easy_, peer_, proxy_, trust_, exchanging_});
    why.written = written();
    finish(std::move(why));
}

http_result http_operation::completed() {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    if (!request_.save_to.empty() && status / 100 == 2) {
        if (!sink_) {
            auto created = file_sink::create(request_.save_to);
            if (!created) {
                return make_failure(failure_kind::file, written(), created.error());
            }
            sink_ = std::move(*created);
        }
        if (!sink_->commit()) {
            return make_failure(failure_kind::file, written(), sink_->complaint());
        }
    }
    return std::move(response_);
}

long http_operation::request_bytes() const {
    long bytes = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes;
}

request_written http_operation::written() const {
    const bool any = written_before_ || (exchanging_ && request_bytes() > bytes_before_request_);
    return any ? request_written::maybe : request_written::none;
}

void http_operation::finish(http_result result) {
    result_.emplace(std::move(result));
    release();
    listener_.on_finished(*this);
}

void http_operation::release() {
    if (loop_ != nullptr) {
        loop_->remove(easy_);
        loop_ = nullptr;
    }
    curl_easy_cleanup(std::exchange(easy_, nullptr));
    curl_mime_free(std::exchange(form_, nullptr));
    curl_slist_free_all(std::exchange(headers_, nullptr));
    files_.clear();
    sink_.reset();
    std::string{}.swap(request_.body);
}

}  // namespace gateway::net
