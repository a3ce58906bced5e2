#include <algorithm>
#include <chrono>

#include "device/code.hpp"
#include "sim/edf.hpp"

namespace salus::sim {
namespace {

constexpr std::size_t annotation_samples = 120;  // 240 bytes of each record
constexpr std::size_t field_physical = 8;

// Left-justified ASCII; what is no printable ASCII becomes '_'.
std::string field(std::string_view text, std::size_t width) {
  std::string out(text.substr(0, width));
  for (char& c : out)
    if (c < 0x20 || c > 0x7E) c = '_';
  out.resize(width, ' ');
  return out;
}

// EDF+ separates subfields by spaces.
std::string subfield(std::string_view text) {
  std::string out = text.empty() ? "X" : std::string(text);
  std::ranges::replace(out, ' ', '_');
  return out;
}

std::string decimal(std::int64_t value, unsigned scale) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  if (scale > 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return value < 0 ? "-" + digits : digits;
}

std::string seconds_text(std::int64_t ns) {
  return decimal(ns, 9);
}

// The least round limit of the samples whose physical values fit their fields.
std::optional<std::int32_t> digital_limit(const EdfSignal& signal) {
  for (std::int32_t round = 10'000; round > 0; round /= 10) {
    const std::int32_t limit = (signal.highest + round - 1) / round * round;
    if (limit > 32'767 || limit == 0) continue;
    const bool fits = std::ranges::all_of(std::initializer_list<std::int64_t>{-limit, limit}, [&](std::int64_t end) {
      return decimal(end * signal.step + signal.base, signal.scale).size() <= field_physical;
    });
    if (fits) return limit;
  }
  return std::nullopt;
}

std::int64_t samples_in(const series::Period& period, std::int64_t seconds) {
  const std::int64_t ns = seconds * 1'000'000'000 * period.denominator;
  return ns % period.numerator_ns == 0 ? ns / period.numerator_ns : 0;
}

// "+12.5" 0x15 "3" 0x14 text 0x14 0x00
std::string time_stamped(const EdfAnnotation& annotation) {
  std::string out = "+" + seconds_text(annotation.at_ns);
  if (annotation.length_ns > 0) out += "\x15" + seconds_text(annotation.length_ns);
  out += '\x14';
  for (const char c : annotation.text.substr(0, 160)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return out + '\x14' + '\0';
}

std::string unit_text(std::string_view ucum) {
  return ucum == "mm[Hg]" ? "mmHg" : ucum == "1" ? "" : std::string(ucum);
}

}  // namespace

std::int64_t EdfWriter::record_seconds(const std::vector<EdfSignal>& signals) {
  for (std::int64_t seconds = 1; seconds <= 10; ++seconds) {
    std::size_t bytes = 2 * annotation_samples;
    bool whole = true;
    for (const EdfSignal& signal : signals) {
      const std::int64_t count = samples_in(signal.period, seconds);
      whole = whole && count > 0;
      bytes += 2 * static_cast<std::size_t>(count);
    }
    if (whole && bytes <= EdfLimits::record_bytes_max) return seconds;
  }
  return 0;
}

Result<EdfWriter> EdfWriter::create(const std::filesystem::path& file, Time start, std::string_view patient,
                                    std::string_view recording, std::vector<EdfSignal> signals) {
  EdfWriter writer;
  writer.path_ = file;
  writer.start_ = start;
  writer.patient_ = subfield(patient);
  writer.recording_ = subfield(recording);
  writer.seconds_ = record_seconds(signals);
  if (writer.seconds_ == 0 || signals.empty() || signals.size() >= EdfLimits::signals_max)
    return fail(ErrorCode::invalid, "EDF can not hold these rates together; export them one by one.");
  for (const EdfSignal& signal : signals)
    if (!digital_limit(signal))
      return fail(ErrorCode::invalid, "EDF can not hold '{}': its range does not fit eight characters; use WFDB.",
                  signal.code);
  writer.signals_ = std::move(signals);
  writer.out_.open(file, std::ios::binary | std::ios::trunc);
  writer.out_ << writer.header();  // once more at the end, with what is known then
  if (!writer.out_) return fail(ErrorCode::unavailable, "Cannot write '{}'.", file.string());
  return writer;
}

std::string EdfWriter::header() const {
  const std::chrono::sys_seconds second = std::chrono::floor<std::chrono::seconds>(start_);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{second - day};
  constexpr const char* months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()), of_month = static_cast<unsigned>(date.day());
  const std::size_t count = signals_.size() + 1;
  std::string out =
      field("0", 8) + field(patient_ + " X X X", 80) +
      field(fmt::format("Startdate {:02}-{}-{:04} X X {}", of_month, months[month - 1], year, recording_), 80) +
      field(fmt::format("{:02}.{:02}.{:02}", of_month, month, year % 100), 8) +
      field(fmt::format("{:02}.{:02}.{:02}", clock.hours().count(), clock.minutes().count(), clock.seconds().count()),
            8) +
      field(std::to_string(256 * (count + 1)), 8) + field(continuous_ ? "EDF+C" : "EDF+D", 44) +
      field(std::to_string(records_), 8) + field(std::to_string(seconds_), 8) + field(std::to_string(count), 4);
  const auto each = [&](std::size_t width, const auto& of_signal, std::string_view of_annotations) {
    for (const EdfSignal& signal : signals_) out += field(of_signal(signal), width);
    out += field(of_annotations, width);
  };
  const auto physical = [](const EdfSignal& signal, int sign) {
    return decimal(std::int64_t{sign} * *digital_limit(signal) * signal.step + signal.base, signal.scale);
  };
  each(16, [](const EdfSignal& signal) { return edf_label_of(signal.code); }, "EDF Annotations");
  each(80, [](const EdfSignal&) { return ""; }, "");
  each(8, [](const EdfSignal& signal) { return unit_text(signal.unit); }, "");
  each(8, [&](const EdfSignal& signal) { return physical(signal, -1); }, "-1");
  each(8, [&](const EdfSignal& signal) { return physical(signal, 1); }, "1");
  each(8, [](const EdfSignal& signal) { return std::to_string(-*digital_limit(signal)); }, "-32768");
  each(8, [](const EdfSignal& signal) { return std::to_string(*digital_limit(signal)); }, "32767");
  each(80, [](const EdfSignal&) { return ""; }, "");
  each(
      8, [&](const EdfSignal& signal) { return std::to_string(samples_in(signal.period, seconds_)); },
      std::to_string(annotation_samples));
  each(32, [](const EdfSignal&) { return ""; }, "");
  return out;
}

Result<void> EdfWriter::put(std::int64_t number, const std::vector<std::vector<std::int32_t>>& samples,
                            std::vector<EdfAnnotation> annotations) {
  continuous_ = continuous_ && number == next_;
  next_ = number + 1;
  ++records_;
  std::string out;
  for (const std::vector<std::int32_t>& channel : samples)
    for (const std::int32_t sample : channel) {
      out += static_cast<char>(sample & 0xFF);
      out += static_cast<char>(sample >> 8 & 0xFF);
    }
  const std::int64_t fraction_ns = ns_of(start_) - ns_of(std::chrono::floor<std::chrono::seconds>(start_));
  const auto from_second = [&](std::int64_t ns) { return ns + fraction_ns; };
  std::string said = "+" + seconds_text(from_second(number * seconds_ * 1'000'000'000)) + "\x14\x14" + '\0';
  waiting_.insert(waiting_.end(), annotations.begin(), annotations.end());
  std::size_t taken = 0;
  for (; taken < waiting_.size(); ++taken) {
    EdfAnnotation annotation = waiting_[taken];
    annotation.at_ns = from_second(annotation.at_ns);
    const std::string text = time_stamped(annotation);
    if (said.size() + text.size() > 2 * annotation_samples) break;
    said += text;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
  said.resize(2 * annotation_samples, '\0');
  out_ << out << said;
  if (!out_) return fail(ErrorCode::unavailable, "Cannot write '{}'; is the disk full?", path_.string());
  return {};
}

Result<void> EdfWriter::finish() {
  out_.seekp(0);
  out_ << header();
  out_.close();
  if (!out_) return fail(ErrorCode::unavailable, "Cannot write '{}'; is the disk full?", path_.string());
  return {};
}

}  // namespace salus::sim
