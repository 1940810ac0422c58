#include "net/tls_trust.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace gateway::net {

tls_trust::tls_trust(std::string ca_file, std::string ca_directory)
    : ca_file_(std::move(ca_file)), ca_directory_(std::move(ca_directory)) {}

tls_trust::~tls_trust() {
    X509_STORE_free(store_);
}

bool tls_trust::apply(SSL_CTX* context) {
    if (store_ == nullptr && !load()) {
        return false;
    }
    SSL_CTX_set1_cert_store(context, store_);
    return true;
}

bool tls_trust::load() {
    X509_STORE* store = X509_STORE_new();
    const bool loaded = store != nullptr && (ca_file_.empty() ? X509_STORE_load_path(store, ca_directory_.c_str()) == 1
                                                              : X509_STORE_load_file(store, ca_file_.c_str()) == 1);
    ERR_clear_error();
    if (!loaded) {
        X509_STORE_free(store);
        complaint_ = ca_file_.empty() ? "the certificate directory " + ca_directory_ + " cannot be used"
                                      : "the certificate file " + ca_file_ + " cannot be read as PEM certificates";
        return false;
    }
    // An intermediate authority in a ca_file is an anchor of its own, as everywhere else.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    store_ = store;
    complaint_.clear();
    return true;
}

bool expect_host(SSL* connection, const std::string& host) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1) {
        return true;
    }
    return SSL_set1_host(connection, host.c_str()) == 1 && SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

std::string describe_untrusted(const std::string& peer, long verdict) {
    // What libcurl leaves there when it did not come to a verdict on the chain: the name did not match.
    const bool other_host = verdict == X509_V_OK || verdict == X509_V_ERR_UNSPECIFIED ||
                            verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
    std::string text = "the certificate of " + peer;
    if (other_host) {
        return text.append(" is not for this host");
    }
    return text.append(" is not trusted: ").append(X509_verify_cert_error_string(verdict));
}

}  // namespace gateway::net
