// Where libcurl's large buffers live.
//
// libcurl gives every transfer a receive buffer, and an upload buffer besides when it has a body over HTTP/2, for as
// long as it waits, though hardly a byte of them is used. In the ordinary heap they would soon be cut up and touched
// all over: ten thousand long polls would take 40 KiB each, and more with every round. Here each has pages of its own,
// which exist only once written to and are given back when the buffer is freed.
//
// Threads    any.
// Bounds     16,384 buffers of each kind; beyond that, and wherever such an amount of address space is not to be had,
//            the ordinary heap.
#pragma once

#include <curl/curl.h>

#include <cstddef>

namespace gateway::net {

// The sizes to ask libcurl for, so that its buffers fill their pages.
inline constexpr std::size_t receive_buffer_bytes = 64 * 1024;
inline constexpr std::size_t upload_buffer_bytes = 16 * 1024;

// curl_global_init() with these buffers; once per process, before any other use of transfers.
CURLcode initialise_curl();

}  // namespace gateway::net
