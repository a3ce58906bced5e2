#include "sim/wfdb.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <numeric>

namespace salus::sim {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos) break;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// A leading decimal number as an integer of thousandths, and what follows it. "200.5(1024)/mV" is 200500 and
// "(1024)/mV".
std::optional<std::int64_t> take_milli(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t at = 0, digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
    if (value > 1'000'000'000) return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  if (digits == 0) return std::nullopt;
  value *= 1000;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (std::int64_t place = 100; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, place /= 10)
      value += (text[at] - '0') * place;
  }
  text.remove_prefix(at);
  return value;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int32_t> whole32(std::string_view text) {
  const auto value = whole(text);
  if (!value || *value < INT32_MIN || *value > INT32_MAX) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

Result<WfdbSignal> parse_signal(std::string_view line, std::size_t number) {
  const auto refuse = [&](std::string_view what) {
    return fail(ErrorCode::invalid, "Signal {} of the WFDB header: {}.", number, what);
  };
  const auto words = words_of(line);
  if (words.size() < 2) return refuse("a file name and a format are needed");
  WfdbSignal signal;
  signal.file = std::string(words[0]);
  if (signal.file.find('/') != std::string::npos || signal.file == ".." || signal.file == "-")
    return refuse("the file must lie beside the header");
  if (words[1] != "212" && words[1] != "16") return refuse("only formats 212 and 16 without skew or blocks are read");
  signal.format = words[1] == "212" ? 212 : 16;
  signal.gain_milli = 200'000;  // the standard's default
  signal.unit = "mV";
  bool has_baseline = false;
  if (words.size() > 2) {
    std::string_view rest = words[2];
    const auto gain = take_milli(rest);
    if (!gain) return refuse("the gain is not a number");
    if (*gain != 0) signal.gain_milli = *gain;
    if (rest.starts_with('(')) {
      const std::size_t close = rest.find(')');
      const auto baseline = close == std::string_view::npos ? std::nullopt : whole32(rest.substr(1, close - 1));
      if (!baseline) return refuse("the baseline is not a whole number");
      signal.baseline = *baseline;
      has_baseline = true;
      rest.remove_prefix(close + 1);
    }
    if (rest.starts_with('/'))
      signal.unit = std::string(rest.substr(1));
    else if (!rest.empty())
      return refuse("what follows the gain is not a unit");
  }
  // resolution, zero, initial value, checksum, block size, description
  std::int32_t numbers[5] = {12, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 5 && i + 3 < words.size(); ++i) {
    const auto value = whole32(words[i + 3]);
    if (!value) return refuse("one of resolution, zero, initial value, checksum and block size is not a whole number");
    numbers[i] = *value;
  }
  if (!has_baseline) signal.baseline = numbers[1];
  signal.initial = words.size() > 5 ? numbers[2] : numbers[1];
  signal.checksum = words.size() > 6 ? numbers[3] : INT32_MIN;
  if (words.size() > 8)
    signal.description = std::string(line.substr(static_cast<std::size_t>(words[8].data() - line.data())));
  while (!signal.description.empty() && (signal.description.back() == '\r' || signal.description.back() == ' '))
    signal.description.pop_back();
  return signal;
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  if (ec) return fail(ErrorCode::not_found, "There is no file '{}'.", path.string());
  if (size > bytes_max)
    return fail(ErrorCode::too_large, "'{}' has {} bytes; at most {} are read.", path.string(), size, bytes_max);
  std::ifstream in{path, std::ios::binary};
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(ErrorCode::unavailable, "Cannot read '{}'.", path.string());
  return bytes;
}

// 1/gain as multiplier / 10^exponent, exactly; nothing when it is no finite decimal of nine places.
std::optional<std::pair<std::uint32_t, std::uint8_t>> decimal_of(std::int64_t gain_milli) {
  std::int64_t power = 1;
  for (std::uint8_t exponent = 0; exponent <= 9; ++exponent, power *= 10)
    if (power * 1000 % gain_milli == 0)
      return std::pair{static_cast<std::uint32_t>(power * 1000 / gain_milli), exponent};
  return std::nullopt;
}

}  // namespace

Result<WfdbHeader> parse_wfdb_header(std::string_view text) {
  if (text.size() > WfdbLimits::header_bytes_max)
    return fail(ErrorCode::too_large, "The WFDB header is longer than {} bytes.", WfdbLimits::header_bytes_max);
  WfdbHeader header;
  std::size_t announced = 0;
  bool have_record = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (!have_record) {
      have_record = true;
      const auto count = words.size() > 1 ? whole(words[1]) : std::nullopt;
      if (words[0].find('/') != std::string_view::npos)
        return fail(ErrorCode::invalid, "WFDB records of several segments are not read.");
      if (!count || *count < 1 || *count > static_cast<std::int64_t>(WfdbLimits::signals_max))
        return fail(ErrorCode::invalid, "The WFDB header must announce 1 to {} signals.", WfdbLimits::signals_max);
      announced = static_cast<std::size_t>(*count);
      header.name = std::string(words[0]);
      std::int64_t hertz_milli = 250'000;  // the standard's default
      if (words.size() > 2) {
        std::string_view frequency = words[2];
        const auto parsed = take_milli(frequency);
        if (!parsed || *parsed < 1 || *parsed > 1'000'000'000)
          return fail(ErrorCode::invalid,
                      "The WFDB header's sampling frequency is not a rate from 0.001 to 1,000,000 Hz.");
        hertz_milli = *parsed;
      }
      const std::int64_t numerator = 1'000'000'000'000, common = std::gcd(numerator, hertz_milli);
      if (hertz_milli / common > series::Period::denominator_max)
        return fail(ErrorCode::invalid, "The WFDB header's sampling frequency has too many places.");
      header.period = {numerator / common, static_cast<std::uint32_t>(hertz_milli / common)};
      if (words.size() > 3) {
        const auto samples = whole(words[3]);
        if (!samples || *samples < 0 || static_cast<std::size_t>(*samples) > WfdbLimits::samples_max / announced)
          return fail(ErrorCode::too_large, "The WFDB header announces more samples than the {} that are read.",
                      WfdbLimits::samples_max);
        header.samples = static_cast<std::size_t>(*samples);
      }
      continue;
    }
    if (header.signals.size() == announced) break;
    auto signal = parse_signal(line, header.signals.size());
    if (!signal) return fail(signal.error());
    header.signals.push_back(std::move(*signal));
  }
  if (!have_record || header.signals.size() != announced)
    return fail(ErrorCode::invalid, "The WFDB header announces {} signals and describes {}.", announced,
                header.signals.size());
  return header;
}

Result<std::vector<std::int32_t>> decode_wfdb_samples(std::string_view bytes, int format) {
  const auto at = [&](std::size_t i) { return static_cast<std::int32_t>(static_cast<std::uint8_t>(bytes[i])); };
  std::vector<std::int32_t> samples;
  if (bytes.size() > WfdbLimits::samples_max) return fail(ErrorCode::too_large, "The WFDB signal file is too long.");
  if (format == 16) {
    if (bytes.size() % 2 != 0) return fail(ErrorCode::invalid, "A file of format 16 ends in half a sample.");
    samples.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); i += 2)
      samples.push_back(static_cast<std::int16_t>(at(i) | at(i + 1) << 8));
    return samples;
  }
  if (format != 212) return fail(ErrorCode::invalid, "Format {} is not read; 212 and 16 are.", format);
  if (bytes.size() % 3 == 1) return fail(ErrorCode::invalid, "A file of format 212 ends in half a sample.");
  const auto signed12 = [](std::int32_t value) { return value >= 0x800 ? value - 0x1000 : value; };
  samples.reserve(bytes.size() / 3 * 2 + 1);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 3) {
    samples.push_back(signed12(at(i) | (at(i + 1) & 0x0F) << 8));
    if (i + 2 < bytes.size()) samples.push_back(signed12(at(i + 2) | (at(i + 1) & 0xF0) << 4));
  }
  return samples;
}

std::string wave_code_of(std::string_view description) {
  if (description == "MLII" || description == "II") return "ecg_ii";
  if (description == "I") return "ecg_i";
  if (description == "III" || description == "MLIII") return "ecg_iii";
  if (description == "V1" || description == "V") return "ecg_v";
  if (description == "PLETH") return "pleth";
  if (description == "ABP" || description == "ART") return "art";
  if (description == "RESP") return "resp";
  return "ecg";
}

Result<Recording> read_wfdb(const std::filesystem::path& record) {
  auto text = read_file(std::filesystem::path(record) += ".hea", WfdbLimits::header_bytes_max);
  if (!text) return fail(text.error());
  auto header = parse_wfdb_header(*text);
  if (!header) return within(record.string(), header.error());
  const WfdbSignal& first = header->signals.front();
  for (const WfdbSignal& signal : header->signals)
    if (signal.file != first.file || signal.format != first.format)
      return fail(ErrorCode::invalid, "'{}': signals in several files are not read.", record.string());
  auto bytes = read_file(record.parent_path() / first.file, WfdbLimits::samples_max * 2);
  if (!bytes) return fail(bytes.error());
  auto interleaved = decode_wfdb_samples(*bytes, first.format);
  if (!interleaved) return within(first.file, interleaved.error());
  const std::size_t count = header->signals.size();
  const std::size_t frames = header->samples > 0 ? header->samples : interleaved->size() / count;
  if (interleaved->size() < frames * count)
    return fail(ErrorCode::invalid, "'{}' holds fewer samples than its header announces.", first.file);

  Recording recording;
  recording.name = header->name;
  for (std::size_t i = 0; i < count; ++i) {
    const WfdbSignal& signal = header->signals[i];
    RecordedWave wave;
    wave.code = wave_code_of(signal.description);
    for (const RecordedWave& other : recording.waves)
      if (other.code == wave.code) wave.code = wave.code == "ecg" ? "ecg_v" : "ecg";  // two leads, two channels
    wave.label = signal.description;
    wave.period = header->period;
    wave.offset = signal.baseline;
    const auto decimal = decimal_of(signal.gain_milli);
    if (!decimal)
      return fail(ErrorCode::invalid, "'{}': the gain of signal {} has no exact decimal inverse.", record.string(), i);
    std::tie(wave.multiplier, wave.exponent) = *decimal;
    wave.samples.reserve(frames);
    std::vector<bool> missing;
    std::uint16_t checksum = 0;
    for (std::size_t frame = 0; frame < frames; ++frame) {
      const std::int32_t sample = (*interleaved)[frame * count + i];
      checksum = static_cast<std::uint16_t>(checksum + sample);
      wave.samples.push_back(sample);
      missing.push_back(sample == wfdb_missing(first.format));
    }
    if (std::ranges::find(missing, true) != missing.end()) wave.missing = std::move(missing);
    if (signal.checksum != INT32_MIN && header->samples > 0 && checksum != static_cast<std::uint16_t>(signal.checksum))
      return fail(ErrorCode::damaged, "'{}': the checksum of signal {} differs.", first.file, i);
    recording.waves.push_back(std::move(wave));
  }
  return recording;
}

}  // namespace salus::sim
