#include "sim/bidmc.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <numeric>

#include "sim/wfdb.hpp"

namespace salus::sim {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (cells.size() <= CsvLimits::columns_max) {
    const std::size_t comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    line.remove_prefix(comma + 1);
  }
  return cells;
}

bool is_missing(std::string_view cell) {
  return cell.empty() || cell == "NaN" || cell == "nan";
}

// Decimal text as an integer of 10^-places; nothing when it is none or has more places that are not zero.
std::optional<std::int64_t> scaled(std::string_view text, int places) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t value = 0;
  int after = -1;
  bool digits = false;
  for (const char c : text) {
    if (c == '.' && after < 0) {
      after = 0;
      continue;
    }
    if (c < '0' || c > '9' || value > INT64_MAX / 100) return std::nullopt;
    digits = true;
    if (after >= places) {
      if (c != '0') return std::nullopt;
      continue;
    }
    value = value * 10 + (c - '0');
    if (after >= 0) ++after;
  }
  if (!digits) return std::nullopt;
  for (int i = std::max(after, 0); i < places; ++i) {
    if (value > INT64_MAX / 10) return std::nullopt;
    value *= 10;
  }
  return negative ? -value : value;
}

// Calls `row` with each line's cells; the first line is the header's. Errors: invalid, with the line.
template <class Row>
Result<std::vector<std::string>> each_row(std::string_view text, Row row) {
  if (text.size() > CsvLimits::bytes_max)
    return fail(ErrorCode::too_large, "The CSV file is longer than {} bytes.", CsvLimits::bytes_max);
  std::vector<std::string> header;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto cells = cells_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (header.empty()) {
      if (cells.size() < 2 || cells.size() > CsvLimits::columns_max || !cells[0].starts_with("Time"))
        return fail(ErrorCode::invalid, "Line 1 must name a 'Time [s]' column and 1 to {} others.",
                    CsvLimits::columns_max - 1);
      header.assign(cells.begin(), cells.end());
      continue;
    }
    if (cells.size() == 1 && cells[0].empty()) continue;
    const auto at_ns = cells.size() == header.size() ? scaled(cells[0], 9) : std::nullopt;
    if (!at_ns || *at_ns < 0 || !row(*at_ns, cells))
      return fail(ErrorCode::invalid, "Line {} does not fit the header or holds what is no number.", number);
  }
  if (header.empty()) return fail(ErrorCode::invalid, "The CSV file is empty.");
  return header;
}

constexpr int kPlaces = 8;

// As few decimals as the column needs, so that its integers stay small.
bool fit(const std::vector<std::int64_t>& column, RecordedWave& wave) {
  std::int64_t divisor = 1;
  for (wave.exponent = kPlaces; wave.exponent > 0; --wave.exponent, divisor *= 10)
    if (std::ranges::any_of(column, [&](std::int64_t value) { return value % (divisor * 10) != 0; })) break;
  for (const std::int64_t value : column) {
    if (value / divisor < INT32_MIN || value / divisor > INT32_MAX) return false;
    wave.samples.push_back(static_cast<std::int32_t>(value / divisor));
  }
  return true;
}

std::string numeric_code_of(std::string_view column) {
  if (column == "HR") return "hr";
  if (column == "PULSE") return "pulse";
  if (column == "RESP") return "rr";
  if (column == "SpO2") return "spo2";
  return {};
}

std::string signal_code_of(std::string_view column) {
  if (column == "AVR" || column == "CVP") return {};  // no channel of ours has this meaning
  return wave_code_of(column);
}

// Reads plain or gzipped text, never more than the limit.
Result<std::string> read_text(const std::filesystem::path& path) {
  const auto close = [](gzFile file) { gzclose(file); };
  const std::unique_ptr<gzFile_s, decltype(close)> file{gzopen(path.c_str(), "rb"), close};
  if (!file) return fail(ErrorCode::not_found, "There is no file '{}'.", path.string());
  std::string text;
  std::string block(1 << 16, '\0');
  int n = 0;
  while ((n = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    text.append(block.data(), static_cast<std::size_t>(n));
    if (text.size() > CsvLimits::bytes_max)
      return fail(ErrorCode::too_large, "'{}' is longer than {} bytes.", path.string(), CsvLimits::bytes_max);
  }
  if (n < 0) return fail(ErrorCode::damaged, "'{}' cannot be unpacked.", path.string());
  return text;
}

}  // namespace

Result<std::vector<RecordedNumbers>> parse_numerics_csv(std::string_view text) {
  std::vector<RecordedNumbers> rows;
  std::vector<std::pair<std::int64_t, std::vector<std::string>>> raw;
  auto header = each_row(text, [&](std::int64_t at_ns, const std::vector<std::string_view>& cells) {
    if (!raw.empty() && at_ns <= raw.back().first) return false;
    for (std::size_t i = 1; i < cells.size(); ++i)
      if (!is_missing(cells[i]) && !scaled(cells[i], 9)) return false;
    raw.emplace_back(at_ns, std::vector<std::string>(cells.begin(), cells.end()));
    return true;
  });
  if (!header) return fail(header.error());
  for (auto& [at_ns, cells] : raw) {
    RecordedNumbers numbers{at_ns, {}};
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const std::string code = numeric_code_of((*header)[i]);
      if (!code.empty() && !is_missing(cells[i])) numbers.values.emplace_back(code, std::move(cells[i]));
    }
    rows.push_back(std::move(numbers));
  }
  return rows;
}

Result<std::vector<RecordedWave>> parse_signals_csv(std::string_view text) {
  std::vector<std::vector<std::int64_t>> columns;
  std::vector<std::vector<bool>> missing;
  std::vector<std::int64_t> times;
  auto header = each_row(text, [&](std::int64_t at_ns, const std::vector<std::string_view>& cells) {
    columns.resize(cells.size());
    missing.resize(cells.size());
    times.push_back(at_ns);
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const bool gone = is_missing(cells[i]);
      const auto value = gone ? std::optional<std::int64_t>{0} : scaled(cells[i], kPlaces);
      if (!value) return false;
      columns[i].push_back(*value);
      missing[i].push_back(gone);
    }
    return true;
  });
  if (!header) return fail(header.error());
  if (times.size() < 2 || times[1] <= times[0] || times[1] - times[0] > series::Period::numerator_max)
    return fail(ErrorCode::invalid, "A file of signals needs at least two rows at ascending times.");
  std::vector<RecordedWave> waves;
  for (std::size_t i = 1; i < header->size(); ++i) {
    RecordedWave wave;
    wave.code = signal_code_of((*header)[i]);
    if (wave.code.empty() ||
        std::ranges::any_of(waves, [&](const RecordedWave& other) { return other.code == wave.code; }))
      continue;
    wave.label = (*header)[i];
    wave.period = {times[1] - times[0], 1};
    if (!fit(columns[i], wave))
      return fail(ErrorCode::invalid, "Column '{}' has values that no 32 bits hold.", wave.label);
    if (std::ranges::find(missing[i], true) != missing[i].end()) wave.missing = std::move(missing[i]);
    waves.push_back(std::move(wave));
  }
  return waves;
}

Result<Recording> read_bidmc(const std::filesystem::path& stem) {
  Recording recording;
  recording.name = stem.filename().string();
  auto text = read_text(std::filesystem::path(stem) += "_Numerics.csv");
  if (!text) return fail(text.error());
  auto numbers = parse_numerics_csv(*text);
  if (!numbers) return within(recording.name, numbers.error());
  recording.numbers = std::move(*numbers);
  for (const char* ending : {"_Signals.csv", "_Signals.csv.gz"}) {
    const auto path = std::filesystem::path(stem) += ending;
    if (!std::filesystem::exists(path)) continue;
    auto signals = read_text(path);
    if (!signals) return fail(signals.error());
    auto waves = parse_signals_csv(*signals);
    if (!waves) return within(path.filename().string(), waves.error());
    recording.waves = std::move(*waves);
    break;
  }
  return recording;
}

}  // namespace salus::sim
