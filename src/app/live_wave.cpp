#include "app/live_wave.hpp"

#include <algorithm>
#include <cmath>

namespace salus::app {
namespace {

struct Scaling {
  std::int64_t middle = 0;
  std::int64_t step = 1;
};

// How to bring samples into 16 bits.
Scaling scaling_of(const std::vector<std::int32_t>& samples) {
  if (samples.empty()) return {};
  const auto [low, high] = std::ranges::minmax(samples);
  if (low >= INT16_MIN && high <= INT16_MAX) return {};
  const std::int64_t range = std::int64_t{high} - low;
  return {low + range / 2, range / 65'000 + 1};
}

std::string frame_of(std::string_view device, std::string_view alias, std::int64_t time_ns,
                     const series::Period& period, const device::WaveChannel& channel, const Scaling& scaling,
                     std::size_t first, std::size_t count, bool provisional) {
  std::string out;
  Writer writer{out};
  writer.put(std::uint8_t{1});
  writer.put(static_cast<std::uint8_t>(device.size()));
  writer.put(static_cast<std::uint8_t>(alias.size()));
  writer.put(static_cast<std::uint8_t>(provisional ? 1 : 0));
  writer.put(time_ns);
  writer.put(static_cast<std::uint64_t>(period.numerator_ns));
  writer.put(period.denominator);
  writer.put(static_cast<std::uint32_t>(count));
  writer.put(static_cast<std::int32_t>((channel.offset - scaling.middle) / scaling.step));
  writer.put_double(channel.multiplier * static_cast<double>(scaling.step) / std::pow(10.0, channel.exponent));
  writer.put(std::uint64_t{0});
  writer.put_bytes(device);
  writer.put_bytes(alias);
  if (out.size() % 2 != 0) writer.put(std::uint8_t{0});
  for (std::size_t i = 0; i < count; ++i)
    writer.put(static_cast<std::int16_t>((channel.samples[first + i] - scaling.middle) / scaling.step));
  return out;
}

}  // namespace

std::vector<std::string> live_wave_frames(std::string_view device, std::string_view alias, std::int64_t time_ns,
                                          const series::Period& period, const device::WaveChannel& channel,
                                          bool provisional) {
  const Scaling scaling = scaling_of(channel.samples);
  std::vector<std::string> frames;
  std::size_t place = 0, taken = 0;  // in the grid with gaps; among the samples that are there
  const auto stretch = [&](std::size_t end) {
    const std::size_t count = std::min(end - place, channel.samples.size() - taken);
    if (count > 0)
      frames.push_back(frame_of(device, alias, time_ns + period.offset_ns(static_cast<std::int64_t>(place)), period,
                                channel, scaling, taken, count, provisional));
    taken += count;
  };
  for (const device::WaveGap& gap : channel.gaps) {
    stretch(gap.first);
    place = std::size_t{gap.first} + gap.count;
  }
  stretch(channel.sample_count);
  return frames;
}

}  // namespace salus::app
