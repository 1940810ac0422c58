// Certificates made on the spot: an authority of one's own and what it issues.
#pragma once

#include "support/temporary_directory.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::test {

class test_authority {
public:
    test_authority();
    ~test_authority();
    test_authority(const test_authority&) = delete;
    test_authority& operator=(const test_authority&) = delete;

    std::string certificate_pem() const;
    std::string hashed_name() const;  // what it is called in a hashed directory: "5ed36f99.0"
    // A server's context with a fresh certificate for these DNS names or IPv4 addresses; `protocols` in ALPN's
    // wire format are chosen in this order.
    boost::asio::ssl::context server_context(const std::vector<std::string>& names, std::string_view protocols = {},
                                             bool expired = false) const;

private:
    EVP_PKEY* key_;
    X509* certificate_;
};

std::string read_whole_file(const std::filesystem::path& path);

}  // namespace gateway::test
