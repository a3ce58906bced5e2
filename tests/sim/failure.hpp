// The simulation stops at the first thing that is not as it should be.
#pragma once

#include <fmt/format.h>

#include <stdexcept>

namespace salus::simulate {

// The world is wrong, not the program that simulates it: main() adds the seed that repeats it.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Args>
void expect(bool right, fmt::format_string<Args...> otherwise, Args&&... args) {
  if (!right) throw Failed(fmt::format(otherwise, std::forward<Args>(args)...));
}

}  // namespace salus::simulate
