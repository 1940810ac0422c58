// The catalogue: which modules the plugins directory holds, and those that are loaded.
//
// `scan`, `rescan` and `look` read manifests and execute nothing, `prepare` makes a private copy of the file and checks
// that; `finish` loads the copy, unless the probe in between (loading.hpp) speaks against it. What is loaded stays
// mapped until the process ends. So overwriting or removing the original never touches running code, and a changed file
// of a loaded module is only reported.
//
//   new ─▶ unsettled ─▶ judged ─┬▶ refused ◀────────┬─────────┐
//                 ▲             ├▶ usable ─ prepare ┴▶ finish ┴▶ loaded
//                 └── changed ──┴──────┘
//
// A file that is still being written is not judged: `look` is told which files are complete, `rescan` judges a file
// that is the same as at the rescan before. A refused file is judged again when it changes; at `rescan` also when the
// reason lies outside the file (its directory, its rights, its name taken).
//
// One thread, the loop's. Nothing throws but memory exhaustion. The caller logs the changes. Whoever constructs a
// catalogue holds the lock of the state directory: the copies of earlier runs are removed.
// Bounds: 1,000 files, 256 MiB each, 64 KiB of manifest.
#pragma once

#include "module/generations.hpp"
#include "module/loader.hpp"
#include "module/manifest.hpp"
#include "module/refusal.hpp"
#include "module/safe_open.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::module {

inline constexpr std::size_t max_module_files = 1000;

struct catalogue_settings {
    std::filesystem::path plugins_dir;                   // absolute; it need not exist yet
    std::filesystem::path state_dir;                     // copies go to generations/ below it
    std::set<std::string, std::less<>> host_extensions;  // what manifests may require
};

struct loaded_module {
    manifest_ptr description;
    const gw_adapter* adapter = nullptr;  // valid until the process ends
    unsigned generation = 0;              // 1, 2 …: counts the loaded copies of this name
    std::filesystem::path source;
    std::filesystem::path copy;
};

// The private copy of a module's file, checked without executing any of it.
struct candidate {
    std::string name;
    std::filesystem::path source;
    std::filesystem::path copy;
    file_identity identity;  // of the source, when it was copied
    manifest_ptr description;
};

// One thing that a scan found out.
struct change {
    enum class kind {
        appeared,     // `name` can be loaded now: it is new, or its file is
        replaced,     // the file of the loaded module `name` is another now; it is used after a restart
        reinstalled,  // the file of the loaded module `name` was put there again or touched; its bytes are the same
        vanished,     // the file of `name` is gone; if loaded, it keeps running
        refused       // `refused` says why
    };
    kind what;
    std::string name;
    std::string path;
    std::optional<refusal> refused;
};

class catalogue {
public:
    using load_result = boost::system::result<const loaded_module*, refusal>;

    explicit catalogue(catalogue_settings settings);

    // Judges every file that is new, changed or refused, as it is now. For the start, and when an operator asks.
    [[nodiscard]] std::vector<change> scan();
    // Judges every file that is new or changed and was the same at the rescan before.
    [[nodiscard]] std::vector<change> rescan();
    // Judges these files (names within the directory): the complete ones as they are now; of the created ones, which
    // may still be written, only links to files that were made elsewhere.
    [[nodiscard]] std::vector<change> look(const std::set<std::string>& complete, const std::set<std::string>& created);

    // The module's private copy, to be loaded by `finish`; it is not loaded yet and has no candidate. An unchanged file
    // that could not be loaded is refused again without trying.
    [[nodiscard]] boost::system::result<candidate, refusal> prepare(std::string_view name);
    // Loads the copy, or refuses it for this reason; as `changing` if the file is not the one any more that was copied.
    [[nodiscard]] load_result finish(candidate what, const std::optional<refusal>& objection);
    // An operator asks: judges the file of a refused module anew. What that finds is told by `prepare` only.
    void judge_again(std::string_view name);

    // nullptr: not loaded. Valid as long as the catalogue.
    [[nodiscard]] const loaded_module* find(std::string_view name) const;
    // Of the loaded copy, else of the file; nullptr: no file has the name.
    [[nodiscard]] manifest_ptr describe(std::string_view name) const;
    // Of all modules that are loaded or can be.
    [[nodiscard]] std::vector<std::string> names() const;
    // In file-name order, the directory's own first.
    [[nodiscard]] std::vector<refusal> refusals() const;

    [[nodiscard]] const catalogue_settings& settings() const noexcept { return settings_; }

    // "*.so" and not hidden: the others are not looked at.
    [[nodiscard]] static bool is_module_file(std::string_view file_name) noexcept;

private:
    enum class eagerness { complete, everything, settled, links };

    // One file of the directory. `refused` without `description`: no module. Both: its name is another file's, or it
    // could not be loaded. Neither: not judged yet.
    struct entry {
        std::optional<file_identity> judged;
        std::optional<file_identity> unsettled;  // as seen at the last rescan, not judged yet
        std::string name;                        // the last one known
        manifest_ptr description;
        std::optional<refusal> refused;
        std::optional<std::pair<refusal, file_identity>> told;  // the last refusal that was handed out
        bool fresh = false;                                     // to be announced
    };

    std::vector<change> examine_all(eagerness how);
    std::set<std::string> list_directory(std::vector<change>& changes);
    void examine(const std::string& file_name, eagerness how, std::vector<change>& changes);
    void judge(const std::filesystem::path& path, const file_identity& now, entry& known, std::vector<change>& changes);
    void refuse(entry& known, refusal why, std::vector<change>& changes);
    void assign_names(std::vector<change>& changes);
    void announce(const std::string& file_name, const entry& holder, std::vector<change>& changes);
    refusal give_up(const candidate& what, refusal why);
    refusal why_absent(std::string_view name) const;
    std::string file_that_may_be(std::string_view name) const;
    std::filesystem::path path_of(const std::string& file_name) const { return settings_.plugins_dir / file_name; }

    catalogue_settings settings_;
    generations generations_;
    std::optional<refusal> directory_refused_;
    std::map<std::string, entry> entries_;                      // by file name
    std::map<std::string, std::string, std::less<>> holders_;   // module name → the file that has it
    std::map<std::string, loaded_module, std::less<>> loaded_;  // by module name
};

}  // namespace gateway::module
