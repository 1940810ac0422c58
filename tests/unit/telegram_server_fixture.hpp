#pragma once
// A Bot API model with a manual clock, one bot and a short way to call it. One thread, no sockets.

#include "support/telegram_api.hpp"

#include <boost/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gateway::test {

// The answer to one call, as far as it has come.
struct pending_answer {
    std::optional<api_response> response;

    bool here() const { return response.has_value(); }
    unsigned status() const { return response ? response->status : 0; }
    boost::json::value json() const {
        return response ? boost::json::parse(response->body) : boost::json::value(nullptr);
    }
    boost::json::value result() const { return here() ? json().at("result") : boost::json::value(nullptr); }
    std::string description() const {
        return here() ? std::string(json().at("description").as_string()) : std::string("no answer yet");
    }
    std::size_t updates() const { return result().as_array().size(); }
};

struct telegram_model {
    static constexpr std::int32_t first_update = 1000;
    static constexpr std::int64_t chat = 7;

    manual_telegram_clock clock;
    telegram_api api{clock};
    telegram_bot& bot = api.add_bot("123:secret", "some_bot", first_update);

    std::shared_ptr<pending_answer> send(api_request request) {
        auto answer = std::make_shared<pending_answer>();
        api.handle(std::move(request), [answer](api_response response) { answer->response = std::move(response); });
        return answer;
    }

    std::shared_ptr<pending_answer> call(std::string_view method, const boost::json::object& params = {}) {
        api_request request;
        request.target = "/bot123:secret/" + std::string(method);
        request.headers = {{"Content-Type", "application/json"}};
        request.body = boost::json::serialize(params);
        return send(std::move(request));
    }

    // The same as multipart/form-data, with files: part, name, bytes.
    struct part {
        std::string_view name;
        std::string_view file_name;
        std::string bytes;
    };
    std::shared_ptr<pending_answer> upload(std::string_view method, const boost::json::object& params,
                                           const std::vector<part>& files) {
        api_request request;
        request.target = "/bot123:secret/" + std::string(method);
        request.headers = {{"Content-Type", "multipart/form-data; boundary=parts"}};
        for (const auto& [name, value] : params) {
            request.body += "--parts\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n";
            request.body += value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
            request.body += "\r\n";
        }
        for (const auto& file : files) {
            request.body += "--parts\r\nContent-Disposition: form-data; name=\"" + std::string(file.name) +
                            "\"; filename=\"" + std::string(file.file_name) +
                            "\"\r\nContent-Type: text/x-test\r\n\r\n" + file.bytes + "\r\n";
        }
        request.body += "--parts--\r\n";
        return send(std::move(request));
    }

    std::shared_ptr<pending_answer> download(std::string_view path, http_headers headers = {}) {
        api_request request;
        request.method = "GET";
        request.target = "/file/bot123:secret/" + std::string(path);
        request.headers = std::move(headers);
        return send(std::move(request));
    }

    said hear(std::string_view text = "hello") { return bot.user_says(chat, chat, text); }
};

}  // namespace gateway::test
