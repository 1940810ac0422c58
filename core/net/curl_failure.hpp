// libcurl's result codes as failures: which kind, and a sentence that names the peer but no URL.
#pragma once

#include "net/failure.hpp"
#include "net/tls_trust.hpp"

#include <curl/curl.h>

#include <string>

namespace gateway::net {

struct curl_failure_context {
    CURL* easy = nullptr;
    const std::string& peer;           // host:port
    const std::string& proxy;          // host:port of the proxy in use; empty: none
    const tls_trust* trust = nullptr;  // null: no TLS
    bool answering = false;            // the request had gone out
};

// Everything but `written`, which only the owner of the transfer knows.
failure describe_curl_failure(CURLcode code, const curl_failure_context& context);

}  // namespace gateway::net
