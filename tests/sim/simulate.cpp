// simulate --seeds N [--from S]: worlds S to S+N-1, one after the other, until the first that goes wrong.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "failure.hpp"
#include "world.hpp"

namespace {

constexpr std::uint64_t block = 100;

std::uint64_t option(int count, char** arguments, const char* name, std::uint64_t fallback) {
  for (int i = 1; i + 1 < count; ++i) {
    if (std::strcmp(arguments[i], name) != 0) continue;
    std::uint64_t value = 0;
    const char* end = arguments[i + 1] + std::strlen(arguments[i + 1]);
    const auto [stop, error] = std::from_chars(arguments[i + 1], end, value);
    if (error == std::errc{} && stop == end) return value;
    fmt::print(stderr, "{} takes a whole number.\n", name);
    std::exit(2);
  }
  return fallback;
}

bool run_block(std::uint64_t from, std::uint64_t to) {
  salus::simulate::Counts total;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    try {
      const auto counts = salus::simulate::World{seed}.run();
      total.crashes += counts.crashes;
      total.entries += counts.entries;
    } catch (const salus::simulate::Failed& failed) {
      fmt::print("FAILED seed {}: {}; repeat with: build/simulate --from {} --seeds 1\n", seed, failed.what(), seed);
      return false;
    }
  }
  fmt::print("ok simulation seeds {}-{} ({} crashes, {} entries)\n", from, to, total.crashes, total.entries);
  std::fflush(stdout);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t from = option(count, arguments, "--from", 1);
  const std::uint64_t seeds = option(count, arguments, "--seeds", 500);
  for (std::uint64_t first = from; first < from + seeds; first += block)
    if (!run_block(first, std::min(first + block, from + seeds) - 1)) return 1;
  return 0;
}
