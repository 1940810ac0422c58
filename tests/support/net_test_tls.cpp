#include "support/net_test_tls.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace gateway::test {

namespace {

EVP_PKEY* make_key() {
    return EVP_EC_gen("P-256");
}

std::string to_pem(auto write) {
    BIO* memory = BIO_new(BIO_s_mem());
    write(memory);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return text;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) {
        throw std::runtime_error("a certificate extension cannot be made");
    }
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

X509* make_certificate(EVP_PKEY* key, const std::string& common_name, X509* issuer, long from_s, long until_s) {
    static long serial = 0;
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(certificate, issuer == nullptr ? name : X509_get_subject_name(issuer));
    return certificate;
}

constexpr long hour_s = 3600;

int choose_protocol(SSL*, const unsigned char** ret_name, unsigned char* ret_length, const unsigned char* offered,
                    unsigned int offered_length, void* wanted) {
    const auto& list = *static_cast<const std::string*>(wanted);
    unsigned char* name = nullptr;
    const int found = SSL_select_next_proto(&name, ret_length, reinterpret_cast<const unsigned char*>(list.data()),
                                            static_cast<unsigned int>(list.size()), offered, offered_length);
    *ret_name = name;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// The few lists that tests use live as long as the program, because contexts point to them.
std::string* kept(std::string_view protocols) {
    static std::vector<std::unique_ptr<std::string>> lists;
    return lists.emplace_back(std::make_unique<std::string>(protocols)).get();
}

}  // namespace

test_authority::test_authority()
    : key_(make_key()), certificate_(make_certificate(key_, "Test authority", nullptr, -hour_s, hour_s)) {
    add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate_, certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate_, certificate_, NID_subject_key_identifier, "hash");
    X509_sign(certificate_, key_, EVP_sha256());
}

test_authority::~test_authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
}

std::string test_authority::certificate_pem() const {
    return to_pem([&](BIO* out) { PEM_write_bio_X509(out, certificate_); });
}

std::string test_authority::hashed_name() const {
    char name[16];
    std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(certificate_));
    return name;
}

boost::asio::ssl::context test_authority::server_context(const std::vector<std::string>& names,
                                                         std::string_view protocols, bool expired) const {
    EVP_PKEY* key = make_key();
    X509* certificate =
        make_certificate(key, names.front(), certificate_, expired ? -2 * hour_s : -hour_s, expired ? -hour_s : hour_s);
    std::string alternatives;
    for (const std::string& name : names) {
        const bool address = name.find_first_not_of("0123456789.") == std::string::npos;
        alternatives.append(alternatives.empty() ? "" : ",").append(address ? "IP:" : "DNS:").append(name);
    }
    add_extension(certificate, certificate_, NID_subject_alt_name, alternatives);
    add_extension(certificate, certificate_, NID_ext_key_usage, "serverAuth");
    X509_sign(certificate, key_, EVP_sha256());

    const std::string chain = to_pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
    const std::string secret =
        to_pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(certificate);
    EVP_PKEY_free(key);

    boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
    context.use_certificate_chain(boost::asio::buffer(chain));
    context.use_private_key(boost::asio::buffer(secret), boost::asio::ssl::context::pem);
    if (!protocols.empty()) {
        SSL_CTX_set_alpn_select_cb(context.native_handle(), &choose_protocol, kept(protocols));
    }
    return context;
}

std::string read_whole_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace gateway::test
