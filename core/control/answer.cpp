#include "control/answer.hpp"

#include "log/secrets.hpp"
#include "log/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace gateway::control {

answer shown(unsigned status, const boost::json::value& body) {
    return {status, log::to_valid_utf8(log::redact(boost::json::serialize(body))) + "\n", {}};
}

answer problem(unsigned status, std::string sentence) {
    return shown(status, boost::json::object{{"error", std::move(sentence)}});
}

}  // namespace gateway::control
