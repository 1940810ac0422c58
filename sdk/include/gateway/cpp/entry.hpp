// The module's edge: GATEWAY_ADAPTER(class, manifest) emits the exported symbol, the manifest's note and the functions
// between the C ABI and an adapter class. No exception passes them.
#pragma once

#include <gateway/adapter.h>
#include <gateway/cpp/adapter.hpp>
#include <gateway/cpp/borrowed.hpp>
#include <gateway/cpp/message_read.hpp>
#include <gateway/ext/directory.h>
#include <gateway/ext/files.h>
#include <gateway/ext/settings.h>
#include <gateway/manifest.h>

#include <concepts>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>

namespace gateway::sdk::detail {

// What the host must have at least: version 1.0.
inline constexpr std::size_t least_host_bytes = offsetof(gw_host, wake) + sizeof(gw_host::wake);

template <typename Adapter>
struct entry {
    static_assert(std::derived_from<Adapter, adapter>, "the class derives from gateway::sdk::adapter");
    static_assert(std::constructible_from<Adapter, const setup&>, "its constructor takes a const setup&");
    static_assert(std::is_nothrow_destructible_v<Adapter>, "its destructor throws nothing");

    static gw_status create(const gw_host* host, gw_token self, const gw_config* config, void** ret_self) noexcept {
        if (host->struct_size < least_host_bytes) {
            return GW_ERR_UNSUPPORTED;
        }
        const auto log = [&](std::string_view what) { host->log(self, GW_LOG_ERROR, to_gw(what)); };
        try {
            const auto given = read_struct<gw_config>(config);
            *ret_self = new Adapter(setup{host, self, view(given.name), view(given.json)});
            return GW_OK;
        } catch (const config_error& wrong) {
            log(wrong.what());
            return GW_ERR_CONFIG;
        } catch (const std::exception& error) {
            log(error.what());
        } catch (...) {
            log("the constructor threw something that is no std::exception");
        }
        return GW_ERR_INVALID;
    }

    static void connect(void* self) noexcept {
        guard(self, "connect", [](adapter& it) { it.connect(); });
    }

    static void deliver(void* self, const gw_delivery* raw) noexcept {
        guard(self, "deliver", [raw](adapter& it) {
            const auto given = read_struct<gw_delivery>(raw);
            if (!is_known(given.kind) || given.message == nullptr) {
                it.host().receipt(receipt::failed(delivery_id{given.id}, "unsupported",
                                                  "This adapter does not know this kind of delivery."));
                return;
            }
            delivery_view what{.kind = delivery_kind{given.kind},
                               .id = delivery_id{given.id},
                               .repeated = (given.flags & GW_DELIVERY_REPEATED) != 0,
                               .attempt = given.attempt,
                               .message = to_view(*given.message)};
            const auto* targets = static_cast<const std::uint8_t*>(given.targets.items);
            for (std::uint32_t i = 0; targets != nullptr && i < given.targets.count; ++i) {
                what.targets.push_back(view(read_frozen<gw_str>(targets + std::size_t{i} * given.targets.stride)));
            }
            it.deliver(what);
        });
    }

    static void on_completion(void* self, const gw_completion* completion) noexcept {
        if (completion->struct_size < sizeof(gw_completion)) {
            return;
        }
        if (completion->kind == GW_COMPLETION_WAKE) {
            guard(self, "on_wake", [](adapter& it) { it.on_wake(); });
        } else {
            guard(self, "a callback", [completion](adapter& it) { it.host().complete(*completion); });
        }
    }

    static void close(void* self, std::int32_t reason) noexcept {
        guard(self, "close", [reason](adapter& it) {
            it.closing_ = true;
            it.close(close_reason{reason});
        });
    }

    static void destroy(void* self) noexcept { delete static_cast<Adapter*>(self); }

    static const void* extension(const char* name) noexcept {
        if constexpr (std::derived_from<Adapter, with_settings>) {
            if (std::string_view(name) == GW_EXT_SETTINGS) {
                return &settings;
            }
        }
        if constexpr (std::derived_from<Adapter, with_directory>) {
            if (std::string_view(name) == GW_EXT_DIRECTORY) {
                return &directory;
            }
        }
        if constexpr (std::derived_from<Adapter, with_files>) {
            if (std::string_view(name) == GW_EXT_FILE_SOURCE) {
                return &file_source;
            }
        }
        return nullptr;
    }

private:
    static void apply_settings(void* self, gw_str chat, gw_str json) noexcept {
        if constexpr (std::derived_from<Adapter, with_settings>) {
            guard(self, "apply_settings", [&](adapter& it) {
                static_cast<with_settings&>(static_cast<Adapter&>(it)).apply_settings(view(chat), view(json));
            });
        }
    }

    static void refresh_directory(void* self) noexcept {
        if constexpr (std::derived_from<Adapter, with_directory>) {
            guard(self, "refresh_directory",
                  [](adapter& it) { static_cast<with_directory&>(static_cast<Adapter&>(it)).refresh_directory(); });
        }
    }

    static constexpr gw_settings settings{sizeof(gw_settings), 0, &apply_settings};
    static void fetch_file(void* self, const gw_fetch* raw) noexcept {
        if constexpr (std::derived_from<Adapter, with_files>) {
            guard(self, "fetch_file", [raw](adapter& it) {
                const auto given = read_struct<gw_fetch>(raw);
                static_cast<with_files&>(static_cast<Adapter&>(it))
                    .fetch_file({fetch_id{given.fetch}, view(given.id), view(given.path), given.max_size});
            });
        }
    }

    static constexpr gw_directory directory{sizeof(gw_directory), 0, &refresh_directory};
    static constexpr gw_file_source file_source{sizeof(gw_file_source), 0, &fetch_file};

    [[nodiscard]] static bool is_known(std::int32_t kind) noexcept {
        return kind == GW_DELIVERY_MESSAGE || (kind >= GW_DELIVERY_EDIT && kind <= GW_DELIVERY_TYPING);
    }

    // Calls; turns an exception into a failure of this incarnation. While it closes, nothing is left to wait for.
    template <typename Call>
    static void guard(void* self, const char* where, Call call) noexcept {
        adapter& it = *static_cast<Adapter*>(self);  // virtual calls on the base: overrides may be private
        try {
            call(it);
            return;
        } catch (const std::exception& error) {
            report(it.host(), where, error.what());
        } catch (...) {
            report(it.host(), where, "something that is no std::exception");
        }
        if (it.closing_) {
            it.host().closed();
        }
    }

    static void report(host_handle& host, const char* where, const char* what) noexcept {
        try {
            const std::string text = std::string("exception in ").append(where).append(": ").append(what);
            host.log(log_level::error, text);
            if (!report_lost(host, text)) {
                report_lost(host, std::string("exception in ").append(where).append(", whose text is unusable"));
            }
        } catch (...) {  // Out of memory: say it without any.
            report_lost(host, "exception");
        }
    }

    static bool report_lost(host_handle& host, std::string_view text) noexcept {
        const gw_failure raw{sizeof(gw_failure), GW_FAILURE_INTERNAL, to_gw("exception"), to_gw(text),
                             GW_NO_RETRY_AFTER};
        const gw_status result = host.raw()->lost(host.token(), &raw);
        return result == GW_OK || result == GW_ERR_DUPLICATE || result == GW_ERR_STALE;
    }
};

}  // namespace gateway::sdk::detail

// Once per module, at file scope, in no namespace. `manifest` is a string literal, best a raw one: R"({…})"; see
// gateway/manifest.h for what stands in it.
#define GATEWAY_ADAPTER(adapter_class, manifest)                                                                   \
    GW_MANIFEST(manifest);                                                                                         \
    constinit const gw_adapter gateway_adapter_v1 = {sizeof(gw_adapter),                                           \
                                                     GW_ABI_MAJOR,                                                 \
                                                     GW_ABI_MINOR,                                                 \
                                                     0,                                                            \
                                                     GW_MANIFEST_TEXT,                                             \
                                                     &::gateway::sdk::detail::entry<adapter_class>::create,        \
                                                     &::gateway::sdk::detail::entry<adapter_class>::connect,       \
                                                     &::gateway::sdk::detail::entry<adapter_class>::deliver,       \
                                                     &::gateway::sdk::detail::entry<adapter_class>::on_completion, \
                                                     &::gateway::sdk::detail::entry<adapter_class>::close,         \
                                                     &::gateway::sdk::detail::entry<adapter_class>::destroy,       \
                                                     &::gateway::sdk::detail::entry<adapter_class>::extension}
