// A stored wave read through the API, page by page, laid onto the even grid that recording files want.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "app/api_client.hpp"
#include "series/query.hpp"

namespace salus::app {

// Samples in order. Holds one page.
class StoredWave {
 public:
  StoredWave(ApiServer server, std::string device, std::string code, series::Interval interval);

  // The next sample without taking it; nothing at the end. Errors: those of get_bytes; invalid.
  Result<std::optional<series::Sample>> peek();
  void take() { ++at_; }
  unsigned scale() const { return scale_; }

 private:
  ApiServer server_;
  std::string device_, code_;
  series::Interval interval_;
  std::optional<std::int64_t> next_ns_;
  bool ended_ = false;
  unsigned scale_ = 0;
  std::vector<series::Sample> page_;
  std::size_t at_ = 0;
};

// What a file must know before its first sample.
struct WaveSurvey {
  std::uint64_t samples = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  series::Period period;
  std::int64_t factor = 0;  // divides every stored integer
  std::int64_t lowest = 0, highest = 0;
  unsigned scale = 0;
};
// Reads the whole wave. The rate is that of the longest stretch without gap of the first 100,000 samples, rounded to
// thousandths of a hertz. Errors: those of peek; invalid (fewer than two samples).
Result<WaveSurvey> survey(StoredWave wave);

// The wave's samples by their place on a grid that begins at `start_ns`: within half a period of what is expected a
// sample follows the one before, so that drifting clocks leave no seams; after that, the nearest place.
class WaveGrid {
 public:
  WaveGrid(StoredWave wave, series::Period period, std::int64_t start_ns);
  // Stored integers of places [next, next + count); nothing where no sample is. Errors: those of peek.
  Result<std::vector<std::optional<series::Value>>> take(std::size_t count);

 private:
  std::int64_t place_of(std::int64_t time_ns) const;

  StoredWave wave_;
  series::Period period_;
  std::int64_t start_ns_;
  std::int64_t next_ = 0;      // place
  std::int64_t expected_ = 0;  // place of the next sample, if it comes in time
  std::int64_t expected_ns_ = 0;
};

}  // namespace salus::app
