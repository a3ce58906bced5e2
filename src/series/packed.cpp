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

// Divides by a known factor, exactly or not at all: by the inverse of its odd part, modulo 2^32.
class Divider {
 public:
  explicit Divider(std::uint32_t factor)
      : factor_(factor), shift_(static_cast<unsigned>(std::countr_zero(factor))), inverse_(inverse(factor >> shift_)) {}
  std::uint32_t divided(std::uint32_t value) const {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value * inverse_) >> shift_);
  }
  // Whether it can be multiplied back, and is smaller than before: modulo 2^32 anything has a quotient by an odd
  // factor.
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

// Four lanes of 32 bits, and their bytes: the compiler's own vectors, the same values with any instruction set.
using Lanes = std::uint32_t __attribute__((vector_size(16)));
using Bytes = std::uint8_t __attribute__((vector_size(16)));
constexpr std::size_t read_beyond = 16;  // bytes that unpacking may read behind a group

Lanes spread(std::uint32_t value) {
  return Lanes{value, value, value, value};
}
// Each lane becomes the sum of those up to it.
Lanes running_sum(Lanes x) {
  constexpr Lanes zero{};
  x += __builtin_shufflevector(zero, x, 0, 4, 5, 6);
  return x + __builtin_shufflevector(zero, x, 0, 1, 4, 5);
}
Lanes last_everywhere(Lanes x) {
  return __builtin_shufflevector(x, x, 3, 3, 3, 3);
}

// Numbers 4 × quad to 4 × quad + 3 of a group. Every lane gets the four bytes in which its number begins, is multiplied
// so that all begin at bit 7, and shifted down. Requires a width of at most 25, so that four bytes hold number and
// offset.
template <unsigned width, unsigned quad>
Lanes unpack(const char* in) {
  Lanes lanes;
  if constexpr (width == 0) return Lanes{};
  if constexpr (width == 32) {
    std::memcpy(&lanes, in + quad * sizeof lanes, sizeof lanes);
    return lanes;
  } else {
    constexpr unsigned first = quad * 4 * width / 8, rest = quad * 4 * width % 8;
    constexpr auto byte = [](unsigned lane, unsigned i) { return (rest + lane * width) / 8 + i; };
    constexpr auto up = [](unsigned lane) { return std::uint32_t{1} << (7 - (rest + lane * width) % 8); };
    Bytes bytes;
    std::memcpy(&bytes, in + first, sizeof bytes);
    bytes = __builtin_shufflevector(bytes, bytes, byte(0, 0), byte(0, 1), byte(0, 2), byte(0, 3), byte(1, 0),
                                    byte(1, 1), byte(1, 2), byte(1, 3), byte(2, 0), byte(2, 1), byte(2, 2), byte(2, 3),
                                    byte(3, 0), byte(3, 1), byte(3, 2), byte(3, 3));
    std::memcpy(&lanes, &bytes, sizeof lanes);
    lanes = lanes * Lanes{up(0), up(1), up(2), up(3)} >> 7;
    return lanes & spread(static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1));
  }
}

// What goes from group to group, in every lane.
struct Carry {
  Lanes value, step, factor;
};

template <bool second>
void integrate(Lanes coded, Carry& carry, Value* out) {
  Lanes step = coded >> 1 ^ (Lanes{} - (coded & spread(1)));
  if constexpr (second) {
    step = running_sum(step) + carry.step;
    carry.step = last_everywhere(step);
  }
  const Lanes value = running_sum(step * carry.factor) + carry.value;
  carry.value = last_everywhere(value);
  if constexpr (!second) carry.step = last_everywhere(step);
  std::memcpy(out, &value, sizeof value);
}

template <unsigned width, bool second>
void unpack_group(const char* in, Carry& carry, Value* out) {
  integrate<second>(unpack<width, 0>(in), carry, out);
  integrate<second>(unpack<width, 1>(in), carry, out + 4);
  integrate<second>(unpack<width, 2>(in), carry, out + 8);
  integrate<second>(unpack<width, 3>(in), carry, out + 12);
}

using UnpackGroup = void (*)(const char*, Carry&, Value*);
template <bool second, std::size_t... code>
constexpr std::array<UnpackGroup, 16> unpackers_of(std::index_sequence<code...>) {
  return {unpack_group<widths[code], second>...};
}
constexpr std::array<std::array<UnpackGroup, 16>, 2> unpackers{unpackers_of<false>(std::make_index_sequence<16>{}),
                                                               unpackers_of<true>(std::make_index_sequence<16>{})};

}  // namespace

void put_packed(std::span<const Value> values, PackState& state, std::string& out) {
  const std::size_t count = values.size();
  SALUS_ASSERT(count > 0 && count <= block_max);
  Steps steps, quotients{}, first{}, second{};
  for (std::size_t i = 0; i < count; ++i)
    steps[i] =
        static_cast<std::uint32_t>(values[i]) - (i == 0 ? state.value : static_cast<std::uint32_t>(values[i - 1]));
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
  const bool near_end = reader.remaining() < size + read_beyond;
  const ByteView data = reader.get_bytes(size);
  if (reader.failed()) return false;
  std::array<char, groups_max * 64 + read_beyond> copy;
  if (near_end) {
    std::memcpy(copy.data(), data.data(), size);
    std::memset(copy.data() + size, 0, read_beyond);
  }
  const char* at = near_end ? copy.data() : data.data();
  Carry carry{spread(state.value), spread(state.step), spread(state.factor)};
  std::array<Value, group_max> last;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t begin = group * group_max, count = std::min(group_max, out.size() - begin);
    Value* const to = count == group_max ? out.data() + begin : last.data();
    unpackers[seconds >> group & 1][code[group]](at, carry, to);
    if (count < group_max) std::copy_n(last.data(), count, out.data() + begin);
    at += 2 * std::size_t{widths[code[group]]};
  }
  state.value = static_cast<std::uint32_t>(out.back());
  // Behind a block that is not full nothing follows.
  state.step = carry.step[3];
  return true;
}

}  // namespace salus::series
