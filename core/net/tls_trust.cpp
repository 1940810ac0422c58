#include "net/tls_trust.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

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

}  // namespace gateway::net
