#include "net/curl_memory.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#include <vector>

namespace gateway::net {

namespace {

constexpr std::size_t page_bytes = 4096;

// Equal places in one stretch of address space, for allocations from `size` up to a page more.
class page_pool {
public:
    explicit page_pool(std::size_t size) noexcept : size_(size) {}

    void* take(std::size_t size) noexcept {
        if (size < size_ || size > place_bytes()) {
            return nullptr;
        }
        const std::lock_guard lock{mutex_};
        if (free_.empty() && !extend()) {
            return nullptr;
        }
        char* const place = base_.load() + free_.back() * place_bytes();
        free_.pop_back();
        return place;
    }

    // False: not one of this pool's.
    bool give_back(void* memory) noexcept {
        if (!owns(memory)) {
            return false;
        }
        ::madvise(memory, place_bytes(), MADV_DONTNEED);
        const std::lock_guard lock{mutex_};
        free_.push_back(static_cast<std::uint32_t>(offset(memory) / place_bytes()));
        return true;
    }

    // How much fits where `memory` is; 0: not one of this pool's.
    std::size_t room(void* memory) const noexcept { return owns(memory) ? place_bytes() : 0; }

private:
    static constexpr std::size_t max_places = 16384;
    static constexpr std::size_t step = 64;

    std::size_t place_bytes() const noexcept { return size_ + page_bytes; }
    std::size_t offset(void* memory) const noexcept {
        return reinterpret_cast<std::uintptr_t>(memory) - reinterpret_cast<std::uintptr_t>(base_.load());
    }
    bool owns(void* memory) const noexcept {
        return base_.load() != nullptr && offset(memory) < max_places * place_bytes();
    }

    // More free places, handed out lowest first.
    bool extend() noexcept {
        if (base_.load() == nullptr && !failed_) {
            void* const made = ::mmap(nullptr, max_places * place_bytes(), PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            failed_ = made == MAP_FAILED;
            base_ = failed_ ? nullptr : static_cast<char*>(made);
        }
        if (base_.load() == nullptr || used_ == max_places) {
            return false;
        }
        free_.reserve(used_ + step);  // every place may come back: give_back() never allocates
        for (std::size_t i = step; i-- > 0;) {
            free_.push_back(static_cast<std::uint32_t>(used_ + i));
        }
        used_ += step;
        return true;
    }

    const std::size_t size_;
    std::mutex mutex_;
    std::atomic<char*> base_ = nullptr;  // set once; every free() looks at it without the lock
    bool failed_ = false;
    std::size_t used_ = 0;
    std::vector<std::uint32_t> free_;
};

// Never destroyed: libcurl's resolver threads may outlive main().
page_pool& receive_buffers() {
    static page_pool& pool = *new page_pool{receive_buffer_bytes};
    return pool;
}

page_pool& upload_buffers() {
    static page_pool& pool = *new page_pool{upload_buffer_bytes};
    return pool;
}

void* allocate(std::size_t size) {
    if (size >= upload_buffer_bytes) {
        if (void* memory = upload_buffers().take(size)) {
            return memory;
        }
        if (void* memory = receive_buffers().take(size)) {
            return memory;
        }
    }
    return std::malloc(size);
}

void release(void* memory) {
    if (memory != nullptr && !receive_buffers().give_back(memory) && !upload_buffers().give_back(memory)) {
        std::free(memory);
    }
}

void* reallocate(void* memory, std::size_t size) {
    const std::size_t room =
        memory == nullptr ? 0 : std::max(receive_buffers().room(memory), upload_buffers().room(memory));
    if (room == 0) {
        return std::realloc(memory, size);
    }
    void* const moved = allocate(size);
    if (moved != nullptr) {
        std::memcpy(moved, memory, std::min(room, size));
        release(memory);
    }
    return moved;
}

char* duplicate(const char* text) {
    return ::strdup(text);
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
    return std::calloc(count, size);
}

}  // namespace

CURLcode initialise_curl() {
    static const CURLcode done =
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, &allocate, &release, &reallocate, &duplicate, &allocate_zeroed);
    return done;
}

}  // namespace gateway::net
