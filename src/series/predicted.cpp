#include "series/predicted.hpp"

#include <bit>
#include <vector>

#include "series/coder.hpp"

namespace salus::series {
namespace {

constexpr int taps = 16;
constexpr std::int32_t history_max = 4'095;
constexpr std::int32_t weight_max = (1 << 18) - 1;  // 4.0
constexpr unsigned shift_max = 25;                  // a prediction is then below 2^43, and what it left below 2^44

// Predicts a difference from the sixteen before it. Weights have 16 fractional bits; a product of weight (less four
// bits) and history has 26 bits and a sum of sixteen 30, so that 32 bits hold it.
class Filter {
 public:
  explicit Filter(unsigned shift) : shift_(shift) { weights_[taps - 1] = 40'000; }

  std::int64_t predict() {
    std::int32_t sum = 0;
    for (int i = 0; i < taps; ++i) sum += (weights_[i] >> 4) * history_[i];
    predicted_ = (sum + (1 << 11)) >> 12;
    return std::int64_t{predicted_} << shift_;
  }
  void learn(std::int64_t step) {
    const auto seen = static_cast<std::int32_t>(std::clamp<std::int64_t>(step >> shift_, -history_max, history_max));
    const std::int64_t error = seen - predicted_;
    // A step of 1/128 along the history, by its energy: never farther than the sample just seen asks for.
    const std::int64_t gain = (error << 17) / (energy_ + taps);
    const auto g = static_cast<std::int32_t>(std::clamp<std::int64_t>(gain, -gain_max, gain_max));
    for (int i = 0; i < taps; ++i)
      weights_[i] = std::clamp(weights_[i] + ((g * history_[i] + 128) >> 8), -weight_max, weight_max);
    energy_ += std::int64_t{seen} * seen - std::int64_t{history_[0]} * history_[0];
    for (int i = 0; i + 1 < taps; ++i) history_[i] = history_[i + 1];
    history_[taps - 1] = seen;
  }

 private:
  static constexpr std::int64_t gain_max = (1 << 18) - 1;  // times a history of 12 bits: 30 bits
  unsigned shift_;
  std::int32_t predicted_ = 0;
  std::int64_t energy_ = 0;
  std::array<std::int32_t, taps> weights_{};
  std::array<std::int32_t, taps> history_{};
};

constexpr unsigned quotient_max = 20;  // ones of a quotient; then the rest follows plainly
constexpr unsigned plain_bits = 44;

// Codes what prediction left: its size as a quotient by 2^k and the rest, k from how large rests have been.
template <class Coder>
class Rests {
 public:
  explicit Rests(Coder& coder) : coder_(coder), contexts_(levels * 3) {}

  std::int64_t next(std::int64_t rest) {
    Context& context = contexts_[place()];
    const auto size = static_cast<std::uint64_t>(rest < 0 ? -rest : rest);
    const int mean_bits = std::bit_width(slow_ >> 4);
    const unsigned k = mean_bits > 2 ? static_cast<unsigned>(mean_bits) - 2 : 0;
    std::uint64_t quotient = 0;
    while (quotient < quotient_max && coder_.bit(context.quotient[quotient], (size >> k) > quotient)) ++quotient;
    std::uint64_t found = 0;
    if (quotient == quotient_max) {
      found = coder_.plain(size, plain_bits);
    } else {
      found = quotient << k | low_bits(context, size, quotient, k);
    }
    const bool negative = found != 0 && coder_.plain(rest < 0 ? 1 : 0, 1) != 0;
    slow_ += (found * 16 + 8) / 16 - (slow_ + 8) / 16;
    quick_ += (found * 16 + 2) / 4 - (quick_ + 2) / 4;
    return negative ? -static_cast<std::int64_t>(found) : static_cast<std::int64_t>(found);
  }

 private:
  static constexpr std::size_t levels = 24;
  struct Context {
    std::array<AdaptiveBit, quotient_max> quotient;
    std::array<AdaptiveBit, 8> high;
    std::array<AdaptiveBit, 16> next;
  };

  // Half octaves of the slow mean, and whether the quick one is well above or below it.
  std::size_t place() const {
    const std::uint64_t mean = slow_ + 8;
    const auto bits = static_cast<std::size_t>(std::bit_width(mean));  // at least 4
    std::size_t level = 2 * (bits - 4) + (mean >> (bits - 2) & 1);
    if (level >= levels) level = levels - 2 + level % 2;
    const std::size_t trend = quick_ * 2 > slow_ * 3 ? 2 : quick_ * 3 < slow_ * 2 ? 0 : 1;
    return level * 3 + trend;
  }
  std::uint64_t low_bits(Context& context, std::uint64_t size, std::uint64_t quotient, unsigned k) {
    if (k == 0) return 0;
    const auto near = static_cast<std::size_t>(std::min<std::uint64_t>(quotient, 7));
    std::uint64_t low = coder_.bit(context.high[near], (size >> (k - 1) & 1) != 0) ? 1 : 0;
    if (k == 1) return low;
    low = low << 1 | (coder_.bit(context.next[2 * near + low], (size >> (k - 2) & 1) != 0) ? 1U : 0U);
    return low << (k - 2) | coder_.plain(size & ((std::uint64_t{1} << (k - 2)) - 1), k - 2);
  }

  Coder& coder_;
  std::vector<Context> contexts_;
  std::uint64_t slow_ = 16 << 4;  // means of sizes, in sixteenths
  std::uint64_t quick_ = 16 << 4;
};

// Waves of more than 12 bits are seen by the filter without their lowest ones.
unsigned shift_for(std::span<const std::int64_t> steps) {
  if (steps.empty()) return 0;
  std::uint64_t sum = 0;
  for (const std::int64_t step : steps) sum += static_cast<std::uint64_t>(step < 0 ? -step : step);
  const auto bits = static_cast<unsigned>(std::bit_width(sum / steps.size()));
  return bits > 9 ? std::min(bits - 9, shift_max) : 0;
}

}  // namespace

void put_predicted(std::span<const std::int64_t> steps, std::string& out) {
  const unsigned shift = shift_for(steps);
  out.push_back(static_cast<char>(shift));
  Encoder encoder{out};
  Filter filter{shift};
  Rests<Encoder> rests{encoder};
  for (const std::int64_t step : steps) {
    rests.next(step - filter.predict());
    filter.learn(step);
  }
  encoder.finish();
}

bool get_predicted(ByteView bytes, std::span<std::int64_t> out) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes.front()) > shift_max) return false;
  Filter filter{static_cast<std::uint8_t>(bytes.front())};
  Decoder decoder{bytes.substr(1)};
  Rests<Decoder> rests{decoder};
  for (std::int64_t& step : out) {
    const std::int64_t predicted = filter.predict();
    step = predicted + rests.next(0);
    filter.learn(step);
  }
  return true;
}

}  // namespace salus::series
