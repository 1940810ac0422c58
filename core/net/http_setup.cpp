// The part of http_operation that fills the easy handle before the transfer begins.
#include "net/curl_memory.hpp"
#include "net/http_operation.hpp"

namespace gateway::net {

namespace {

// Sent in one piece with the headers; a larger body is handed over bit by bit, so that its progress shows.
constexpr std::size_t single_write_bytes = 32 * 1024;

bool names(const std::vector<http_header>& headers, std::string_view name) {
    for (const http_header& header : headers) {
        if (is_same_name(header.name, name)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void http_operation::set_connection(const net_settings& settings, tls_trust& trust) {
    const http_version version = request_.version;
    long wanted = secure_ ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
    if (version == http_version::http1) {
        wanted = CURL_HTTP_VERSION_1_1;
    } else if (version == http_version::http2_prior_knowledge) {
        wanted = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
    }
    set(CURLOPT_HTTP_VERSION, wanted);
    // Wait for a connection in the making rather than open one more, where it may turn out to be HTTP/2.
    set(CURLOPT_PIPEWAIT, wanted == CURL_HTTP_VERSION_1_1 ? 0L : 1L);
    set(CURLOPT_BUFFERSIZE, static_cast<long>(receive_buffer_bytes));
    if (request_.body_file.empty() && request_.form.empty()) {
        set(CURLOPT_UPLOAD_BUFFERSIZE, static_cast<long>(upload_buffer_bytes));
    }
    const std::string& proxy = request_.proxy ? *request_.proxy : settings.proxy;
    if (!proxy.empty()) {
        set(CURLOPT_PROXY, proxy.c_str());
        set(CURLOPT_HTTPPROXYTUNNEL, version == http_version::http2_prior_knowledge ? 1L : 0L);
        proxy_ = host_and_port(*parse_url(proxy));
    }
    if (secure_) {
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
        set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
        set(CURLOPT_SSL_CTX_FUNCTION, &http_operation::on_ssl_context);
        set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(&trust));
    }
}

CURLcode http_operation::on_ssl_context(CURL*, void* context, void* trust) {
    return static_cast<tls_trust*>(trust)->apply(static_cast<SSL_CTX*>(context)) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

void http_operation::set_request(const net_settings& settings) {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_FOLLOWLOCATION, 0L);
    const auto add = [&](const std::string& line) {
        curl_slist* longer = curl_slist_append(headers_, line.c_str());
        if (longer == nullptr) {
            setup_ = CURLE_OUT_OF_MEMORY;
            return;
        }
        headers_ = longer;
    };
    for (const http_header& header : request_.headers) {
        add(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
    }
    // libcurl would add these by itself.
    add("Expect:");
    if (request_.form.empty() && !names(request_.headers, "content-type")) {
        add("Content-Type:");
    }
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_USERAGENT, settings.user_agent.c_str());
}

std::optional<failure> http_operation::set_body() {
    const std::string& method = request_.method;
    const bool bodiless = method != "POST" && method != "PUT" && method != "PATCH";
    if (!request_.form.empty()) {
        if (auto refused = set_form()) {
            return refused;
        }
    } else if (!request_.body_file.empty()) {
        auto opened = file_source::open(request_.body_file);
        if (!opened) {
            return failure{failure_kind::file, request_written::none, 0, opened.error()};
        }
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(opened->size()));
        files_.push_back({std::move(*opened), this});
        set(CURLOPT_READFUNCTION, &http_operation::on_read_file);
        set(CURLOPT_READDATA, static_cast<void*>(&files_.front()));
        set(CURLOPT_SEEKFUNCTION, &http_operation::on_seek_file);
        set(CURLOPT_SEEKDATA, static_cast<void*>(&files_.front()));
    } else if (request_.body.size() > single_write_bytes) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        set(CURLOPT_READFUNCTION, &http_operation::on_read_memory);
        set(CURLOPT_READDATA, static_cast<void*>(this));
        set(CURLOPT_SEEKFUNCTION, &http_operation::on_seek_memory);
        set(CURLOPT_SEEKDATA, static_cast<void*>(this));
    } else if (!request_.body.empty() || !bodiless) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        set(CURLOPT_POSTFIELDS, request_.body.data());
    } else if (method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else {
        set(CURLOPT_HTTPGET, 1L);
    }
    set(CURLOPT_CUSTOMREQUEST, method.c_str());
    return std::nullopt;
}

std::optional<failure> http_operation::set_form() {
    form_ = curl_mime_init(easy_);
    files_.reserve(request_.form.size());  // the parts point into it
    const auto note = [&](CURLcode code) { setup_ = setup_ == CURLE_OK ? code : setup_; };
    for (http_part& part : request_.form) {
        curl_mimepart* made = curl_mime_addpart(form_);
        note(curl_mime_name(made, part.name.c_str()));
        if (part.file.empty()) {
            note(curl_mime_data(made, part.data.data(), part.data.size()));
        } else {
            auto opened = file_source::open(part.file);
            if (!opened) {
                return failure{failure_kind::file, request_written::none, 0, opened.error()};
            }
            const auto size = static_cast<curl_off_t>(opened->size());
            sent_file& file = files_.emplace_back(sent_file{std::move(*opened), this});
            note(curl_mime_data_cb(made, size, &http_operation::on_read_file, &http_operation::on_seek_file, nullptr,
                                   &file));
        }
        if (!part.file_name.empty()) {
            note(curl_mime_filename(made, part.file_name.c_str()));
        }
        if (!part.content_type.empty()) {
            note(curl_mime_type(made, part.content_type.c_str()));
        }
    }
    set(CURLOPT_MIMEPOST, form_);
    std::vector<http_part>(1).swap(request_.form);  // copied; only that there is a form still matters
    return std::nullopt;
}

void http_operation::set_callbacks() {
    set(CURLOPT_PREREQFUNCTION, &http_operation::on_prereq);
    set(CURLOPT_PREREQDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &http_operation::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &http_operation::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

std::size_t http_operation::on_read_file(char* into, std::size_t size, std::size_t count, void* file) {
    auto& sent = *static_cast<sent_file*>(file);
    sent.operation->active_at_ = clock::now();
    const std::ptrdiff_t got = sent.source.read(into, size * count);
    if (got < 0) {
        sent.operation->refuse(failure_kind::file, "a file to send has become shorter or cannot be read");
        return CURL_READFUNC_ABORT;
    }
    return static_cast<std::size_t>(got);
}

int http_operation::on_seek_file(void* file, curl_off_t offset, int origin) {
    auto& sent = *static_cast<sent_file*>(file);
    const bool done = origin == SEEK_SET && offset >= 0 && sent.source.seek(static_cast<std::uint64_t>(offset));
    return done ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

std::size_t http_operation::on_read_memory(char* into, std::size_t size, std::size_t count, void* self) {
    auto& operation = *static_cast<http_operation*>(self);
    operation.active_at_ = clock::now();
    const std::size_t copied = operation.request_.body.copy(into, size * count, operation.sent_offset_);
    operation.sent_offset_ += copied;
    return copied;
}

int http_operation::on_seek_memory(void* self, curl_off_t offset, int origin) {
    auto& operation = *static_cast<http_operation*>(self);
    if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > operation.request_.body.size()) {
        return CURL_SEEKFUNC_FAIL;
    }
    operation.sent_offset_ = static_cast<std::size_t>(offset);
    return CURL_SEEKFUNC_OK;
}

}  // namespace gateway::net
