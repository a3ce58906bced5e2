// Bytes a sample on real recordings, against the least that whole bytes and InfluxDB's integers need (zig-zag
// differences, the model of simple8b: as many values to 64 bits as the widest allows).
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/digest.hpp"
#include "series/chunk_builder.hpp"

namespace {

using namespace salus;
using series::Value;

constexpr std::int64_t start_ns = 1'767'225'600'000'000'000;

struct Figure {
  std::size_t samples = 0, ours = 0, simple8b = 0;
  double encoding_s = 0, decoding_s = 0;
};

// 240 zeros, or how many values of the widest one's bits fit 60 bits.
std::size_t simple8b_bytes(const std::vector<Value>& values) {
  constexpr std::array<std::pair<unsigned, unsigned>, 15> ways{{{240, 0},
                                                                {120, 0},
                                                                {60, 1},
                                                                {30, 2},
                                                                {20, 3},
                                                                {15, 4},
                                                                {12, 5},
                                                                {10, 6},
                                                                {8, 7},
                                                                {7, 8},
                                                                {6, 10},
                                                                {5, 12},
                                                                {4, 15},
                                                                {3, 20},
                                                                {2, 30}}};
  std::size_t bytes = 8;
  for (std::size_t at = 1; at < values.size();) {
    std::size_t taken = 1;
    for (const auto& [count, bits] : ways) {
      bool fits = at + count <= values.size();
      for (std::size_t i = at; fits && i < at + count; ++i) {
        const std::int64_t difference = std::int64_t{values[i]} - values[i - 1];
        fits = (static_cast<std::uint64_t>(difference << 1 ^ difference >> 63) >> bits) == 0;
      }
      if (fits) {
        taken = count;
        break;
      }
    }
    at += taken;
    bytes += 8;
  }
  return bytes;
}

void add(Figure& figure, const std::vector<Value>& values, const series::Period& period, std::size_t chunk_max,
         int factor) {
  for (std::size_t at = 0; at < values.size(); at += chunk_max) {
    std::vector<Value> part(values.begin() + static_cast<std::ptrdiff_t>(at),
                            values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), at + chunk_max)));
    figure.simple8b += simple8b_bytes(part);
    for (Value& value : part) value *= factor;
    const auto begin = std::chrono::steady_clock::now();
    series::ChunkBuilder builder;
    builder.append_regular({start_ns, period, 0}, part);
    const std::string chunk = builder.encode();
    const auto middle = std::chrono::steady_clock::now();
    std::vector<series::Sample> back;
    if (!series::decode_chunk(chunk, back) || back.size() != part.size() || back.back().value != part.back())
      std::abort();
    figure.encoding_s += std::chrono::duration<double>(middle - begin).count();
    figure.decoding_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - middle).count();
    figure.ours += chunk.size();
    figure.samples += part.size();
  }
}

void print(const char* what, const Figure& figure) {
  if (figure.samples == 0) return fmt::print("{}: no recordings here, skipped\n", what);
  const double count = double(figure.samples);
  fmt::print(
      "{}: {:.3f} bytes a sample with time; int16 2 ({:.1f} times); integers as InfluxDB packs them, without time, "
      "{:.3f} ({:.2f} times); encode {:.0f}, decode {:.0f} million/s\n",
      what, double(figure.ours) / count, 2 * count / double(figure.ours), double(figure.simple8b) / count,
      double(figure.simple8b) / double(figure.ours), count / figure.encoding_s / 1e6, count / figure.decoding_s / 1e6);
}

void bench_vitals(const std::filesystem::path& folder) {
  std::array<Figure, 4> figures;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.path().string().ends_with("_Numerics.csv")) continue;
      std::ifstream file{entry.path()};
      std::string line, cell;
      std::getline(file, line);
      std::array<std::vector<Value>, 4> columns;
      while (std::getline(file, line)) {
        std::istringstream cells{line};
        std::getline(cells, cell, ',');
        for (std::size_t i = 0; i < 4 && std::getline(cells, cell, ','); ++i) {
          char* end = nullptr;
          const double value = std::strtod(cell.c_str(), &end);
          if (end != cell.c_str() && value == value) columns[i].push_back(static_cast<Value>(value));
        }
      }
      // As the store would hold them: tenths, an hour in a chunk.
      for (std::size_t i = 0; i < 4; ++i)
        if (!columns[i].empty()) add(figures[i], columns[i], {1'000'000'000, 1}, 3'600, 10);
    }
  const char* names[] = {"HR", "pulse", "respiration", "SpO2"};
  for (std::size_t i = 0; i < 4; ++i) print(names[i], figures[i]);
}

// WFDB format 212: two 12-bit samples in three bytes.
void bench_ecg(const std::filesystem::path& folder) {
  Figure figure;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".dat") continue;
      std::ifstream file{entry.path(), std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      std::array<std::vector<Value>, 2> leads;
      for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
        const auto low = static_cast<std::uint8_t>(bytes[i]), middle = static_cast<std::uint8_t>(bytes[i + 1]),
                   high = static_cast<std::uint8_t>(bytes[i + 2]);
        const auto sign = [](int value) { return value >= 2048 ? value - 4096 : value; };
        leads[0].push_back(sign(low | (middle & 15) << 8));
        leads[1].push_back(sign(high | (middle >> 4) << 8));
      }
      for (const auto& lead : leads) add(figure, lead, {25'000'000, 9}, 8'192, 500);
    }
  print("ECG, MIT-BIH", figure);
}

}  // namespace

int main() {
  const char* elsewhere = std::getenv("SALUS_DATA");
  const std::filesystem::path data{elsewhere != nullptr ? elsewhere : SALUS_DATA_DIR};
  bench_vitals(data / "vitals/bidmc");
  bench_ecg(data / "ecg/mitdb");
}
