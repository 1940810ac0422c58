// Messages between the ABI's form and the core's. Pure.
#pragma once

#include "message/model.hpp"

#include <gateway/gateway.h>

#include <cstddef>
#include <string>
#include <vector>

namespace gateway::instance {

// Copies a text unless it claims bytes at NULL, or far more than any bound allows (message/bounds.hpp names those).
[[nodiscard]] bool copy_text(gw_str from, std::string& ret_text);

// Likewise each of an array of gw_str, of which there may be `most`.
[[nodiscard]] bool copy_texts(const gw_array& from, std::size_t most, std::vector<std::string>& ret_texts);

// GW_ERR_LIMIT: more attachments or buttons than are allowed. GW_ERR_INVALID: a struct_size or stride is too small, or
// a text is at NULL.
[[nodiscard]] gw_status copy_message(const gw_message* from, message::message& ret_message);

// The ABI's form of a delivery; borrows from the one it was made of, which outlives it.
class borrowed_delivery {
public:
    explicit borrowed_delivery(const message::delivery& what);
    borrowed_delivery(const borrowed_delivery&) = delete;
    borrowed_delivery& operator=(const borrowed_delivery&) = delete;

    [[nodiscard]] const gw_delivery& get() const { return delivery_; }

private:
    void enclose(const message::enclosure& what);

    gw_delivery delivery_{};
    gw_message message_{};
    gw_sender sender_{};
    gw_quote quote_{};
    gw_sender quoted_{};
    gw_sender forwarded_from_{};
    std::vector<gw_attachment> attachments_;
    std::vector<gw_button> buttons_;
    std::vector<gw_str> targets_;
};

}  // namespace gateway::instance
