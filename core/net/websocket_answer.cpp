#include "net/websocket_answer.hpp"

#include <string_view>

namespace gateway::net {

namespace {

constexpr std::size_t read_bytes = 2048;
constexpr std::string_view version = "HTTP/1.";

// Of "HTTP/1.1 101 …"; 0: this is no status line.
int status_of(std::string_view head) noexcept {
    constexpr std::size_t at = 9;
    if (head.size() < at + 4 || head[at - 1] != ' ' || (head[at + 3] != ' ' && head[at + 3] != '\r')) {
        return 0;
    }
    int status = 0;
    for (const char digit : head.substr(at, 3)) {
        if (digit < '0' || digit > '9') {
            return 0;
        }
        status = status * 10 + (digit - '0');
    }
    return status;
}

}  // namespace

boost::asio::mutable_buffer websocket_answer::room() {
    bytes_.resize(filled_ + read_bytes);
    return boost::asio::buffer(bytes_) + filled_;
}

void websocket_answer::came(std::size_t size) {
    filled_ += size;
    bytes_.resize(filled_);
    judge();
}

void websocket_answer::judge() {
    const std::string_view seen = bytes_;
    if (seen.substr(0, version.size()) != version.substr(0, seen.size())) {
        verdict_ = verdict::not_http;
        return;
    }
    constexpr std::string_view end = "\r\n\r\n";
    const std::size_t found = seen.substr(0, max_head_bytes).find(end);
    if (found == std::string_view::npos) {
        verdict_ = seen.size() < max_head_bytes ? verdict::incomplete : verdict::too_large;
        return;
    }
    head_size_ = found + end.size();
    status_ = status_of(seen);
    if (status_ == 0) {
        verdict_ = verdict::not_http;
    } else {
        verdict_ = status_ == 101 ? verdict::upgraded : verdict::refused;
    }
}

std::size_t websocket_answer::take(boost::asio::mutable_buffer into) {
    const std::size_t part_end = taken_ < head_size_ ? head_size_ : bytes_.size();
    const std::size_t size =
        boost::asio::buffer_copy(into, boost::asio::buffer(bytes_.data() + taken_, part_end - taken_));
    taken_ += size;
    if (done()) {
        bytes_ = {};
        taken_ = 0;
    }
    return size;
}

}  // namespace gateway::net
