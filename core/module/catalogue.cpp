#include "module/catalogue.hpp"

#include "module/inspect.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <system_error>

namespace gateway::module {
namespace {

// Absolute, since the dynamic linker searches elsewhere for what is not, and without a slash at its end.
std::filesystem::path plain(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto result = std::filesystem::absolute(path, ignored).lexically_normal();
    return result.has_filename() ? result : result.parent_path();
}

// The reason may go away without a change of the file.
bool lies_outside_file(refusal_code code) {
    return code == refusal_code::unreadable || code == refusal_code::writable_by_all;
}

// Module files of an open directory in file-name order, at most one more than may be. False: it cannot be read.
bool list(int directory, std::set<std::string>& ret_files) {
    const int own = ::fcntl(directory, F_DUPFD_CLOEXEC, 0);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(own >= 0 ? ::fdopendir(own) : nullptr, ::closedir);
    if (!stream) {
        return false;
    }
    errno = 0;
    while (const dirent* found = ::readdir(stream.get())) {
        if (catalogue::is_module_file(found->d_name)) {
            ret_files.emplace(found->d_name);
        }
        if (ret_files.size() > max_module_files + 1) {
            ret_files.erase(std::prev(ret_files.end()));
        }
    }
    return errno == 0;
}

constexpr unsigned first_generation = 1;  // a module that is loaded is not replaced

refusal unsuited(refusal_code code, const std::filesystem::path& path, const std::string& rest) {
    return {path.string(), code, printable(path.string()) + " " + rest};
}

}  // namespace

catalogue::catalogue(catalogue_settings settings)
    : settings_(std::move(settings)), generations_(plain(settings_.state_dir) / "generations") {
    settings_.plugins_dir = plain(settings_.plugins_dir);
}

bool catalogue::is_module_file(std::string_view file_name) noexcept {
    return file_name.size() > 3 && file_name.ends_with(".so") && file_name.front() != '.';
}

std::vector<change> catalogue::scan() {
    return examine_all(eagerness::everything);
}

std::vector<change> catalogue::rescan() {
    return examine_all(eagerness::settled);
}

std::vector<change> catalogue::look(const std::set<std::string>& complete, const std::set<std::string>& created) {
    std::vector<change> changes;
    const auto files = list_directory(changes);
    for (const auto& file_name : files) {
        if (complete.contains(file_name)) {
            examine(file_name, eagerness::complete, changes);
        } else if (created.contains(file_name)) {
            examine(file_name, eagerness::links, changes);
        }
    }
    assign_names(changes);
    return changes;
}

std::vector<change> catalogue::examine_all(eagerness how) {
    std::vector<change> changes;
    for (const auto& file_name : list_directory(changes)) {
        examine(file_name, how, changes);
    }
    assign_names(changes);
    return changes;
}

// The directory's module files, none if it cannot be used. Forgets the files that are not there any more.
std::set<std::string> catalogue::list_directory(std::vector<change>& changes) {
    const auto& path = settings_.plugins_dir;
    std::set<std::string> files;
    std::optional<refusal> refused;
    if (const auto opened = open_module_directory(path); !opened) {
        refused = opened.error();
    } else if (!list(opened->get(), files)) {
        refused = unsuited(refusal_code::unreadable, path, "cannot be listed");
        files.clear();
    } else if (files.size() > max_module_files) {
        files.erase(std::prev(files.end()));
        const auto most = std::to_string(max_module_files);
        refused = unsuited(refusal_code::too_many_files, path,
                           "holds more than " + most + " modules; those that come after the first " + most +
                               " in the order of their names are not used");
    }
    if (refused && refused != directory_refused_) {
        changes.push_back({change::kind::refused, {}, path.string(), refused});
    }
    directory_refused_ = std::move(refused);
    std::erase_if(entries_, [&](const auto& known) { return !files.contains(known.first); });
    return files;
}

void catalogue::examine(const std::string& file_name, eagerness how, std::vector<change>& changes) {
    const auto path = path_of(file_name);
    const auto now = identify(path);
    if (now.error == ENOENT && !is_link(path)) {
        entries_.erase(file_name);  // it went away since the directory was listed
        return;
    }
    auto& known = entries_[file_name];
    const bool same = known.judged == now;
    bool due = false;
    switch (how) {
        case eagerness::complete:
            due = true;
            break;
        case eagerness::everything:
            due = !same || known.refused;
            break;
        case eagerness::settled:
            due = same ? known.refused && lies_outside_file(known.refused->code) : known.unsettled == now;
            known.unsettled = same ? std::nullopt : std::optional(now);
            break;
        case eagerness::links:
            due = !same && is_link(path);
            break;
    }
    if (due) {
        judge(path, now, known, changes);
    }
}

void catalogue::judge(const std::filesystem::path& path, const file_identity& now, entry& known,
                      std::vector<change>& changes) {
    const bool was_usable =
        known.description && (!known.refused || known.refused->code == refusal_code::duplicate_name);
    const auto was = std::exchange(known.judged, now);
    known.unsettled.reset();
    known.description.reset();
    auto opened = open_module_file(path);
    if (!opened) {
        refuse(known, opened.error(), changes);
        return;
    }
    known.judged = opened->identity;
    auto description = read_manifest(opened->fd.get(), opened->identity.size, path);
    if (description) {
        known.name = (*description)->name;
        if (auto unfit = check_fit(**description, path, settings_.host_extensions)) {
            description = std::move(*unfit);
        }
    }
    if (!description) {
        refuse(known, description.error(), changes);
        return;
    }
    known.description = *description;
    known.refused.reset();
    known.fresh = !was_usable || was != known.judged;
}

void catalogue::refuse(entry& known, refusal why, std::vector<change>& changes) {
    auto now = std::pair(why, *known.judged);
    if (known.told != now) {
        changes.push_back({change::kind::refused, known.name, why.path, why});
    }
    known.told = std::move(now);
    known.refused = std::move(why);
}

// Gives each module name to one file: the one that has it keeps it, a free one goes to the first in file-name order.
void catalogue::assign_names(std::vector<change>& changes) {
    std::map<std::string, std::string> lost;
    std::erase_if(holders_, [&](const auto& holder) {
        const auto& [name, file_name] = holder;
        const auto found = entries_.find(file_name);
        const bool refused = found != entries_.end() && !found->second.description;
        const bool holds = found != entries_.end() && !refused && found->second.description->name == name;
        if (!holds && !refused) {
            lost.emplace(name, file_name);
        }
        return !holds;
    });
    for (auto& [file_name, known] : entries_) {
        if (!known.description) {
            continue;
        }
        const auto [holder, is_new] = holders_.try_emplace(known.description->name, file_name);
        if (holder->second != file_name) {
            refuse(known,
                   unsuited(refusal_code::duplicate_name, path_of(file_name),
                            "is a module \"" + known.name + "\", as " + printable(path_of(holder->second).string()) +
                                " is, which came first; remove one of them"),
                   changes);
        } else {
            if (known.refused && known.refused->code == refusal_code::duplicate_name) {
                known.refused.reset();
            }
            if (is_new || known.fresh) {
                announce(file_name, known, changes);
            }
        }
        known.fresh = false;
    }
    for (const auto& [name, file_name] : lost) {
        if (!holders_.contains(name)) {
            changes.push_back({change::kind::vanished, name, path_of(file_name).string(), {}});
        }
    }
}

void catalogue::announce(const std::string& file_name, const entry& holder, std::vector<change>& changes) {
    const auto path = path_of(file_name);
    auto what = change::kind::appeared;
    if (const auto found = loaded_.find(holder.description->name); found != loaded_.end()) {
        const owned_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        const owned_fd copy(::open(found->second.copy.c_str(), O_RDONLY | O_CLOEXEC));
        const bool is_same = file && copy && same_contents(file.get(), copy.get());
        what = is_same ? change::kind::reinstalled : change::kind::replaced;
    }
    changes.push_back({what, holder.description->name, path.string(), {}});
}

boost::system::result<candidate, refusal> catalogue::prepare(std::string_view name) {
    const auto holder = holders_.find(name);
    if (holder == holders_.end()) {
        return why_absent(name);
    }
    auto& from = entries_.at(holder->second);
    const auto path = path_of(holder->second);
    if (from.refused && from.judged == identify(path)) {
        return *from.refused;
    }
    auto opened = open_module_file(path);
    if (!opened) {
        return opened.error();
    }
    auto copy = generations_.make_copy(*opened, path, std::string(name), first_generation);
    if (!copy) {
        return copy.error();
    }
    // The copy is what counts: the file may have changed since its manifest was read.
    auto description = read_manifest(copy->fd.get(), opened->identity.size, path);
    if (description) {
        if (auto unfit = check_fit(**description, path, settings_.host_extensions)) {
            description = std::move(*unfit);
        } else if ((*description)->name != name) {
            description =
                unsuited(refusal_code::changing, path,
                         "has just become the module \"" + (*description)->name + "\"; it is looked at again");
        }
    }
    candidate result{std::string(name), path, copy->path, opened->identity, nullptr};
    if (!description) {
        return give_up(result, description.error());
    }
    from.judged = opened->identity;
    from.refused.reset();
    from.description = *description;
    result.description = *description;
    return result;
}

catalogue::load_result catalogue::finish(candidate what, const std::optional<refusal>& objection) {
    assert(find(what.name) == nullptr);
    if (identify(what.source) != what.identity) {
        return give_up(what, unsuited(refusal_code::changing, what.source, "was changed while it was tried"));
    }
    if (objection) {
        return give_up(what, *objection);
    }
    const auto adapter = load_copy(what.copy, what.source, *what.description);
    if (!adapter) {
        return give_up(what, adapter.error());
    }
    const auto name = what.name;
    loaded_module loaded{std::move(what.description), *adapter, first_generation, std::move(what.source),
                         std::move(what.copy)};
    return &loaded_.emplace(name, std::move(loaded)).first->second;
}

// The copy goes; the reason is remembered with the file, if that is still the one that was copied.
refusal catalogue::give_up(const candidate& what, refusal why) {
    generations_.discard(what.copy);
    const auto known = entries_.find(what.source.filename().string());
    if (known != entries_.end() && !passes_by_itself(why.code)) {
        known->second.judged = what.identity;
        known->second.refused = why;
    }
    return why;
}

void catalogue::judge_again(std::string_view name) {
    std::vector<change> changes;
    const auto files = list_directory(changes);
    if (const auto file_name = file_that_may_be(name); files.contains(file_name)) {
        examine(file_name, eagerness::complete, changes);
    }
    assign_names(changes);
}

const loaded_module* catalogue::find(std::string_view name) const {
    const auto found = loaded_.find(name);
    return found != loaded_.end() ? &found->second : nullptr;
}

manifest_ptr catalogue::describe(std::string_view name) const {
    if (const auto* loaded = find(name)) {
        return loaded->description;
    }
    const auto holder = holders_.find(name);
    return holder != holders_.end() ? entries_.at(holder->second).description : nullptr;
}

std::vector<std::string> catalogue::names() const {
    std::set<std::string> result;
    for (const auto& [name, module] : loaded_) {
        result.insert(name);
    }
    for (const auto& [name, file_name] : holders_) {
        if (!entries_.at(file_name).refused) {
            result.insert(name);
        }
    }
    return {result.begin(), result.end()};
}

std::vector<refusal> catalogue::refusals() const {
    std::vector<refusal> result;
    if (directory_refused_) {
        result.push_back(*directory_refused_);
    }
    for (const auto& [file_name, known] : entries_) {
        if (known.refused) {
            result.push_back(*known.refused);
        }
    }
    return result;
}

// The file that has the name, or would have it by what its manifest last said or by its own name; empty: none.
std::string catalogue::file_that_may_be(std::string_view name) const {
    if (const auto holder = holders_.find(name); holder != holders_.end()) {
        return holder->second;
    }
    const auto by_manifest =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& known) { return known.second.name == name; });
    if (by_manifest != entries_.end()) {
        return by_manifest->first;
    }
    const auto by_file = entries_.find(std::string(name) + ".so");
    return by_file != entries_.end() ? by_file->first : std::string();
}

refusal catalogue::why_absent(std::string_view name) const {
    if (directory_refused_ && directory_refused_->code != refusal_code::too_many_files) {
        return *directory_refused_;
    }
    if (const auto found = entries_.find(file_that_may_be(name)); found != entries_.end() && found->second.refused) {
        return *found->second.refused;
    }
    const auto directory = printable(settings_.plugins_dir.string());
    return {settings_.plugins_dir.string(), refusal_code::not_present,
            "no module in " + directory + " is named \"" + printable(name) + "\"; put its file there"};
}

}  // namespace gateway::module
