#include "net/same_secret.hpp"

#include <openssl/crypto.h>

namespace gateway::net {

bool is_same_secret(std::string_view presented, std::string_view secret) noexcept {
    return presented.size() == secret.size() && CRYPTO_memcmp(presented.data(), secret.data(), secret.size()) == 0;
}

}  // namespace gateway::net
