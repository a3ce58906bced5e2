#include "series/packed.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/assert.hpp"

namespace salus::series {
namespace {

constexpr std::size_t group_max = 16;
constexpr std::size_t groups_max = block_max / group_max;

// The block's first byte.
constexpr std::uint8_t flag_factor = 1;  // a new common factor follows
constexpr std::uint8_t all_equal = 2;    // as the value before; nothing follows

// Four bits say how wide a group is: all widths up to 12, then steps, so that wild groups stay possible.
constexpr std::array<std::uint8_t, 16> widths{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 18, 32};
constexpr std::array<std::uint8_t, 33> width_codes = [] {
  std::array<std::uint8_t, 33> codes{};
  for (std::uint8_t width = 0, code = 0; width <= 32; ++width) {
    while (widths[code] < width) ++code;
    codes[width] = code;
  }
  return codes;
}();

constexpr std::uint32_t zigzag(std::uint32_t value) {
  return value << 1 ^ (0 - (value >> 31));
}
constexpr std::uint32_t unzigzag(std::uint32_t coded) {
  return coded >> 1 ^ (0 - (coded & 1));
}

// Divides by a known factor, exactly or not at all: by the inverse of its odd part, modulo 2^32.
class Divider {
 public:
  explicit Divider(std::uint32_t factor)
      : factor_(factor), shift_(static_cast<unsigned>(std::countr_zero(factor))), inverse_(inverse(factor >> shift_)) {}
  std::uint32_t divided(std::uint32_t value) const {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value * inverse_) >> shift_);
  }
  // Whether it can be multiplied back, and is smaller than before: modulo 2^32 anything has a quotient by an odd factor.
  bool divides(std::uint32_t value, std::uint32_t quotient) const {
    return quotient * factor_ == value && zigzag(quotient) <= zigzag(value);
  }

 private:
  static std::uint32_t inverse(std::uint32_t odd) {
    std::uint32_t x = odd;  // right in three bits; each round doubles them
    for (int i = 0; i < 4; ++i) x *= 2 - odd * x;
    return x;
  }
  std::uint32_t factor_;
  unsigned shift_;
  std::uint32_t inverse_;
};

using Steps = std::array<std::uint32_t, block_max>;

std::uint32_t common_factor(const Steps& steps, std::size_t count) {
  std::uint32_t factor = 0;
  for (std::size_t i = 0; i < count && factor != 1; ++i) {
    const std::uint32_t step = steps[i];
    factor = std::gcd(factor, step >> 31 != 0 ? 0 - step : step);
  }
  return factor;
}

bool divide(const Steps& steps, std::size_t count, std::uint32_t factor, Steps& quotients) {
  const Divider divider{factor};
  bool exact = true;
  for (std::size_t i = 0; i < count; ++i) {
    quotients[i] = divider.divided(steps[i]);
    exact &= divider.divides(steps[i], quotients[i]);
  }
  return exact;
}

void pack(const std::uint32_t* coded, unsigned width, std::string& out) {
  char bytes[2 * 32];
  std::size_t size = 0;
  std::uint64_t word = 0;
  unsigned used = 0;
  for (std::size_t i = 0; i < group_max; ++i) {
    word |= std::uint64_t{coded[i]} << used;
    used += width;
    if (used < 32) continue;
    std::memcpy(bytes + size, &word, 4);
    size += 4;
    word >>= 32;
    used -= 32;
  }
  std::memcpy(bytes + size, &word, used / 8);
  out.append(bytes, 2 * width);
}

// Reads up to 8 bytes from the last of its 2 × width on.
template <unsigned width>
void unpack(const char* in, std::uint32_t* out) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    const auto one = [in](std::size_t bit) {
      std::uint64_t word;
      std::memcpy(&word, in + bit / 8, 8);
      return static_cast<std::uint32_t>(word >> (bit % 8) & ((std::uint64_t{1} << width) - 1));
    };
    ((out[i] = one(i * width)), ...);
  }(std::make_index_sequence<group_max>{});
}
template <>
void unpack<0>(const char*, std::uint32_t* out) {
  std::memset(out, 0, group_max * sizeof *out);
}

using Unpack = void (*)(const char*, std::uint32_t*);
constexpr std::array<Unpack, 16> unpackers{unpack<0>,  unpack<1>,  unpack<2>,  unpack<3>, unpack<4>,  unpack<5>,
                                           unpack<6>,  unpack<7>,  unpack<8>,  unpack<9>, unpack<10>, unpack<11>,
                                           unpack<12>, unpack<14>, unpack<18>, unpack<32>};

}  // namespace

void put_packed(std::span<const Value> values, PackState& state, std::string& out) {
  const std::size_t count = values.size();
  SALUS_ASSERT(count > 0 && count <= block_max);
  Steps steps, quotients{}, first{}, second{};
  for (std::size_t i = 0; i < count; ++i)
    steps[i] = static_cast<std::uint32_t>(values[i]) -
               (i == 0 ? state.value : static_cast<std::uint32_t>(values[i - 1]));
  state.value = static_cast<std::uint32_t>(values[count - 1]);
  if (std::all_of(steps.begin(), steps.begin() + count, [](std::uint32_t step) { return step == 0; })) {
    state.step = 0;
    out.push_back(static_cast<char>(all_equal));
    return;
  }
  std::uint8_t head = 0;
  if (state.factor == 1 || !divide(steps, count, state.factor, quotients)) {
    std::uint32_t fresh = common_factor(steps, count);
    if (fresh == 1 || !divide(steps, count, fresh, quotients)) {
      fresh = 1;
      quotients = steps;
    }
    if (fresh != state.factor) {
      head = flag_factor;
      state = {.value = state.value, .step = 0, .factor = fresh};
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    first[i] = zigzag(quotients[i]);
    second[i] = zigzag(quotients[i] - (i == 0 ? state.step : quotients[i - 1]));
  }
  state.step = quotients[count - 1];

  const std::size_t groups = (count + group_max - 1) / group_max;
  std::uint8_t seconds = 0;
  std::array<std::uint8_t, groups_max> codes{};
  for (std::size_t group = 0; group < groups; ++group) {
    std::uint32_t plain = 0, again = 0;
    for (std::size_t i = group * group_max; i < (group + 1) * group_max; ++i) {
      plain |= i < count ? first[i] : 0;
      again |= i < count ? second[i] : 0;
    }
    const bool use_second = std::bit_width(again) < std::bit_width(plain);
    if (use_second) seconds = static_cast<std::uint8_t>(seconds | 1U << group);
    codes[group] = width_codes[static_cast<std::size_t>(std::bit_width(use_second ? again : plain))];
  }
  Writer writer{out};
  writer.put(head);
  if (head & flag_factor) writer.put_varint(state.factor);
  writer.put(seconds);
  for (std::size_t group = 0; group < groups; group += 2)
    writer.put(static_cast<std::uint8_t>(codes[group] | (group + 1 < groups ? codes[group + 1] << 4 : 0)));
  for (std::size_t group = 0; group < groups; ++group)
    pack((seconds >> group & 1 ? second : first).data() + group * group_max, widths[codes[group]], out);
}

bool get_packed(Reader& reader, PackState& state, std::span<Value> out) {
  SALUS_ASSERT(!out.empty() && out.size() <= block_max);
  const auto head = reader.get<std::uint8_t>();
  if (head == all_equal) {
    std::fill(out.begin(), out.end(), static_cast<Value>(state.value));
    state.step = 0;
    return true;
  }
  if (head & flag_factor) {
    const std::uint64_t factor = reader.get_varint();
    if (factor == 0 || factor > ~std::uint32_t{0}) return false;
    state.factor = static_cast<std::uint32_t>(factor);
    state.step = 0;
  }
  const auto seconds = reader.get<std::uint8_t>();
  const std::size_t groups = (out.size() + group_max - 1) / group_max;
  const ByteView codes = reader.get_bytes((groups + 1) / 2);
  if (reader.failed() || head > flag_factor) return false;
  const char* const code_bytes = codes.data();
  std::array<std::uint8_t, groups_max> code;
  std::size_t size = 0;
  for (std::size_t group = 0; group < groups; ++group) {
    code[group] = static_cast<std::uint8_t>(code_bytes[group / 2] >> (group % 2 * 4) & 15);
    size += 2 * std::size_t{widths[code[group]]};
  }
  // Unpacking reads a little beyond; at a chunk's end from a copy.
  const bool near_end = reader.remaining() < size + 8;
  const ByteView data = reader.get_bytes(size);
  if (reader.failed()) return false;
  std::array<char, groups_max * 64 + 8> copy;
  if (near_end) {
    std::memcpy(copy.data(), data.data(), size);
    std::memset(copy.data() + size, 0, 8);
  }
  const char* at = near_end ? copy.data() : data.data();

  std::uint32_t value = state.value, step = state.step;
  const std::uint32_t factor = state.factor;
  alignas(64) std::array<std::uint32_t, group_max> coded;
  for (std::size_t group = 0; group < groups; ++group) {
    unpackers[code[group]](at, coded.data());
    at += 2 * std::size_t{widths[code[group]]};
    const std::size_t begin = group * group_max, count = std::min(group_max, out.size() - begin);
    Value* const to = out.data() + begin;
    const auto integrate = [&](std::size_t n) {
      if (seconds >> group & 1) {
        for (std::size_t i = 0; i < n; ++i) {
          step += unzigzag(coded[i]);
          value += step * factor;
          to[i] = static_cast<Value>(value);
        }
      } else {
        for (std::size_t i = 0; i < n; ++i) {
          step = unzigzag(coded[i]);
          value += step * factor;
          to[i] = static_cast<Value>(value);
        }
      }
    };
    count == group_max ? integrate(group_max) : integrate(count);
  }
  state.value = value;
  state.step = step;
  return true;
}

}  // namespace salus::series
