// Signals as they are kept, on real recordings: bytes a sample on disk (table, time and headers included), how fast
// they are written and read, and a year of a vital drawn in 1,920 columns. bench/series.py runs this beside InfluxDB.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

#include "series/chunk_builder.hpp"
#include "series/query.hpp"
#include "view/database.hpp"

namespace {

using namespace salus;
using namespace salus::series;
namespace fs = std::filesystem;

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * s;
constexpr Period ecg_period{25'000'000, 9};
constexpr int vital_scale = 10, ecg_scale = 500;  // as the store holds them: tenths; 5 µV in 10^-8 mV, by a thousand

// Of this thread's processor time: others on the machine do not count.
double now_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
double best_of(int times, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < times; ++i) {
    const double begin = now_s();
    work();
    best = std::min(best, now_s() - begin);
  }
  return best;
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

using Channels = std::vector<std::vector<Value>>;

constexpr std::size_t day_samples = 86'400;

// Four vitals of one bed for a day: its patients follow one another, and come again. Each hour is coded by itself, so
// that nothing is gained by having been there before.
Channels read_vitals(const fs::path& folder) {
  Channels columns(4);
  for (const fs::path& path : files_in(folder, "_Numerics.csv")) {
    std::ifstream file{path};
    std::string line, cell;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream cells{line};
      std::getline(cells, cell, ',');
      for (std::size_t i = 0; i < 4 && std::getline(cells, cell, ','); ++i) {
        char* end = nullptr;
        const double value = std::strtod(cell.c_str(), &end);
        if (end != cell.c_str() && value == value) columns[i].push_back(static_cast<Value>(value) * vital_scale);
      }
    }
  }
  for (auto& column : columns)
    for (std::size_t i = 0; !column.empty() && column.size() < day_samples; ++i) column.push_back(column[i]);
  return columns;
}

// WFDB format 212: two 12-bit samples in three bytes.
Channels read_ecg(const fs::path& folder) {
  Channels channels;
  for (const fs::path& path : files_in(folder, ".dat")) {
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<Value> leads[2];
    for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
      const auto at = [&](std::size_t k) { return static_cast<int>(static_cast<std::uint8_t>(bytes[i + k])); };
      const auto sign = [](int value) { return value >= 2048 ? value - 4096 : value; };
      leads[0].push_back(sign(at(0) | (at(1) & 15) << 8) * ecg_scale);
      leads[1].push_back(sign(at(2) | (at(1) >> 4) << 8) * ecg_scale);
    }
    for (auto& lead : leads) channels.push_back(std::move(lead));
  }
  return channels;
}

std::size_t count_of(const Channels& channels) {
  std::size_t count = 0;
  for (const auto& channel : channels) count += channel.size();
  return count;
}

// A table on disk, gone with this.
class Disk {
 public:
  explicit Disk(const std::string& name) : path_(fs::temp_directory_path() / fmt::format("salus-bench-{}", name)) {
    fs::remove_all(path_);
    database_ = std::move(*view::Database::open(path_.string(), {"t"}));
  }
  ~Disk() {
    database_.reset();
    fs::remove_all(path_);
  }
  view::Table& table() { return database_->table("t"); }
  void save(Store& store) {
    store.save(table());
    if (!database_->checkpoint(true)) std::abort();
  }
  // What lies in table files.
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      if (entry.path().extension() == ".sst") sum += fs::file_size(entry.path());
    return sum;
  }

 private:
  fs::path path_;
  std::unique_ptr<view::Database> database_;
};

void verdict(const std::string& what, double value, const char* unit, double limit, bool at_most) {
  const bool reached = at_most ? value <= limit : value >= limit;
  fmt::print("{}: {:.4g} {} (to reach: {} {:g}) {}\n", what, value, unit, at_most ? "at most" : "at least", limit,
             reached ? "reached" : "NOT REACHED");
}

void bench_vitals(const fs::path& folder) {
  const Channels channels = read_vitals(folder);
  if (count_of(channels) == 0) return fmt::print("vitals: no recordings here, skipped\n");
  Disk disk{"vitals"};
  Store store;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const Channel channel = *store.open({"monitor-1", static_cast<std::uint32_t>(i + 1), 0});
    std::int64_t time_ns = start_ns;
    for (const Value value : channels[i]) {
      store.append(channel, time_ns, value, time_from_ns(time_ns));
      time_ns += s;
    }
    store.cut(channel);
  }
  disk.save(store);
  verdict("BIDMC numerics on disk, a day of four, keys, time, rollups and open state included",
          double(disk.bytes()) / double(count_of(channels)), "bytes/sample", 0.12, true);
}

void bench_ecg(const fs::path& folder) {
  const Channels channels = read_ecg(folder);
  const auto count = double(count_of(channels));
  if (count == 0) return fmt::print("ECG: no recordings here, skipped\n");
  Disk disk{"ecg"};
  Store store;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const Channel channel = *store.open({"monitor-1", static_cast<std::uint32_t>(i + 1), 0});
    TimeCursor at{start_ns, ecg_period, 0};
    for (std::size_t k = 0; k < channels[i].size(); k += 360) {
      const auto part = std::span(channels[i]).subspan(k, std::min<std::size_t>(360, channels[i].size() - k));
      store.append_wave(channel, at.time_ns(), ecg_period, part, time_from_ns(at.time_ns()));
      at = at.later(static_cast<std::int64_t>(part.size()));
    }
    store.cut(channel);
  }
  disk.save(store);
  verdict("MIT-BIH ECG on disk, hot", double(disk.bytes()) / count, "bytes/sample", 0.58, true);

  std::size_t cold_bytes = 0, read = 0;
  double packed_s = 0, written_s = 0, cold_write_s = 0, cold_read_s = 0;
  Columns columns, back;
  for (const auto& channel : channels) {
    for (std::size_t k = 0; k < channel.size(); k += ChunkLimits::samples_max) {
      const std::size_t size = std::min<std::size_t>(ChunkLimits::samples_max, channel.size() - k);
      columns.values.assign(channel.begin() + static_cast<std::ptrdiff_t>(k),
                            channel.begin() + static_cast<std::ptrdiff_t>(k + size));
      columns.runs = {{static_cast<std::uint32_t>(size), {start_ns, ecg_period, 0}}};
      std::string packed, predicted;
      written_s += best_of(1, [&] { packed = encode_chunk(columns, ChunkForm::packed); });
      cold_write_s += best_of(1, [&] { predicted = encode_chunk(columns, ChunkForm::predicted); });
      packed_s += best_of(3, [&] { static_cast<void>(decode_columns(packed, back)); });
      if (back.values != columns.values) std::abort();
      cold_read_s += best_of(1, [&] { static_cast<void>(decode_columns(predicted, back)); });
      if (back.values != columns.values) std::abort();
      cold_bytes += predicted.size();
      read += size;
    }
  }
  verdict("MIT-BIH ECG, predicted chunks", double(cold_bytes) / count, "bytes/sample", 0.50, true);
  verdict("hot decode, checksum and header checked, one core", double(read) / packed_s / 1e6, "million/s", 500, false);
  fmt::print("hot encode {:.0f}, predicted encode {:.1f}, decode {:.1f} million/s\n", count / written_s / 1e6,
             count / cold_write_s / 1e6, count / cold_read_s / 1e6);
  std::vector<char> memory(std::size_t{64} << 20, 1), copy(memory.size());
  const double copied_s = best_of(5, [&] { std::ranges::copy(memory, copy.begin()); });
  fmt::print("memory: {:.1f} GB/s copied; hot decode writes {:.1f} GB/s\n", double(copy.size()) / copied_s / 1e9,
             4 * double(read) / packed_s / 1e9);
}

// One vital at 1 Hz for as many days: the recordings' heart rates over and over.
void bench_year(const fs::path& folder, int days) {
  std::vector<Value> rates = read_vitals(folder)[0];
  if (rates.empty()) rates = {720};
  Disk disk{"year"};
  Store store;
  const Channel channel = *store.open({"monitor-1", 147842, 0});
  const std::int64_t end_ns = start_ns + days * 86'400 * s;
  std::size_t at = 0;
  for (std::int64_t time_ns = start_ns; time_ns < end_ns; time_ns += s, ++at) {
    store.append(channel, time_ns, rates[at % rates.size()], time_from_ns(time_ns));
    if (at % 864'000 == 0) store.save(disk.table());
  }
  disk.save(store);
  const auto snapshot = disk.table().snapshot();
  const ChannelCopy copy = store.copy(channel);
  std::size_t drawn = 0, steps = 0;
  const double year_s =
      best_of(9, [&] { drawn = picture(*snapshot, copy, {start_ns, end_ns}, 1'920)->columns.size(); });
  const std::int64_t hour_ns = start_ns + (days / 2 * 24 + 7) * 3'600 * s;
  const double hour_s =
      best_of(99, [&] { steps = aggregate(*snapshot, copy, {hour_ns, hour_ns + 3'600 * s}, 60 * s)->size(); });
  verdict(fmt::format("{} days at 1 Hz ({} samples) to 1,920 pixels ({} columns)", days, at, drawn), year_s * 1e3, "ms",
          20, true);
  verdict(fmt::format("an hour by minute ({} steps)", steps), hour_s * 1e3, "ms", 0.5, true);
}

// The same samples as lines for InfluxDB, with integer fields.
void write_lines(const fs::path& data, const fs::path& folder, int days) {
  const auto write = [&](const char* name, const Channels& channels, const Period& period, int scale) {
    std::ofstream out{folder / name};
    for (std::size_t i = 0; i < channels.size(); ++i)
      for (std::size_t k = 0; k < channels[i].size(); ++k)
        out << "m,c=" << i << " v=" << channels[i][k] / scale << "i "
            << start_ns + period.offset_ns(static_cast<std::int64_t>(k % 65'536)) +
                   static_cast<std::int64_t>(k / 65'536) * period.offset_ns(65'536)
            << '\n';
  };
  const Channels vitals = read_vitals(data / "vitals/bidmc");
  Channels ecg = read_ecg(data / "ecg/mitdb");
  ecg.resize(std::min<std::size_t>(ecg.size(), 4));
  write("vitals", vitals, {s, 1}, vital_scale);
  write("ecg", ecg, ecg_period, ecg_scale);
  std::ofstream out{folder / "year"};
  for (std::int64_t i = 0; i < days * std::int64_t{86'400} && !vitals[0].empty(); ++i)
    out << "m v=" << vitals[0][static_cast<std::size_t>(i) % vitals[0].size()] / vital_scale << "i " << start_ns + i * s
        << '\n';
}

}  // namespace

// bench_series [--days N] [--lines FOLDER]
int main(int argc, char** argv) {
  const char* elsewhere = std::getenv("SALUS_DATA");
  const fs::path data{elsewhere != nullptr ? elsewhere : SALUS_DATA_DIR};
  int days = 365;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option{argv[i]};
    if (option == "--days") days = std::atoi(argv[i + 1]);
    if (option == "--lines") return write_lines(data, argv[i + 1], days), 0;
  }
  bench_vitals(data / "vitals/bidmc");
  bench_ecg(data / "ecg/mitdb");
  bench_year(data / "vitals/bidmc", days);
}
