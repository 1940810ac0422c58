// One HTTP exchange: a libcurl easy handle, its callbacks, and what became of it.
//
//     connecting ──on_prereq──▶ exchanging ──on_curl_done / abort──▶ finished
//         └───────────────────────────────────────────────────────────┘
//
// Knows nothing about limits, owners and timers: the client keeps those and asks next_deadline().
// Internal to core/net.
#pragma once

#include "net/curl_loop.hpp"
#include "net/file_body.hpp"
#include "net/http_client.hpp"
#include "net/tls_trust.hpp"
#include "net/url.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace gateway::net {

class http_operation final : public curl_transfer {
public:
    using clock = std::chrono::steady_clock;

    class listener {
    public:
        // From within libcurl: next_deadline() may have come nearer. The multi handle must not be touched.
        virtual void on_deadline_moved(http_operation& operation) = 0;
        // From the loop: result() is there and the transfer has left libcurl.
        virtual void on_finished(http_operation& operation) = 0;

    protected:
        ~listener() = default;
    };

    // `url` is request.url, already checked and taken apart.
    http_operation(operation_id id, http_request request, const url_parts& url, http_handler handler, listener& events);
    ~http_operation();
    http_operation(const http_operation&) = delete;
    http_operation& operator=(const http_operation&) = delete;

    // Opens the files to send and fills the easy handle, then hands it to libcurl.
    std::optional<failure> begin(std::shared_ptr<curl_loop> loop, tls_trust& trust, const net_settings& settings);

    // Ends it with this failure, whose `written` is filled in here. Tells the listener.
    void abort(failure_kind kind, std::string text);

    operation_id id() const noexcept { return id_; }
    owner_id owner() const noexcept { return request_.owner; }
    bool finished() const noexcept { return result_.has_value(); }
    http_handler& handler() noexcept { return handler_; }
    http_result& result() noexcept { return *result_; }

    clock::time_point next_deadline() const noexcept;
    // The deadline has come: what to end it with.
    void expire();

    // host:port.
    const std::string& peer() const noexcept { return peer_; }
    http_version version() const noexcept { return request_.version; }

    // The client's notes.
    clock::time_point scheduled_for{};  // where it stands in the queue of deadlines
    bool version_was_chosen = false;    // by the client

private:
    void set_connection(const net_settings& settings, tls_trust& trust);
    void set_request(const net_settings& settings);
    std::optional<failure> set_body();
    std::optional<failure> set_form();
    void set_callbacks();
    template <class Value>
    void set(CURLoption option, Value value) {
        setup_ = setup_ == CURLE_OK ? curl_easy_setopt(easy_, option, value) : setup_;
    }

    static int on_prereq(void* self, char*, char*, int, int);
    static CURLcode on_ssl_context(CURL*, void* context, void* trust);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_read_file(char* into, std::size_t size, std::size_t count, void* source);
    static int on_seek_file(void* source, curl_off_t offset, int origin);
    static std::size_t on_read_memory(char* into, std::size_t size, std::size_t count, void* self);
    static int on_seek_memory(void* self, curl_off_t offset, int origin);

    void on_curl_done(CURLcode code) override;
    bool take_header(std::string_view line);
    bool take_body(std::string_view data);
    void watch_for_overflow(std::size_t size);
    bool refuse(failure_kind kind, std::string text);  // false, for callbacks that stop the transfer
    bool must_switch_version();
    bool begin_again();
    long request_bytes() const;
    request_written written() const;
    void finish(http_result result);
    http_result completed();
    void release();

    struct sent_file {
        file_source source;
        http_operation* operation = nullptr;
    };

    operation_id id_;
    http_request request_;
    std::string peer_;   // host:port, for sentences
    std::string proxy_;  // likewise; empty: direct
    bool secure_;
    http_handler handler_;
    listener& listener_;
    tls_trust* trust_ = nullptr;

    std::shared_ptr<curl_loop> loop_;
    CURL* easy_ = nullptr;
    curl_slist* headers_ = nullptr;
    curl_mime* form_ = nullptr;
    CURLcode setup_ = CURLE_OK;
    std::vector<sent_file> files_;
    std::size_t sent_offset_ = 0;

    clock::time_point begun_at_{};
    clock::time_point active_at_{};
    bool exchanging_ = false;
    bool written_before_ = false;  // by an attempt that libcurl has given up
    bool switching_ = false;       // the version, see must_switch_version()
    bool joining_ = false;
    int switches_ = 0;
    long connects_seen_ = 0;
    long bytes_before_request_ = 0;  // what a proxy was told

    http_response response_;
    std::size_t header_bytes_ = 0;
    bool headers_complete_ = false;
    curl_off_t announced_ = -1;  // content-length
    std::uint64_t turn_ = 0;     // of the loop, in which the last of the body came
    std::size_t turn_bytes_ = 0;
    bool overflowed_ = false;
    std::optional<clock::time_point> complete_at_;
    std::optional<file_sink> sink_;
    std::optional<failure> refusal_;
    std::optional<http_result> result_;
};

}  // namespace gateway::net
