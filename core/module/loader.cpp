#include "module/loader.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/statvfs.h>
#include <system_error>
#include <utility>
#include <vector>

namespace gateway::module {
namespace {

constexpr const char* symbol_name = "gateway_adapter_v1";

// Version 1.0 of the struct: no module has a shorter one.
constexpr std::size_t least_struct_size = offsetof(gw_adapter, extension) + sizeof(gw_adapter::extension);

// Never destroyed: code that was loaded stays mapped, also while the process exits.
void keep_for_ever(boost::dll::shared_library library) {
    static auto* const kept = new std::vector<boost::dll::shared_library>;
    kept->push_back(std::move(library));
}

std::string replace_all(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

// The part of `text` between two marks; to the end when the second one is absent, empty when the first one is.
std::string between(const std::string& text, std::string_view from, std::string_view to) {
    const auto start = text.find(from);
    if (start == std::string::npos) {
        return {};
    }
    return text.substr(start + from.size(), text.find_first_of(to, start + from.size()) - start - from.size());
}

bool is_mounted_noexec(const std::filesystem::path& path) {
    struct statvfs status{};
    return ::statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
}

// The dynamic linker tells its reasons only as text.
refusal explain(const std::string& message, const std::filesystem::path& copy, const std::filesystem::path& source) {
    const auto where = printable(source.string());
    const auto refused = [&](refusal_code code, const std::string& rest) {
        return refusal{source.string(), code, where + " " + rest};
    };
    if (const auto symbol = between(message, "undefined symbol: ", " ,\n"); !symbol.empty()) {
        return refused(refusal_code::unresolved_symbol,
                       "uses " + symbol +
                           ", which neither it nor a library it is linked with defines; linking it with -Wl,-z,defs "
                           "finds that when it is built");
    }
    constexpr std::string_view absent = ": cannot open shared object file";
    if (const auto at = message.find(absent); at != std::string::npos && message.substr(0, at) != copy.string()) {
        return refused(refusal_code::missing_library,
                       "is linked with " + message.substr(0, at) + ", which is not installed here");
    }
    if (const auto version = between(message, "version `", "'"); !version.empty()) {
        return refused(refusal_code::missing_library, "needs " + version + " of " +
                                                          message.substr(0, message.find(": ")) +
                                                          ", which is older here; build it on an older system");
    }
    if (is_mounted_noexec(copy)) {
        return refused(refusal_code::not_loadable,
                       "cannot be loaded, since its copy in " + printable(copy.parent_path().string()) +
                           " lies on a file system mounted noexec; use a state directory elsewhere");
    }
    return refused(refusal_code::not_loadable,
                   "cannot be loaded: " + printable(replace_all(message, copy.string(), source.string())));
}

const link_map* object_at(const void* address, const ElfW(Sym) ** ret_symbol = nullptr) {
    Dl_info info{};
    void* extra = nullptr;
    if (ret_symbol != nullptr && ::dladdr1(address, &info, &extra, RTLD_DL_SYMENT) != 0) {
        *ret_symbol = static_cast<const ElfW(Sym)*>(extra);
    }
    extra = nullptr;
    return ::dladdr1(address, &info, &extra, RTLD_DL_LINKMAP) != 0 ? static_cast<const link_map*>(extra) : nullptr;
}

// What the module exports, checked in an order that reads nothing it may not read.
class export_check {
public:
    export_check(const boost::dll::shared_library& library, const std::filesystem::path& source,
                 const manifest& description)
        : library_(library), source_(source), description_(description) {}

    boost::system::result<const gw_adapter*, refusal> run() const {
        const void* address = ::dlsym(library_.native(), symbol_name);
        const auto* adapter = static_cast<const gw_adapter*>(address);
        for (const auto check :
             {&export_check::check_symbol, &export_check::check_functions, &export_check::check_manifest}) {
            if (auto wrong = (this->*check)(adapter)) {
                return std::move(*wrong);
            }
        }
        return adapter;
    }

private:
    refusal refused(refusal_code code, const std::string& rest) const {
        return {source_.string(), code, printable(source_.string()) + " " + rest};
    }

    std::optional<refusal> check_symbol(const gw_adapter* adapter) const {
        const ElfW(Sym)* symbol = nullptr;
        if (adapter == nullptr || object_at(adapter, &symbol) != own_map()) {
            return refused(refusal_code::missing_symbol,
                           std::string("does not export ") + symbol_name +
                               "; a module defines this gw_adapter with default visibility (GW_EXPORT)");
        }
        if (symbol != nullptr && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC) {
            return refused(
                refusal_code::missing_symbol,
                std::string("exports ") + symbol_name + " as a function; it must be the gw_adapter itself, as data");
        }
        // A module made with tools that write no sizes is taken at its word.
        const std::uint64_t size = symbol != nullptr && symbol->st_size != 0 ? symbol->st_size : least_struct_size;
        if (size < least_struct_size || adapter->struct_size < least_struct_size) {
            return too_short(std::min<std::uint64_t>(size, adapter->struct_size));
        }
        return {};
    }

    std::optional<refusal> check_functions(const gw_adapter* adapter) const {
        if (adapter->abi_major != GW_ABI_MAJOR) {
            return refused(refusal_code::wrong_abi, std::string("exports ") + symbol_name + " with abi_major " +
                                                        std::to_string(adapter->abi_major) + "; it must be " +
                                                        std::to_string(GW_ABI_MAJOR));
        }
        const std::array<std::pair<const char*, bool>, 6> present{{{"create", adapter->create != nullptr},
                                                                   {"connect", adapter->connect != nullptr},
                                                                   {"deliver", adapter->deliver != nullptr},
                                                                   {"on_completion", adapter->on_completion != nullptr},
                                                                   {"close", adapter->close != nullptr},
                                                                   {"destroy", adapter->destroy != nullptr}}};
        for (const auto& [name, is_present] : present) {
            if (!is_present) {
                return refused(refusal_code::null_function, std::string("has no function \"") + name + "\" in " +
                                                                symbol_name + "; all but \"extension\" must be there");
            }
        }
        return {};
    }

    std::optional<refusal> check_manifest(const gw_adapter* adapter) const {
        const gw_str text = adapter->manifest;
        // The address is foreign: it is read only when it points into the module's own image.
        const bool same = text.data != nullptr && text.size == description_.text.size() && text.size > 0 &&
                          object_at(text.data) == own_map() && object_at(text.data + text.size - 1) == own_map() &&
                          std::memcmp(text.data, description_.text.data(), text.size) == 0;
        if (!same) {
            return refused(refusal_code::manifest_differs,
                           std::string("has one manifest in its ELF note and another in ") + symbol_name +
                               "; both must be equal (GW_MANIFEST_TEXT)");
        }
        return {};
    }

    refusal too_short(std::uint64_t size) const {
        return refused(refusal_code::struct_too_short,
                       std::string("exports ") + symbol_name + " with " + std::to_string(size) +
                           " bytes; its struct_size must be at least " + std::to_string(least_struct_size));
    }

    const link_map* own_map() const {
        link_map* map = nullptr;
        return ::dlinfo(library_.native(), RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0 ? map : nullptr;
    }

    const boost::dll::shared_library& library_;
    const std::filesystem::path& source_;
    const manifest& description_;
};

}  // namespace

boost::system::result<const gw_adapter*, refusal> load_copy(const std::filesystem::path& copy,
                                                            const std::filesystem::path& source,
                                                            const manifest& description) {
    boost::dll::shared_library library;
    std::error_code error;
    library.load(copy, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (error) {
        const char* message = ::dlerror();
        return explain(message != nullptr ? message : error.message(), copy, source);
    }
    auto checked = export_check(library, source, description).run();
    keep_for_ever(std::move(library));
    return checked;
}

}  // namespace gateway::module
