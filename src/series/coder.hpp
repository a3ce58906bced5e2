// Adaptive binary arithmetic coding, in integers alone: the same bytes on every machine.
//
// A model is written once, as a template over Encoder and Decoder: `bit(model, value)` codes a known bit and returns
// it, or ignores `value` and returns the bit that is read. So the two can never disagree.
//
// Arithmetic: a bit costs about 3 ns either way; what it takes is within 0.1 % of −log2 of the model's probability.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace salus::series {

// The probability that a bit is set: the mean of a quick and a slow average, both of which begin as plain averages of
// what they have seen, so that few bits are needed to learn.
class AdaptiveBit {
 public:
  constexpr AdaptiveBit() = default;
  // As if `seen` bits had been seen with this probability (0 to 65535).
  constexpr AdaptiveBit(std::uint16_t probability, std::uint8_t seen)
      : quick_(probability), slow_(probability), seen_(seen) {}

  // 1 to 65535, of 65536.
  std::uint32_t probability() const {
    return std::clamp<std::uint32_t>((std::uint32_t{quick_} + slow_) >> 1, 32, 65'536 - 32);
  }
  // The averages end at 2^-quick and 2^-slow of the newest bit.
  template <unsigned quick, unsigned slow>
  void learn(bool bit) {
    const std::int32_t target = bit ? 65'535 : 0;
    const std::int32_t rate = rates[seen_];
    quick_ = static_cast<std::uint16_t>(
        quick_ + static_cast<std::int32_t>((std::int64_t{target - quick_} * std::max(rate, 65'536 >> quick)) >> 16));
    slow_ = static_cast<std::uint16_t>(
        slow_ + static_cast<std::int32_t>((std::int64_t{target - slow_} * std::max(rate, 65'536 >> slow)) >> 16));
    if (seen_ < rates.size() - 1) ++seen_;
  }

 private:
  // 65536 / (n + 1.6): a little less than a plain average trusts the first bits.
  static constexpr std::array<std::int32_t, 254> rates = [] {
    std::array<std::int32_t, 254> table{};
    for (std::int32_t i = 0; i < 254; ++i) table[static_cast<std::size_t>(i)] = 655'360 / (10 * i + 26);
    return table;
  }();
  std::uint16_t quick_ = 32'768;
  std::uint16_t slow_ = 32'768;
  std::uint8_t seen_ = 0;
};

// Both narrow an interval [low, high] of 32 bits; a first byte that both ends share is settled. After settling the ends
// differ in their first byte, so that the interval never vanishes.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  template <unsigned quick = 5, unsigned slow = 7>
  bool bit(AdaptiveBit& model, bool value) {
    narrow(model.probability(), value);
    model.learn<quick, slow>(value);
    return value;
  }
  // Requires: count <= 56; value below 2^count.
  std::uint64_t plain(std::uint64_t value, unsigned count) {
    for (unsigned i = count; i-- > 0;) narrow(32'768, (value >> i & 1) != 0);
    return value;
  }
  // As few bytes as leave no doubt; a decoder takes what is missing for zeros.
  void finish() {
    for (unsigned bytes = 0; bytes < 4; ++bytes) {
      const unsigned shift = 32 - 8 * bytes;
      const std::uint64_t unit = std::uint64_t{1} << shift;
      const std::uint64_t up = (std::uint64_t{low_} + unit - 1) / unit * unit;  // the first multiple within
      if (up > high_) continue;
      for (unsigned i = 0; i < bytes; ++i) out_.push_back(static_cast<char>(up >> (24 - 8 * i)));
      return;
    }
    for (int shift = 24; shift >= 0; shift -= 8) out_.push_back(static_cast<char>(low_ >> shift));
  }

 private:
  void narrow(std::uint32_t probability, bool value) {
    const std::uint32_t middle = low_ + static_cast<std::uint32_t>((std::uint64_t{high_ - low_} * probability) >> 16);
    (value ? high_ : low_) = value ? middle : middle + 1;
    while (((low_ ^ high_) >> 24) == 0) {
      out_.push_back(static_cast<char>(high_ >> 24));
      low_ <<= 8;
      high_ = high_ << 8 | 255;
    }
  }
  std::string& out_;
  std::uint32_t low_ = 0;
  std::uint32_t high_ = ~std::uint32_t{0};
};

// Past its end it reads zeros: what it yields is then wrong but bounded, and the chunk's checks tell.
class Decoder {
 public:
  explicit Decoder(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {
    for (int i = 0; i < 4; ++i) take();
  }

  template <unsigned quick = 5, unsigned slow = 7>
  bool bit(AdaptiveBit& model, bool = false) {
    const bool value = narrow(model.probability());
    model.learn<quick, slow>(value);
    return value;
  }
  std::uint64_t plain(std::uint64_t, unsigned count) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) value = value << 1 | (narrow(32'768) ? 1U : 0U);
    return value;
  }

 private:
  bool narrow(std::uint32_t probability) {
    const std::uint32_t middle = low_ + static_cast<std::uint32_t>((std::uint64_t{high_ - low_} * probability) >> 16);
    const bool value = code_ <= middle;
    (value ? high_ : low_) = value ? middle : middle + 1;
    while (((low_ ^ high_) >> 24) == 0) {
      low_ <<= 8;
      high_ = high_ << 8 | 255;
      take();
    }
    return value;
  }
  void take() { code_ = code_ << 8 | (at_ < end_ ? static_cast<std::uint8_t>(*at_++) : 0U); }

  const char* at_;
  const char* end_;
  std::uint32_t low_ = 0;
  std::uint32_t high_ = ~std::uint32_t{0};
  std::uint32_t code_ = 0;
};

}  // namespace salus::series
