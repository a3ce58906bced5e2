// A chunk that is read describes its samples rightly, and the samples written anew read back equal.
#include "base/assert.hpp"
#include "base/digest.hpp"
#include "series/chunk_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  std::string bytes{reinterpret_cast<const char*>(data), size};
  static std::vector<series::Sample> samples, back;
  samples.clear();
  back.clear();
  if (size >= 4) bytes.resize(size - 4);
  Writer{bytes}.put(crc32c(bytes));
  const Result<series::ChunkStats> stats = series::decode_chunk(bytes, samples);
  SALUS_ASSERT(stats.has_value() ? samples.size() == stats->count : samples.empty());
  // The samples that the input spells out, written and read.
  if (!stats) {
    Reader reader{ByteView{reinterpret_cast<const char*>(data), size}};
    std::int64_t time = 0;
    while (!reader.at_end() && samples.size() < 2'000) {
      time += 1 + std::int64_t{reader.get<std::uint16_t>()} * (samples.size() % 7 == 0 ? 1'000'003 : 1);
      samples.push_back({time, static_cast<series::Value>(reader.get_zigzag())});
    }
  }
  if (samples.empty()) return 0;
  // Differences of times that overflow are refused by the store, so they are left out here.
  for (std::size_t i = 1; i < samples.size(); ++i)
    if (samples[i].time_ns - std::max<std::int64_t>(samples[i - 1].time_ns, -(std::int64_t{1} << 62)) > std::int64_t{1}
                                                                                                            << 61)
      return 0;
  if (samples.front().time_ns < -(std::int64_t{1} << 62) || samples.back().time_ns > std::int64_t{1} << 62) return 0;
  series::ChunkBuilder builder;
  for (const series::Sample& sample : samples) builder.append(sample.time_ns, sample.value);
  SALUS_ASSERT(series::decode_chunk(builder.encode(), back).has_value() && back == samples);
  series::Columns columns;
  std::vector<std::int64_t> times;
  for (const series::Sample& sample : samples) {
    times.push_back(sample.time_ns);
    columns.values.push_back(sample.value);
  }
  columns.runs = series::runs_of(times, columns.times);
  for (const series::ChunkForm form :
       {series::ChunkForm::packed, series::ChunkForm::vitals, series::ChunkForm::predicted}) {
    back.clear();
    SALUS_ASSERT(series::decode_chunk(series::encode_chunk(columns, form), back).has_value() && back == samples);
  }
  return 0;
}
