// A second or so of several waves, packed: what a monitor publishes to devices/{id}/waveforms. Byte by byte, with a
// worked example, in docs/formats/waveform-frame.md.
//
// Arithmetic: one lead at 500 Hz as int16 is 1,000 bytes/s; packed it is about 600. A bed with three leads, pressure,
// pleth and respiration is 2,000 samples/s, so a core that decodes 100 million samples/s serves 50,000 beds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "series/sample.hpp"

namespace salus::device {

struct WaveLimits {
  static constexpr std::size_t bytes_max = 256 * 1024;
  static constexpr std::size_t channels_max = 32;
  static constexpr std::size_t samples_max = 16'384;  // in one channel
  static constexpr std::size_t gaps_max = 256;        // in one channel
};

enum class WaveEncoding : std::uint8_t {
  int16 = 0,   // samples as they are
  packed = 1,  // blocks of 32 differences, each block with as many bits as its largest needs
  int32 = 2,
};

// Samples [first, first + count) of the channel were not measured: their values are not in the frame.
struct WaveGap {
  std::uint16_t first = 0;
  std::uint16_t count = 0;
};

// physical value = (sample - offset) × multiplier / 10^exponent, in `unit`.
struct WaveChannel {
  std::uint32_t mdc = 0;
  std::uint16_t divider = 1;  // this channel's period is the frame's × divider
  std::int32_t offset = 0;
  std::uint32_t multiplier = 1;
  std::uint8_t exponent = 0;
  WaveEncoding encoding = WaveEncoding::packed;
  std::uint16_t sample_count = 0;     // with gaps
  std::string_view unit;              // UCUM; empty is the code's own
  std::vector<WaveGap> gaps;          // ascending, apart
  std::vector<std::int32_t> samples;  // without gaps
};

// Reused from frame to frame: decoding then allocates nothing. Units look into the payload that was decoded.
class WaveFrame {
 public:
  std::int64_t time_ns = 0;  // device time of the first sample of every channel
  std::uint32_t sequence = 0;
  series::Period period;

  std::span<WaveChannel> channels() { return {channels_.data(), count_}; }
  std::span<const WaveChannel> channels() const { return {channels_.data(), count_}; }
  WaveChannel& add_channel();
  void clear() { count_ = 0; }

 private:
  std::vector<WaveChannel> channels_;
  std::size_t count_ = 0;
};

// Errors: invalid, what is wrong and in which channel; `frame` is then empty.
Result<void> decode_waveform(ByteView payload, WaveFrame& frame);

// Appends the frame to `out`. Errors: invalid (over WaveLimits, or samples that the encoding cannot hold).
Result<void> encode_waveform(const WaveFrame& frame, std::string& out);

}  // namespace salus::device
