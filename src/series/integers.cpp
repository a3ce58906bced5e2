#include "series/integers.hpp"

#include <array>
#include <bit>
#include <numeric>

#include "base/assert.hpp"
#include "series/bits.hpp"

namespace salus::series {
namespace {

// The block's first byte: bits 0–5 method, bit 6 second differences, bit 7 a common factor follows as varint.
constexpr std::uint8_t method_runs = 62;
constexpr std::uint8_t method_zeros = 63;
constexpr unsigned rice_max = 40;
constexpr std::uint8_t flag_second = 64;
constexpr std::uint8_t flag_factor = 128;
// A quotient of this many ones means: 64 plain bits follow. Bounds what one odd sample costs.
constexpr unsigned escape = 24;

using Coded = std::array<std::uint64_t, block_max>;

constexpr std::uint64_t zigzag(std::uint64_t value) {
  return value << 1 ^ (0 - (value >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t coded) {
  return coded >> 1 ^ (0 - (coded & 1));
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

bool divides(std::uint64_t factor, std::uint64_t value) {
  if ((factor | value) >> 32 == 0) return static_cast<std::uint32_t>(value) % static_cast<std::uint32_t>(factor) == 0;
  return value % factor == 0;
}

std::uint64_t common_factor(std::span<const std::int64_t> values) {
  std::uint64_t factor = 0;
  for (const std::int64_t value : values) {
    if (value == 0) continue;
    const std::uint64_t size = magnitude(value);
    if (factor == 0 || !divides(factor, size)) factor = std::gcd(factor, size);
    if (factor == 1) break;
  }
  return factor == 0 ? 1 : factor;
}

std::size_t rice_bits(std::span<const std::uint64_t> coded, unsigned k) {
  std::size_t bits = coded.size() * (k + 1);
  for (const std::uint64_t value : coded) {
    const std::uint64_t quotient = value >> k;
    bits += quotient < escape ? quotient : escape + 64 - 1 - k;
  }
  return bits;
}

struct Choice {
  unsigned k = 0;
  std::size_t bits = 0;
};

// The best k is within one of the logarithm of the mean.
Choice best_rice(std::span<const std::uint64_t> coded) {
  std::uint64_t sum = 0;
  for (const std::uint64_t value : coded) sum += value < (std::uint64_t{1} << 48) ? value : std::uint64_t{1} << 48;
  const unsigned middle =
      coded.empty() ? 0 : std::min(rice_max, static_cast<unsigned>(std::bit_width(sum / coded.size())));
  Choice best{.bits = ~std::size_t{0}};
  for (unsigned k = middle > 1 ? middle - 2 : 0; k <= middle; ++k)
    if (const std::size_t bits = rice_bits(coded, k); bits < best.bits) best = {k, bits};
  return best;
}

void put_rice(BitWriter& bits, std::uint64_t value, unsigned k) {
  const std::uint64_t quotient = value >> k;
  if (quotient < escape) {
    bits.put((std::uint64_t{1} << quotient) - 1, static_cast<unsigned>(quotient) + 1);
    bits.put(value & ((std::uint64_t{1} << k) - 1), k);
  } else {
    bits.put((std::uint64_t{1} << escape) - 1, escape);
    bits.put(value & 0xFFFFFFFF, 32);
    bits.put(value >> 32, 32);
  }
}

std::uint64_t get_rice(BitReader& bits, unsigned k) {
  const std::uint64_t word = bits.peek();
  const auto ones = static_cast<unsigned>(std::countr_one(word));
  if (ones < escape) {
    bits.skip(ones + 1);
    return std::uint64_t{ones} << k | bits.get(k);
  }
  bits.skip(escape);
  const std::uint64_t low = bits.get(32);
  return low | bits.get(32) << 32;
}

// Elias gamma: a number from 1 on, short when small.
void put_gamma(BitWriter& bits, std::uint64_t value) {
  const auto extra = static_cast<unsigned>(std::bit_width(value)) - 1;
  bits.put((std::uint64_t{1} << extra) - 1, extra + 1);
  bits.put(value & ((std::uint64_t{1} << extra) - 1), extra);
}
std::uint64_t get_gamma(BitReader& bits) {
  const auto extra = static_cast<unsigned>(std::countr_one(bits.peek()));
  if (extra > 8) return 0;  // a run is at most 129: 7 bits
  bits.skip(extra + 1);
  return std::uint64_t{1} << extra | bits.get(extra);
}

// What is not zero, less one: the values that runs carry.
std::size_t collect_changes(std::span<const std::uint64_t> coded, Coded& changes, std::size_t& gamma_bits) {
  std::size_t count = 0, zeros = 0;
  gamma_bits = 0;
  const auto gamma = [&] { gamma_bits += 2 * static_cast<std::size_t>(std::bit_width(zeros + 1)) - 1; };
  for (const std::uint64_t value : coded) {
    if (value == 0) {
      ++zeros;
      continue;
    }
    gamma();
    zeros = 0;
    changes[count++] = value - 1;
  }
  if (zeros > 0) gamma();
  return count;
}

void put_runs(std::span<const std::uint64_t> coded, unsigned k, std::string& out) {
  BitWriter bits{out};
  std::size_t zeros = 0;
  for (const std::uint64_t value : coded) {
    if (value == 0) {
      ++zeros;
      continue;
    }
    put_gamma(bits, zeros + 1);
    zeros = 0;
    put_rice(bits, value - 1, k);
  }
  if (zeros > 0) put_gamma(bits, zeros + 1);
  bits.finish();
}

bool get_runs(BitReader& bits, unsigned k, std::span<std::uint64_t> coded) {
  for (std::size_t i = 0; i < coded.size();) {
    const std::uint64_t run = get_gamma(bits);
    if (run == 0 || run - 1 > coded.size() - i) return false;
    for (std::uint64_t zero = 1; zero < run; ++zero) coded[i++] = 0;
    if (i < coded.size()) coded[i++] = get_rice(bits, k) + 1;
  }
  return true;
}

}  // namespace

void put_differences(std::span<const std::int64_t> differences, std::string& out) {
  SALUS_ASSERT(differences.size() <= block_max);
  const std::size_t count = differences.size();
  Writer writer{out};
  const std::uint64_t factor = common_factor(differences);
  Coded first, second, changes;
  std::uint64_t before = 0;
  std::size_t zeros = 0;
  for (std::size_t i = 0; i < count; ++i) {
    // Only a factor that divides all is divided by, so this is exact, the smallest number included.
    const std::uint64_t quotient = magnitude(differences[i]) / (factor == 1 ? 1 : factor);
    const std::uint64_t difference = differences[i] < 0 ? 0 - quotient : quotient;
    first[i] = zigzag(difference);
    second[i] = zigzag(difference - before);
    before = difference;
    zeros += difference == 0 ? 1U : 0U;
  }
  const std::uint8_t factor_flag = factor > 1 ? flag_factor : 0;
  if (zeros == count) return writer.put(method_zeros);

  const std::span<const std::uint64_t> first_span{first.data(), count}, second_span{second.data(), count};
  const Choice plain = best_rice(first_span), again = best_rice(second_span);
  if (zeros * 2 >= count) {
    std::size_t gamma_bits = 0;
    const std::size_t change_count = collect_changes(first_span, changes, gamma_bits);
    const Choice runs = best_rice({changes.data(), change_count});
    if (runs.bits + gamma_bits + 8 < std::min(plain.bits, again.bits)) {
      writer.put(static_cast<std::uint8_t>(method_runs | factor_flag));
      if (factor > 1) writer.put_varint(factor);
      writer.put(static_cast<std::uint8_t>(runs.k));
      return put_runs(first_span, runs.k, out);
    }
  }
  const bool use_second = again.bits < plain.bits;
  const unsigned k = use_second ? again.k : plain.k;
  writer.put(static_cast<std::uint8_t>(k | (use_second ? flag_second : 0) | factor_flag));
  if (factor > 1) writer.put_varint(factor);
  BitWriter bits{out};
  for (const std::uint64_t value : use_second ? second_span : first_span) put_rice(bits, value, k);
  bits.finish();
}

bool get_differences(Reader& reader, std::span<std::int64_t> out) {
  SALUS_ASSERT(out.size() <= block_max);
  const auto head = reader.get<std::uint8_t>();
  const unsigned method = head & 63;
  const std::uint64_t factor = head & flag_factor ? reader.get_varint() : 1;
  const unsigned k = method == method_runs ? reader.get<std::uint8_t>() : method;
  if (reader.failed()) return false;
  if (method == method_zeros) {
    std::fill(out.begin(), out.end(), 0);
    return head == method_zeros;
  }
  if (k > rice_max) return false;
  Coded coded;
  BitReader bits{reader.rest()};
  if (method == method_runs) {
    if (!get_runs(bits, k, {coded.data(), out.size()})) return false;
  } else {
    for (std::size_t i = 0; i < out.size(); ++i) coded[i] = get_rice(bits, k);
  }
  if (bits.failed()) return false;
  reader.get_bytes(bits.bytes_read());
  const bool second = (head & flag_second) != 0;
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t difference = unzigzag(coded[i]) + (second ? before : 0);
    before = difference;
    out[i] = static_cast<std::int64_t>(difference * factor);
  }
  return true;
}

}  // namespace salus::series
