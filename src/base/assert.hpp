// Assertions state the mental model and stay on in production: better no answer than the wrong patient's.
// Never assert what an entry, a message or a file says: outside bytes are handled, not asserted.
#pragma once

namespace salus {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}

#define SALUS_ASSERT(condition)                                \
  (__builtin_expect(static_cast<bool>(condition), 1) ? void(0) \
                                                     : ::salus::assertion_failed(#condition, __FILE__, __LINE__))
