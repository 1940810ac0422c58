#include "support/telegram_h2.hpp"

namespace gateway::test {
namespace {

constexpr std::uint32_t internal_error = 2;  // RFC 9113, section 7
constexpr unsigned http2 = 20;

void answer(const h2_reply& reply, api_response response) {
    if (response.how == delivery::whole || response.how == delivery::drip) {
        reply.send({static_cast<int>(response.status), std::move(response.headers), std::move(response.body)});
    } else {
        reply.reset(internal_error);
    }
}

}  // namespace

telegram_h2_server::telegram_h2_server(boost::asio::io_context& io, telegram_api& api, std::uint16_t port,
                                       boost::asio::ssl::context* tls)
    : server_(io,
              [&api](h2_request request, const h2_reply& reply) {
                  api_request taken{.method = std::move(request.method),
                                    .target = std::move(request.path),
                                    .headers = std::move(request.headers),
                                    .body = std::move(request.body),
                                    .http_version = http2};
                  api.handle(std::move(taken), [reply](api_response response) { answer(reply, std::move(response)); });
              },
              {.tls = tls, .port = port}) {}

}  // namespace gateway::test
