// The answer to a WebSocket upgrade on its way to Beast: its head is collected and judged here first, so that
//   - what is no upgrade is known by its status without waiting for the end of a page that may have none;
//   - Beast, which keeps at most 1.5 KiB of what follows the head, is handed the head alone and messages after it.
// Internal to core/net. Bounds: a head of at most max_head_bytes.
#pragma once

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace gateway::net {

class websocket_answer {
public:
    static constexpr std::size_t max_head_bytes = 8 * 1024;  // Beast's limit, too

    enum class verdict : std::uint8_t {
        incomplete,
        upgraded,  // the status is 101; whether the rest is right is for Beast to say
        refused,   // another status
        not_http,
        too_large
    };

    verdict judgement() const noexcept { return verdict_; }
    int status() const noexcept { return status_; }

    // Where to put what is read while incomplete, and how much of that came.
    boost::asio::mutable_buffer room();
    void came(std::size_t size);

    // Once upgraded: hands out what was collected, the head first and alone; done when there is no more of it.
    bool done() const noexcept { return verdict_ == verdict::upgraded && taken_ == bytes_.size(); }
    std::size_t take(boost::asio::mutable_buffer into);

private:
    void judge();

    std::string bytes_;
    std::size_t filled_ = 0;  // of bytes_, while incomplete
    std::size_t head_size_ = 0;
    std::size_t taken_ = 0;
    int status_ = 0;
    verdict verdict_ = verdict::incomplete;
};

}  // namespace gateway::net
