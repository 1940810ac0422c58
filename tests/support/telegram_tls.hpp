#pragma once
// A certificate authority of its own for one test run, and a certificate of it for 127.0.0.1, ::1 and localhost, made
// with OpenSSL at run time: no key lies in the tree and none expires. Throws std::runtime_error when OpenSSL fails.

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace gateway::test {

struct test_certificate {
    std::string ca_pem;
    std::string certificate_pem;
    std::string key_pem;
};

test_certificate make_test_certificate();

// A TLS server context with the certificate, which chooses http/1.1 when the client offers protocols.
boost::asio::ssl::context make_http1_server_context(const test_certificate& certificate);

}  // namespace gateway::test
