#include "log/secrets.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <functional>
#include <unordered_map>
#include <vector>

namespace gateway::log {
namespace {

constexpr std::string_view replacement = "[secret]";

// The shortest run of base64 that is taken for a piece of a secret; shorter ones would hit ordinary text.
constexpr std::size_t min_base64_run = 6;

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_token_char(char c) {
    return is_alnum(c) || c == '_' || c == '-';
}

std::string percent_encode(std::string_view text, std::string_view kept, std::string_view hex, bool plus_for_space) {
    std::string out;
    for (const char c : text) {
        if (is_alnum(c) || kept.find(c) != std::string_view::npos) {
            out += c;
        } else if (c == ' ' && plus_for_space) {
            out += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 0xFU];
        }
    }
    return out;
}

// What JSON writers make of it inside a string; they differ in the escaping of '/' and of characters above ASCII, and
// the latter are left to those few that would do it.
std::string json_escape(std::string_view text, bool escape_slash) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view named = "\"\\\b\f\n\r\t";
        constexpr std::string_view names = "\"\\bfnrt";
        if (const auto at = named.find(c); at != std::string_view::npos) {
            out += '\\';
            out += names[at];
        } else if (byte < 0x20U) {
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 0xFU];
        } else if (c == '/' && escape_slash) {
            out += "\\/";
        } else {
            out += c;
        }
    }
    return out;
}

// The base64 characters that depend on `text` alone when `skew` unknown bytes stand before it and unknown ones after.
std::string base64_core(std::string_view text, std::size_t skew, std::string_view alphabet) {
    const std::size_t first_bit = skew * 8;
    const std::size_t end_bit = first_bit + text.size() * 8;
    std::string out;
    for (std::size_t bit = (first_bit + 5) / 6 * 6; bit + 6 <= end_bit; bit += 6) {
        unsigned value = 0;
        for (std::size_t i = bit; i < bit + 6; ++i) {
            const auto byte = static_cast<unsigned char>(text[i / 8 - skew]);
            value = (value << 1U) | ((byte >> (7U - i % 8U)) & 1U);
        }
        out += alphabet[value];
    }
    return out;
}

std::vector<std::string> forms_of(std::string_view secret) {
    constexpr std::string_view upper = "0123456789ABCDEF";
    constexpr std::string_view lower = "0123456789abcdef";
    std::vector<std::string> forms{std::string{secret}};
    // RFC 3986's unreserved characters; what browsers keep in a component; what may stand unencoded in a path.
    for (const std::string_view kept : {"-._~", "-._~!'()*", "-._~!$&'()*+,;=:@"}) {
        for (const std::string_view hex : {upper, lower}) {
            forms.push_back(percent_encode(secret, kept, hex, false));
        }
    }
    forms.push_back(percent_encode(secret, "-._*", upper, true));
    forms.push_back(json_escape(secret, false));
    forms.push_back(json_escape(secret, true));
    for (std::size_t skew = 0; skew < 3; ++skew) {
        for (const std::string_view alphabet : {standard_alphabet, url_alphabet}) {
            if (std::string core = base64_core(secret, skew, alphabet); core.size() >= min_base64_run) {
                forms.push_back(std::move(core));
            }
        }
    }
    std::sort(forms.begin(), forms.end());
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    return forms;
}

// The length of a Telegram-shaped token that starts at `at`, which is a digit with no digit before it; 0: none there.
std::size_t telegram_token_at(std::string_view text, std::size_t at) {
    constexpr std::size_t min_tail = 30;
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) {
        ++end;
    }
    if (text.substr(end, 1) == ":") {
        end += 1;
    } else if (const auto encoded = text.substr(end, 3); encoded == "%3A" || encoded == "%3a") {
        end += 3;
    } else {
        return 0;
    }
    const std::size_t tail = end;
    while (end < text.size() && is_token_char(text[end])) {
        ++end;
    }
    return end - tail >= min_tail ? end - at : 0;
}

}  // namespace

// All forms of all secrets. A place in a text is looked at in three steps, so that it costs the same for one secret and
// for a hundred thousand that begin alike: a filter of first four bytes that fits the cache; how long forms with these
// first bytes are; whether the text of that length is one. A form is kept as its hash only: 50 bytes instead of
// hundreds, and no copies of secrets lie about in memory.
class secret_registry::patterns {
public:
    [[nodiscard]] std::size_t size() const { return secrets_; }

    [[nodiscard]] bool holds(std::string_view secret) const {
        const auto found = forms_.find(hash_of(secret));
        return found != forms_.end() && found->second == form_kind::whole_secret;
    }

    void add(std::string_view secret) {
        ++secrets_;
        for (const std::string& made : forms_of(secret)) {
            auto& kind = forms_.try_emplace(hash_of(made), form_kind::encoded).first->second;
            kind = made == secret ? form_kind::whole_secret : kind;
            add_length(key_of(made), static_cast<std::uint32_t>(made.size()));
        }
    }

    // The length of the longest form that starts at `at`, so that of two secrets where one starts with the other the
    // longer is replaced whole; 0: none.
    [[nodiscard]] std::size_t match(std::string_view text, std::size_t at) const {
        if (text.size() - at < min_bytes) {
            return 0;
        }
        const std::string_view rest = text.substr(at);
        const std::uint32_t key = key_of(rest);
        if (!filter_.test(slot_of(key))) {
            return 0;
        }
        std::size_t longest = 0;
        const auto [first, last] = lengths_.equal_range(key);
        for (auto entry = first; entry != last; ++entry) {
            const std::size_t length = entry->second;
            if (length > longest && length <= rest.size() && forms_.contains(hash_of(rest.substr(0, length)))) {
                longest = length;
            }
        }
        return longest;
    }

private:
    enum class form_kind : std::uint8_t { encoded, whole_secret };

    static constexpr std::size_t filter_bits = 1U << 16U;

    void add_length(std::uint32_t key, std::uint32_t length) {
        filter_.set(slot_of(key));
        const auto [first, last] = lengths_.equal_range(key);
        if (std::none_of(first, last, [length](const auto& known) { return known.second == length; })) {
            lengths_.emplace(key, length);
        }
    }

    static std::uint32_t key_of(std::string_view text) {
        std::uint32_t key = 0;
        std::memcpy(&key, text.data(), sizeof key);
        return key;
    }
    static std::size_t slot_of(std::uint32_t key) { return (key * 2654435761U) >> 16U; }
    static std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

    std::bitset<filter_bits> filter_;
    std::unordered_multimap<std::uint32_t, std::uint32_t> lengths_;  // each once, by the first four bytes
    std::unordered_map<std::uint64_t, form_kind> forms_;             // by hash
    std::size_t secrets_ = 0;
};

secret_registry::secret_registry() : patterns_{std::make_unique<patterns>()} {}
secret_registry::~secret_registry() = default;

bool secret_registry::add(std::string_view secret) {
    if (secret.size() < min_bytes || secret.size() > max_bytes) {
        return false;
    }
    const std::lock_guard lock{mutex_};
    if (patterns_->holds(secret)) {
        return true;
    }
    if (patterns_->size() >= max_secrets) {
        return false;
    }
    patterns_->add(secret);
    return true;
}

std::string secret_registry::redact(std::string_view text) const {
    const std::lock_guard lock{mutex_};
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    bool after_digit = false;
    while (at < text.size()) {
        std::size_t length = patterns_->match(text, at);
        const bool digit = is_digit(text[at]);
        if (digit && !after_digit) {
            length = std::max(length, telegram_token_at(text, at));
        }
        after_digit = digit && length == 0;
        if (length == 0) {
            out += text[at++];
            continue;
        }
        out += replacement;
        at += length;
    }
    return out;
}

secret_registry& secrets() {
    static auto& registry = *new secret_registry;  // never destroyed: the log needs it until the process ends
    return registry;
}

std::string redact(std::string_view text) {
    return secrets().redact(text);
}

}  // namespace gateway::log
