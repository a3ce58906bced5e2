// What the operating system is told about the calling thread.
#pragma once

#include <chrono>

namespace salus {

// Shown by top -H and in core dumps. Up to 15 bytes.
void name_thread(const char* name);

// Asks the scheduler to run this thread soon after it wakes, for up to `slice` at a time, rather than for long. For
// threads that others wait on and that do little at a time. Works from Linux 6.12 on; elsewhere nothing changes.
void prefer_latency(std::chrono::microseconds slice);

}  // namespace salus
