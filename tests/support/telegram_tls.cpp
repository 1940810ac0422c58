#include "support/telegram_tls.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace gateway::test {
namespace {

constexpr long valid_before_now_s = 3600;
constexpr long valid_from_now_s = 30L * 86400;

template <auto release>
struct releaser {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
using key_ptr = std::unique_ptr<EVP_PKEY, releaser<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, releaser<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, releaser<X509_EXTENSION_free>>;
using bio_ptr = std::unique_ptr<BIO, releaser<BIO_free>>;

void require(bool ok, const char* what) {
    if (!ok) {
        throw std::runtime_error(std::string("test certificate: ") + what + " failed");
    }
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

certificate_ptr make_certificate(const char* name, long serial, EVP_PKEY* key) {
    certificate_ptr certificate(X509_new());
    require(certificate != nullptr, "X509_new");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -valid_before_now_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_from_now_s);
    auto* subject = X509_get_subject_name(certificate.get());
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                                       -1, 0) == 1 &&
                X509_set_pubkey(certificate.get(), key) == 1,
            "filling a certificate");
    return certificate;
}

template <class Write>
std::string to_pem(Write write) {
    const bio_ptr bio(BIO_new(BIO_s_mem()));
    require(bio && write(bio.get()) == 1, "writing PEM");
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

int choose_http1(SSL*, const unsigned char** ret_chosen, unsigned char* ret_length, const unsigned char* offered,
                 unsigned int offered_length, void*) {
    static constexpr std::array<unsigned char, 9> http1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const auto found = SSL_select_next_proto(&chosen, ret_length, http1.data(), http1.size(), offered, offered_length);
    *ret_chosen = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

test_certificate make_test_certificate() {
    const key_ptr ca_key(EVP_EC_gen("P-256"));
    const key_ptr key(EVP_EC_gen("P-256"));
    require(ca_key && key, "making a key");

    const auto ca = make_certificate("gateway test authority", 1, ca_key.get());
    X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) != 0, "signing");

    const auto leaf = make_certificate("localhost", 2, key.get());
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get()));
    add_extension(leaf.get(), ca.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    add_extension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
    require(X509_sign(leaf.get(), ca_key.get(), EVP_sha256()) != 0, "signing");

    return {to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, ca.get()); }),
            to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, leaf.get()); }), to_pem([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

boost::asio::ssl::context make_http1_server_context(const test_certificate& certificate) {
    namespace ssl = boost::asio::ssl;
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain(boost::asio::buffer(certificate.certificate_pem));
    context.use_private_key(boost::asio::buffer(certificate.key_pem), ssl::context::pem);
    SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_http1, nullptr);
    return context;
}

}  // namespace gateway::test
