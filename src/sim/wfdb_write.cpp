#include <chrono>

#include "sim/wfdb.hpp"

namespace salus::sim {
namespace {

// "360", "62.5": what three decimals hold.
std::string frequency_text(const series::Period& period) {
  const std::int64_t milli =
      (1'000'000'000'000 * std::int64_t{period.denominator} + period.numerator_ns / 2) / period.numerator_ns;
  std::string text = fmt::format("{}.{:03}", milli / 1000, milli % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string gain_text(std::int64_t milli) {
  return milli % 1000 == 0 ? std::to_string(milli / 1000) : fmt::format("{}.{:03}", milli / 1000, milli % 1000);
}

}  // namespace

Result<WfdbWriter> WfdbWriter::create(const std::filesystem::path& record, Time start, series::Period period,
                                      std::vector<WfdbSignal> signals) {
  if (signals.empty() || signals.size() > WfdbLimits::signals_max)
    return fail(ErrorCode::invalid, "A WFDB record has 1 to {} signals.", WfdbLimits::signals_max);
  WfdbWriter writer;
  writer.record_ = record;
  writer.start_ = start;
  writer.header_ = {.name = record.filename().string(), .period = period, .samples = 0, .signals = std::move(signals)};
  for (WfdbSignal& signal : writer.header_.signals) {
    signal.file = writer.header_.name + ".dat";
    signal.format = 16;
    signal.checksum = 0;
  }
  writer.out_.open(std::filesystem::path(record) += ".dat", std::ios::binary | std::ios::trunc);
  if (!writer.out_) return fail(ErrorCode::unavailable, "Cannot write '{}.dat'.", record.string());
  return writer;
}

void WfdbWriter::put(std::span<const std::int32_t> frame) {
  for (std::size_t i = 0; i < frame.size(); ++i) {
    WfdbSignal& signal = header_.signals[i];
    if (header_.samples == 0) signal.initial = frame[i];
    signal.checksum += frame[i] & 0xFFFF;
    signal.checksum &= 0xFFFF;
    const char bytes[2] = {static_cast<char>(frame[i] & 0xFF), static_cast<char>(frame[i] >> 8 & 0xFF)};
    out_.write(bytes, 2);
  }
  ++header_.samples;
}

Result<void> WfdbWriter::finish() {
  out_.close();
  const auto day = std::chrono::floor<std::chrono::days>(start_);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(start_ - day)};
  std::ofstream text{std::filesystem::path(record_) += ".hea", std::ios::trunc};
  text << fmt::format("{} {} {} {} {:02}:{:02}:{:02}.{:03} {:02}/{:02}/{:04}\n", header_.name, header_.signals.size(),
                      frequency_text(header_.period), header_.samples, clock.hours().count(), clock.minutes().count(),
                      clock.seconds().count(), clock.subseconds().count(), static_cast<unsigned>(date.day()),
                      static_cast<unsigned>(date.month()), static_cast<int>(date.year()));
  for (const WfdbSignal& signal : header_.signals)
    text << fmt::format("{} 16 {}({})/{} 16 0 {} {} 0 {}\n", signal.file, gain_text(signal.gain_milli), signal.baseline,
                        signal.unit, signal.initial, static_cast<std::int16_t>(signal.checksum), signal.description);
  text << "# Times are UTC.\n";
  text.close();
  if (!out_ || !text) return fail(ErrorCode::unavailable, "Cannot write '{}'; is the disk full?", record_.string());
  return {};
}

}  // namespace salus::sim
