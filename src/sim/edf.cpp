#include "sim/edf.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/text.hpp"
#include "device/code.hpp"
#include "device/unit.hpp"

namespace salus::sim {
namespace {

struct Label {
  std::string_view code, label;
};
constexpr Label labels[] = {{"ecg_i", "ECG I"}, {"ecg_ii", "ECG II"}, {"ecg_iii", "ECG III"}, {"ecg_v", "ECG V"},
                            {"ecg", "ECG"},     {"resp", "Resp"},     {"pleth", "Pleth"},     {"art", "ART"}};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<std::int64_t> whole(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A decimal of at most nine places, in units of 10^-9: "-32.5" is -32,500,000,000.
std::optional<std::int64_t> billionths(std::string_view text) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  int places = -1;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && places < 0) {
      places = 0;
      continue;
    }
    if (c < '0' || c > '9' || places == 9 || value > 90'000'000'000'000'000) return std::nullopt;
    value = value * 10 + (c - '0');
    places += places >= 0 ? 1 : 0;
    any = true;
  }
  for (int i = std::max(places, 0); i < 9; ++i) {
    if (value > INT64_MAX / 10) return std::nullopt;
    value *= 10;
  }
  if (!any) return std::nullopt;
  return negative ? -value : value;
}

struct Signal {
  std::string label, code;
  std::int64_t physical_low = 0, physical_high = 0;  // billionths of the code's unit
  std::int64_t digital_low = 0, digital_high = 0;
  std::size_t samples = 0;  // in a record
  std::size_t offset = 0;   // bytes from the record's beginning
  bool is_annotations() const { return label == "EDF Annotations"; }
};

struct Header {
  std::size_t bytes = 0, records = 0, record_bytes = 0;
  std::int64_t record_ns = 0;
  bool interrupted = false;  // EDF+D
  std::vector<Signal> signals;
};

class HeaderReader {
 public:
  explicit HeaderReader(std::string_view bytes) : bytes_(bytes) {}

  Result<Header> read() {
    if (bytes_.size() < 256 || trimmed(bytes_.substr(0, 8)) != "0") return refuse("it does not begin as EDF does");
    const auto head = whole(bytes_.substr(184, 8)), records = whole(bytes_.substr(236, 8)),
               count = whole(bytes_.substr(252, 4));
    const auto seconds = billionths(bytes_.substr(244, 8));
    if (!count || *count < 1 || *count > static_cast<std::int64_t>(EdfLimits::signals_max))
      return refuse("it must have 1 to 64 signals");
    if (!head || *head != 256 * (*count + 1) || bytes_.size() < static_cast<std::size_t>(*head))
      return refuse("its header is not as long as its signals need");
    if (!seconds || *seconds <= 0) return refuse("its records have no length");
    header_.bytes = static_cast<std::size_t>(*head);
    header_.record_ns = *seconds;
    header_.interrupted = bytes_.substr(192, 5) == "EDF+D";
    for (std::int64_t i = 0; i < *count; ++i)
      if (auto done = signal(static_cast<std::size_t>(i), static_cast<std::size_t>(*count)); !done)
        return fail(done.error());
    const std::size_t there = (bytes_.size() - header_.bytes) / header_.record_bytes;
    header_.records = records && *records >= 0 ? static_cast<std::size_t>(*records) : there;
    if (header_.records > there) return refuse("it holds fewer records than it announces");
    return header_;
  }

 private:
  static tl::unexpected<Error> refuse(std::string_view what) {
    return fail(ErrorCode::invalid, "This is no EDF file that can be read: {}.", what);
  }

  Result<void> signal(std::size_t i, std::size_t count) {
    const auto column = [&](std::size_t before, std::size_t width) {
      return bytes_.substr(256 + before * count + i * width, width);
    };
    Signal signal;
    signal.label = trimmed(column(0, 16));
    const std::string unit{trimmed(column(96, 8))};
    const auto low = billionths(column(104, 8)), high = billionths(column(112, 8));
    const auto digital_low = whole(column(120, 8)), digital_high = whole(column(128, 8));
    const auto samples = whole(column(216, 8));
    if (!low || !high || !digital_low || !digital_high || *low == *high || *digital_low >= *digital_high ||
        *digital_low < -32'768 || *digital_high > 32'767)
      return refuse(fmt::format("signal {} has no range", i));
    if (!samples || *samples < 1 || *samples > 1'000'000)
      return refuse(fmt::format("signal {} has no samples in a record", i));
    const std::int64_t shrink = unit == "uV" ? 1'000 : 1;  // ECG is kept in mV
    signal.physical_low = *low / shrink;
    signal.physical_high = *high / shrink;
    signal.digital_low = *digital_low;
    signal.digital_high = *digital_high;
    signal.samples = static_cast<std::size_t>(*samples);
    signal.offset = header_.record_bytes;
    signal.code = signal.is_annotations() ? std::string{} : code_of_edf_label(signal.label);
    header_.record_bytes += 2 * signal.samples;
    header_.signals.push_back(std::move(signal));
    return {};
  }

  std::string_view bytes_;
  Header header_;
};

// Time-stamped annotation lists of one record.
struct Annotation {
  std::int64_t at_ns = 0, length_ns = 0;
  std::string_view text;
};
std::vector<Annotation> annotations_of(std::string_view bytes) {
  std::vector<Annotation> found;
  while (!bytes.empty() && (bytes.front() == '+' || bytes.front() == '-')) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    std::string_view list = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const std::size_t stamp_end = std::min(list.find('\x14'), list.size());
    const std::string_view stamp = list.substr(0, stamp_end);
    list.remove_prefix(std::min(stamp_end + 1, list.size()));
    const std::size_t bar = stamp.find('\x15');
    const auto at = billionths(stamp.substr(0, bar));
    const auto length =
        bar == std::string_view::npos ? std::optional<std::int64_t>{0} : billionths(stamp.substr(bar + 1));
    if (!at || !length) break;
    do {
      const std::size_t text_end = std::min(list.find('\x14'), list.size());
      found.push_back({*at, *length, list.substr(0, text_end)});
      list.remove_prefix(std::min(text_end + 1, list.size()));
    } while (!list.empty());
  }
  return found;
}

// (sample - offset) × multiplier / 10^exponent; up to a hundred times finer where the zero lies between two
// integers.
void set_scale(const Signal& signal, RecordedWave& wave, std::int32_t& finer) {
  const __int128 span = __int128{signal.physical_high} - signal.physical_low;  // billionths
  const std::int64_t steps = signal.digital_high - signal.digital_low;
  // Zero lies at digital_low - physical_low × steps / span.
  const __int128 zero_numerator = __int128{signal.physical_low} * steps;
  finer = 1;
  while (finer < 100 && zero_numerator * finer % span != 0) ++finer;
  if (span < 0) finer = -finer;  // upside down
  const __int128 zero = zero_numerator * finer / span;
  wave.offset =
      static_cast<std::int32_t>(std::clamp<__int128>(signal.digital_low * finer - zero, INT32_MIN, INT32_MAX));
  // multiplier / 10^exponent = span / (steps × finer × 10^9): the shortest that is exact, else nine places.
  __int128 up = span < 0 ? -span : span, down = __int128{steps} * (finer < 0 ? -finer : finer);
  std::uint8_t exponent = 9;
  while (exponent > 0 && up % (down * 10) == 0) {
    up /= 10;
    --exponent;
  }
  wave.exponent = exponent;
  wave.multiplier = static_cast<std::uint32_t>(std::clamp<__int128>((up + down / 2) / down, 1, UINT32_MAX));
}

}  // namespace

std::string edf_label_of(std::string_view code) {
  for (const Label& one : labels)
    if (one.code == code) return std::string(one.label);
  return std::string(code);
}

std::string code_of_edf_label(std::string_view label) {
  for (const Label& one : labels)
    if (one.label == label) return std::string(one.code);
  const device::Code code = device::find_code(label);
  if (code == device::no_code || device::info(code).kind != device::CodeKind::wave) return {};
  return std::string(device::info(code).alias());
}

Result<Recording> parse_edf(std::string_view bytes, std::string name) {
  if (bytes.size() > EdfLimits::bytes_max)
    return fail(ErrorCode::too_large, "The EDF file has {} bytes; at most {} are read.", bytes.size(),
                EdfLimits::bytes_max);
  const Result<Header> header = HeaderReader{bytes}.read();
  if (!header) return fail(header.error());
  std::vector<std::int64_t> begins(header->records);  // of each record, after the first
  std::vector<std::pair<std::string_view, Annotation>> gaps;
  std::int64_t first_ns = 0;
  for (std::size_t record = 0; record < header->records; ++record) {
    begins[record] = static_cast<std::int64_t>(record) * header->record_ns;
    bool told = false;
    for (const Signal& signal : header->signals) {
      if (!signal.is_annotations()) continue;
      const auto said = annotations_of(
          bytes.substr(header->bytes + record * header->record_bytes + signal.offset, 2 * signal.samples));
      if (!said.empty() && !told) {
        if (record == 0) first_ns = said.front().at_ns;
        if (header->interrupted) begins[record] = said.front().at_ns - first_ns;
        told = true;
      }
      for (const Annotation& one : said)
        if (one.text.starts_with("Gap ")) gaps.emplace_back(one.text.substr(4), one);
    }
    if (record > 0 && begins[record] < begins[record - 1] + header->record_ns)
      return fail(ErrorCode::invalid, "Record {} of the EDF file begins before the one before it ends.", record);
  }
  const std::int64_t end_ns = begins.empty() ? 0 : begins.back() + header->record_ns;

  Recording recording;
  recording.name = std::move(name);
  std::size_t total = 0;
  for (const Signal& signal : header->signals) {
    if (signal.code.empty()) continue;
    RecordedWave wave;
    wave.code = signal.code;
    wave.label = signal.label;
    const std::int64_t common = std::gcd(header->record_ns, static_cast<std::int64_t>(signal.samples));
    wave.period = {header->record_ns / common,
                   static_cast<std::uint32_t>(static_cast<std::int64_t>(signal.samples) / common)};
    if (!wave.period.is_valid())
      return fail(ErrorCode::invalid, "Signal '{}' has a rate that is not read.", signal.label);
    const __int128 places = __int128{end_ns} * wave.period.denominator / wave.period.numerator_ns;
    total += places > 0 && places < 1'000'000'000 ? static_cast<std::size_t>(places) : 1'000'000'000;
    if (total > EdfLimits::bytes_max / 4)
      return fail(ErrorCode::too_large, "The EDF file spans more samples than the {} that are read.",
                  EdfLimits::bytes_max / 4);
    std::int32_t finer = 1;
    set_scale(signal, wave, finer);
    wave.samples.assign(static_cast<std::size_t>(places), 0);
    wave.missing.assign(static_cast<std::size_t>(places), true);
    const auto index_of = [&](std::int64_t ns) {
      const __int128 index =
          (__int128{ns} * wave.period.denominator + wave.period.numerator_ns / 2) / wave.period.numerator_ns;
      return static_cast<std::size_t>(std::clamp<__int128>(index, 0, places));
    };
    for (std::size_t record = 0; record < header->records; ++record) {
      std::size_t at = index_of(begins[record]);
      const char* data = bytes.data() + header->bytes + record * header->record_bytes + signal.offset;
      for (std::size_t i = 0; i < signal.samples && at < wave.samples.size(); ++i, ++at) {
        const auto low = static_cast<std::uint8_t>(data[2 * i]);
        wave.samples[at] = static_cast<std::int16_t>(low | static_cast<std::uint8_t>(data[2 * i + 1]) << 8) * finer;
        wave.missing[at] = false;
      }
    }
    for (const auto& [code, gap] : gaps) {
      if (code != signal.code) continue;
      const std::size_t to = index_of(gap.at_ns - first_ns + gap.length_ns);
      for (std::size_t at = index_of(gap.at_ns - first_ns); at < to; ++at) wave.missing[at] = true;
    }
    recording.waves.push_back(std::move(wave));
  }
  if (recording.waves.empty())
    return fail(ErrorCode::invalid,
                "The EDF file has no signal that is known by its label, such as 'ECG II' or 'Resp'.");
  return recording;
}

Result<Recording> read_edf(const std::filesystem::path& file) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(file, ec);
  if (ec) return fail(ErrorCode::not_found, "There is no file '{}'.", file.string());
  if (size > EdfLimits::bytes_max)
    return fail(ErrorCode::too_large, "'{}' has {} bytes; at most {} are read.", file.string(), size,
                EdfLimits::bytes_max);
  std::ifstream in{file, std::ios::binary};
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(ErrorCode::unavailable, "Cannot read '{}'.", file.string());
  auto recording = parse_edf(bytes, file.stem().string());
  if (!recording) return within(file.string(), recording.error());
  return recording;
}

}  // namespace salus::sim
