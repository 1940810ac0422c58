#include "net/http_client.hpp"

#include "net/http_check.hpp"
#include "net/http_operation.hpp"
#include "net/http_version_choice.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gateway::net {

namespace asio = boost::asio;

// The table of operations, the queue of their deadlines (one timer in all) and the delivery of results.
class http_client::impl final : public std::enable_shared_from_this<http_client::impl>,
                                public http_operation::listener {
public:
    impl(asio::io_context& loop, net_settings settings)
        : loop_(loop),
          settings_(std::move(settings)),
          trust_(std::make_shared<tls_trust>(settings_.ca_file, settings_.ca_directory)),
          versions_(settings_.http2_from_requests),
          timer_(loop) {}

    boost::system::result<operation_id, failure> start(http_request request, http_handler handler);
    bool cancel(operation_id id);
    std::size_t drop_owner(owner_id owner);
    std::size_t operations() const noexcept { return operations_.size(); }
    std::size_t operations_of(owner_id owner) const noexcept;
    const std::shared_ptr<tls_trust>& trust() const noexcept { return trust_; }

private:
    using time_point = http_operation::clock::time_point;

    void on_deadline_moved(http_operation& operation) override { schedule(operation); }
    void on_finished(http_operation& operation) override;

    std::shared_ptr<curl_loop> transport(const http_request& request, const url_parts& url);
    void conclude_version(const http_operation& operation, http_version_choice::outcome how);
    void deliver(operation_id id);
    void schedule(http_operation& operation);
    void unschedule(http_operation& operation);
    void arm();
    void expire();

    asio::io_context& loop_;
    net_settings settings_;
    std::shared_ptr<tls_trust> trust_;
    // Apart, because libcurl stops multiplexing to a host to which it has one HTTP/1.1 connection.
    std::shared_ptr<curl_loop> http1_;
    std::shared_ptr<curl_loop> http2_;
    http_version_choice versions_;
    std::unordered_map<operation_id, std::unique_ptr<http_operation>> operations_;
    std::unordered_map<owner_id, std::unordered_set<operation_id>> owners_;
    std::set<std::pair<time_point, operation_id>> deadlines_;
    asio::steady_timer timer_;
    time_point armed_for_ = time_point::max();
    operation_id last_id_ = 0;
};

namespace {

failure refusal(failure_kind kind, std::string text) {
    failure made;
    made.kind = kind;
    made.text = std::move(text);
    return made;
}

http_version_choice::outcome outcome_of(const http_result& result) {
    if (result) {
        return http_version_choice::outcome::answered;
    }
    const failure why = result.error();
    const bool exchange = why.kind == failure_kind::reset || why.kind == failure_kind::protocol ||
                          why.kind == failure_kind::timeout_idle || why.kind == failure_kind::timeout_total;
    return exchange && why.written == request_written::maybe ? http_version_choice::outcome::broke
                                                             : http_version_choice::outcome::neither;
}

}  // namespace

boost::system::result<operation_id, failure> http_client::impl::start(http_request request, http_handler handler) {
    url_parts url;
    if (auto refused = check_request(request, settings_.proxy, url)) {
        return std::move(*refused);
    }
    if (operations_.size() >= settings_.max_operations) {
        return refusal(failure_kind::limit,
                       "more than " + std::to_string(settings_.max_operations) + " HTTP operations at once");
    }
    const owner_id owner = request.owner;
    const bool choosing = request.version == http_version::automatic && url.scheme == "https";
    if (choosing) {
        request.version = versions_.begin(host_and_port(url), http_operation::clock::now());
    }
    auto through = transport(request, url);
    const operation_id id = ++last_id_;
    auto operation = std::make_unique<http_operation>(id, std::move(request), url, std::move(handler), *this);
    operation->version_was_chosen = choosing;
    std::optional<failure> refused = through == nullptr
                                         ? refusal(failure_kind::internal, "libcurl cannot be initialised")
                                         : operation->begin(std::move(through), *trust_, settings_);
    if (refused) {
        conclude_version(*operation, http_version_choice::outcome::neither);
        return std::move(*refused);
    }
    schedule(*operation);
    owners_[owner].insert(id);
    operations_.emplace(id, std::move(operation));
    return id;
}

std::shared_ptr<curl_loop> http_client::impl::transport(const http_request& request, const url_parts& url) {
    const bool http1 =
        request.version == http_version::http1 || (request.version == http_version::automatic && url.scheme == "http");
    std::shared_ptr<curl_loop>& chosen = http1 ? http1_ : http2_;
    if (chosen == nullptr) {
        chosen = curl_loop::make(loop_, settings_);
    }
    return chosen;
}

bool http_client::impl::cancel(operation_id id) {
    const auto found = operations_.find(id);
    if (found == operations_.end()) {
        return false;
    }
    if (!found->second->finished()) {
        found->second->abort(failure_kind::cancelled, "the operation was cancelled");
    }
    return true;
}

std::size_t http_client::impl::drop_owner(owner_id owner) {
    const auto node = owners_.extract(owner);
    if (node.empty()) {
        return 0;
    }
    for (const operation_id id : node.mapped()) {
        const auto found = operations_.find(id);
        unschedule(*found->second);
        if (!found->second->finished()) {
            conclude_version(*found->second, http_version_choice::outcome::neither);
        }
        // A handler's destructor may call us; by then the table knows nothing of it.
        const auto dying = std::move(found->second);
        operations_.erase(found);
    }
    return node.mapped().size();
}

std::size_t http_client::impl::operations_of(owner_id owner) const noexcept {
    const auto found = owners_.find(owner);
    return found == owners_.end() ? 0 : found->second.size();
}

void http_client::impl::on_finished(http_operation& operation) {
    unschedule(operation);
    conclude_version(operation, outcome_of(operation.result()));
    asio::post(loop_, [weak = weak_from_this(), id = operation.id()] {
        if (const auto alive = weak.lock()) {
            alive->deliver(id);
        }
    });
}

void http_client::impl::conclude_version(const http_operation& operation, http_version_choice::outcome how) {
    if (operation.version_was_chosen) {
        versions_.end(operation.peer(), operation.version(), how, http_operation::clock::now());
    }
}

void http_client::impl::deliver(operation_id id) {
    const auto found = operations_.find(id);
    if (found == operations_.end()) {
        return;  // dropped with its owner
    }
    const auto operation = std::move(found->second);
    operations_.erase(found);
    const auto owner = owners_.find(operation->owner());
    owner->second.erase(id);
    if (owner->second.empty()) {
        owners_.erase(owner);
    }
    operation->handler()(id, std::move(operation->result()));
}

void http_client::impl::schedule(http_operation& operation) {
    const time_point due = operation.next_deadline();
    if (operation.scheduled_for == due) {
        return;
    }
    unschedule(operation);
    deadlines_.emplace(due, operation.id());
    operation.scheduled_for = due;
    arm();
}

void http_client::impl::unschedule(http_operation& operation) {
    deadlines_.erase({operation.scheduled_for, operation.id()});
    operation.scheduled_for = {};
}

// The timer may be early (its operation is gone, or has been active since): expire() then arms it anew.
void http_client::impl::arm() {
    if (deadlines_.empty() || armed_for_ <= deadlines_.begin()->first) {
        return;
    }
    armed_for_ = deadlines_.begin()->first;
    timer_.expires_at(armed_for_);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto alive = weak.lock();
        if (alive != nullptr && !error) {
            alive->expire();
        }
    });
}

void http_client::impl::expire() {
    armed_for_ = time_point::max();
    const time_point now = http_operation::clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        http_operation& operation = *operations_.at(deadlines_.begin()->second);
        if (operation.next_deadline() <= now) {
            operation.expire();
        } else {
            schedule(operation);
        }
    }
    arm();
}

http_client::http_client(asio::io_context& loop, net_settings settings)
    : impl_(std::make_shared<impl>(loop, std::move(settings))) {}

http_client::~http_client() = default;

boost::system::result<operation_id, failure> http_client::start(http_request request, http_handler handler) {
    return impl_->start(std::move(request), std::move(handler));
}

bool http_client::cancel(operation_id id) {
    return impl_->cancel(id);
}

std::size_t http_client::drop_owner(owner_id owner) {
    return impl_->drop_owner(owner);
}

std::size_t http_client::operations() const noexcept {
    return impl_->operations();
}

std::size_t http_client::operations_of(owner_id owner) const noexcept {
    return impl_->operations_of(owner);
}

std::shared_ptr<tls_trust> http_client::trust() const {
    return impl_->trust();
}

}  // namespace gateway::net
