// Files of messages: see gateway/ext/files.h for the bounds.
//
// All views are valid while the call or callback that got them runs.
#pragma once

#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/status.hpp>
#include <gateway/ext/files.h>

#include <cstdint>
#include <string_view>

namespace gateway::sdk {

// A file that another instance's platform has, got by the host.
struct file {
    status result = status::ok;
    std::string_view path{};  // ok: absolute; read it, do not change it
    std::int64_t size = 0;    // bytes
    std::string_view code{};  // otherwise: why
    std::string_view text{};  // and one sentence

    [[nodiscard]] static file from(const gw_completion& completion) noexcept {
        const auto raw = read_struct<gw_file>(&completion, completion.struct_size);
        return {.result = status{raw.base.status},
                .path = view(raw.path),
                .size = raw.size,
                .code = view(raw.code),
                .text = view(raw.text)};
    }
};

enum class fetch_id : std::uint64_t {};

// The host wants a file of this instance's platform.
struct fetch_view {
    fetch_id id{};
    std::string_view file{};    // the id of an attachment
    std::string_view path{};    // absolute: where to put it
    std::int64_t max_size = 0;  // bytes: what is larger is not wanted
};

}  // namespace gateway::sdk
