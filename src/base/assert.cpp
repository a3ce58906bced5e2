#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace salus {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "salus: programming error, stopping: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace salus
