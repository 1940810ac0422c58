// Which certificates are trusted: one X509 store for all TLS connections of a client, made when the first
// of them starts.
//
// Without a ca_file the store looks into the system's hashed directory for just the authority it needs and
// keeps it: parsing the whole bundle (about 45 ms) would dominate the start. With a ca_file, that file alone.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace gateway::net {

class tls_trust {
public:
    tls_trust(std::string ca_file, std::string ca_directory);
    ~tls_trust();
    tls_trust(const tls_trust&) = delete;
    tls_trust& operator=(const tls_trust&) = delete;

    // Makes the context use the store. False: it cannot be made; complaint() says why, and the next call tries again.
    bool apply(SSL_CTX* context);
    const std::string& complaint() const noexcept { return complaint_; }

private:
    bool load();

    std::string ca_file_;
    std::string ca_directory_;
    std::string complaint_;
    X509_STORE* store_ = nullptr;
};

// Has the handshake check that the certificate is for this name or address, and ask for it by name.
bool expect_host(SSL* connection, const std::string& host);

// Why a certificate was refused, from OpenSSL's verdict on it.
std::string describe_untrusted(const std::string& peer, long verdict);

}  // namespace gateway::net
