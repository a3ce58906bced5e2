#include "device/waveform_frame.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/digest.hpp"

namespace salus::device {
namespace {

constexpr std::string_view magic = "SW";
constexpr std::uint8_t version = 1;
constexpr std::size_t block_samples = 32;

std::uint32_t zigzag(std::uint32_t difference) {
  return difference << 1 ^ static_cast<std::uint32_t>(static_cast<std::int32_t>(difference) >> 31);
}
std::uint32_t unzigzag(std::uint32_t coded) {
  return coded >> 1 ^ (0U - (coded & 1));
}

void pack(std::span<const std::int32_t> samples, std::string& out) {
  std::uint32_t previous = 0;
  for (std::size_t start = 0; start < samples.size(); start += block_samples) {
    const auto block = samples.subspan(start, std::min(block_samples, samples.size() - start));
    std::uint32_t coded[block_samples];
    std::uint32_t all = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto sample = static_cast<std::uint32_t>(block[i]);
      coded[i] = zigzag(sample - previous);
      all |= coded[i];
      previous = sample;
    }
    const auto width = static_cast<unsigned>(std::bit_width(all));
    out.push_back(static_cast<char>(width));
    std::uint64_t word = 0;
    unsigned used = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      word |= std::uint64_t{coded[i]} << used;
      for (used += width; used >= 8; used -= 8, word >>= 8) out.push_back(static_cast<char>(word));
    }
    if (used > 0) out.push_back(static_cast<char>(word));
  }
}

// Eight bytes from `at`, as many as there are; the others zero.
std::uint64_t load_word(const char* at, const char* end) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, std::min<std::size_t>(8, static_cast<std::size_t>(end - at)));
  return word;
}

// 32 samples of up to 32 bits: a value begins at any bit, and eight bytes from its first byte hold all of it.
void unpack_block(const char* at, const char* end, unsigned width, std::size_t count, std::uint32_t& previous,
                  std::int32_t* out) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  const std::size_t bytes = (count * width + 7) / 8;
  const bool roomy = static_cast<std::size_t>(end - at) >= bytes + 8;
  std::size_t bit = 0;
  for (std::size_t i = 0; i < count; ++i, bit += width) {
    std::uint64_t word;
    if (roomy) {
      std::memcpy(&word, at + bit / 8, 8);
    } else {
      word = load_word(at + std::min(bit / 8, bytes), end);
    }
    previous += unzigzag(static_cast<std::uint32_t>(word >> (bit % 8) & mask));
    out[i] = static_cast<std::int32_t>(previous);
  }
}

bool unpack(ByteView data, std::span<std::int32_t> out) {
  std::uint32_t previous = 0;
  for (std::size_t start = 0; start < out.size(); start += block_samples) {
    const std::size_t count = std::min(block_samples, out.size() - start);
    if (data.empty()) return false;
    const auto width = static_cast<std::uint8_t>(data.front());
    data.remove_prefix(1);
    const std::size_t bytes = (count * width + 7) / 8;
    if (width > 32 || data.size() < bytes) return false;
    unpack_block(data.data(), data.data() + data.size(), width, count, previous, out.data() + start);
    data.remove_prefix(bytes);
  }
  return data.empty();
}

bool read_samples(ByteView data, WaveEncoding encoding, std::span<std::int32_t> out) {
  switch (encoding) {
    case WaveEncoding::int16:
      if (data.size() != out.size() * 2) return false;
      for (std::size_t i = 0; i < out.size(); ++i) {
        std::int16_t sample;
        std::memcpy(&sample, data.data() + 2 * i, 2);
        out[i] = sample;
      }
      return true;
    case WaveEncoding::packed:
      return unpack(data, out);
    case WaveEncoding::int32:
      if (data.size() != out.size() * 4) return false;
      if (!data.empty()) std::memcpy(out.data(), data.data(), data.size());
      return true;
  }
  return false;
}

bool fits_int16(std::int32_t sample) {
  return sample >= std::numeric_limits<std::int16_t>::min() && sample <= std::numeric_limits<std::int16_t>::max();
}

// How many samples the gaps take out of the channel; nothing when they overlap, touch or leave it.
bool gaps_are_right(const WaveChannel& channel, std::size_t& missing) {
  missing = 0;
  std::size_t next = 0;
  for (const WaveGap& gap : channel.gaps) {
    if (gap.count == 0 || (next > 0 && gap.first <= next) || std::size_t{gap.first} + gap.count > channel.sample_count)
      return false;
    next = std::size_t{gap.first} + gap.count;
    missing += gap.count;
  }
  return true;
}

bool channel_is_right(const WaveChannel& channel, const series::Period& period) {
  return channel.sample_count > 0 && channel.sample_count <= WaveLimits::samples_max && channel.divider > 0 &&
         series::Period{period.numerator_ns * channel.divider, period.denominator}.is_valid() &&
         channel.multiplier > 0 && channel.exponent <= 9 && channel.unit.size() <= 16 &&
         channel.gaps.size() <= WaveLimits::gaps_max;
}

const char* read_channel(Reader& reader, const series::Period& period, WaveChannel& channel) {
  channel.mdc = reader.get<std::uint32_t>();
  channel.divider = reader.get<std::uint16_t>();
  channel.offset = reader.get<std::int32_t>();
  channel.multiplier = reader.get<std::uint32_t>();
  channel.exponent = reader.get<std::uint8_t>();
  channel.encoding = reader.get<WaveEncoding>();
  channel.sample_count = reader.get<std::uint16_t>();
  const auto gap_count = reader.get<std::uint16_t>();
  channel.unit = reader.get_bytes(reader.get<std::uint8_t>());
  if (reader.failed() || gap_count > WaveLimits::gaps_max) return "its head is not whole";
  channel.gaps.clear();
  for (std::size_t i = 0; i < gap_count; ++i) {
    const auto first = reader.get<std::uint16_t>();
    channel.gaps.push_back({first, reader.get<std::uint16_t>()});
  }
  const ByteView data = reader.get_bytes(reader.get<std::uint32_t>());
  if (reader.failed()) return "its data is longer than the frame";
  if (!channel_is_right(channel, period)) return "a field is out of its range";
  std::size_t missing = 0;
  if (!gaps_are_right(channel, missing)) return "its gaps overlap or leave it";
  channel.samples.resize(channel.sample_count - missing);
  return read_samples(data, channel.encoding, channel.samples)
             ? nullptr
             : "its data is not of the length or encoding that it says";
}

}  // namespace

WaveChannel& WaveFrame::add_channel() {
  if (count_ == channels_.size()) channels_.emplace_back();
  return channels_[count_++];
}

Result<void> decode_waveform(ByteView payload, WaveFrame& frame) {
  frame.clear();
  const auto refuse = [&](const char* what) {
    frame.clear();
    return fail(Error{ErrorCode::invalid, what});
  };
  if (payload.size() > WaveLimits::bytes_max) return refuse("The waveform frame is over 256 KiB.");
  if (payload.size() < 8 || payload.substr(0, 2) != magic)
    return refuse("The message is no waveform frame: it does not begin with 'SW'.");
  const ByteView body = payload.substr(0, payload.size() - 4);
  if (Reader{payload.substr(body.size())}.get<std::uint32_t>() != crc32c(body))
    return refuse("The waveform frame's checksum does not fit.");
  Reader reader{body.substr(2)};
  if (reader.get<std::uint8_t>() != version) return refuse("The waveform frame has another version than 1.");
  const auto count = reader.get<std::uint8_t>();
  frame.sequence = reader.get<std::uint32_t>();
  frame.time_ns = reader.get<std::int64_t>();
  frame.period.numerator_ns = reader.get<std::int64_t>();
  frame.period.denominator = reader.get<std::uint32_t>();
  if (reader.failed() || count == 0 || count > WaveLimits::channels_max || !frame.period.is_valid())
    return refuse("The waveform frame's head is not whole, or its period or channel count is out of range.");
  for (std::size_t i = 0; i < count; ++i) {
    const char* wrong = read_channel(reader, frame.period, frame.add_channel());
    if (wrong != nullptr) {
      frame.clear();
      return fail(ErrorCode::invalid, "Channel {} of the waveform frame: {}.", i, wrong);
    }
  }
  return reader.at_end() ? Result<void>{} : refuse("The waveform frame has bytes after its last channel.");
}

Result<void> encode_waveform(const WaveFrame& frame, std::string& out) {
  const std::size_t start = out.size();
  if (frame.channels().empty() || frame.channels().size() > WaveLimits::channels_max || !frame.period.is_valid())
    return fail(ErrorCode::invalid, "A waveform frame needs 1 to 32 channels and a period.");
  Writer writer{out};
  writer.put_bytes(magic);
  writer.put(version);
  writer.put(static_cast<std::uint8_t>(frame.channels().size()));
  writer.put(frame.sequence);
  writer.put(frame.time_ns);
  writer.put(frame.period.numerator_ns);
  writer.put(frame.period.denominator);
  for (const WaveChannel& channel : frame.channels()) {
    std::size_t missing = 0;
    const bool fits = channel.encoding != WaveEncoding::int16 || std::ranges::all_of(channel.samples, fits_int16);
    if (!channel_is_right(channel, frame.period) || !gaps_are_right(channel, missing) || !fits ||
        channel.samples.size() + missing != channel.sample_count) {
      out.resize(start);
      return fail(ErrorCode::invalid, "A channel of the waveform frame is out of its bounds.");
    }
    writer.put(channel.mdc);
    writer.put(channel.divider);
    writer.put(channel.offset);
    writer.put(channel.multiplier);
    writer.put(channel.exponent);
    writer.put(channel.encoding);
    writer.put(channel.sample_count);
    writer.put(static_cast<std::uint16_t>(channel.gaps.size()));
    writer.put(static_cast<std::uint8_t>(channel.unit.size()));
    writer.put_bytes(channel.unit);
    for (const WaveGap& gap : channel.gaps) {
      writer.put(gap.first);
      writer.put(gap.count);
    }
    const std::size_t length_at = out.size();
    writer.put(std::uint32_t{0});
    if (channel.encoding == WaveEncoding::packed) pack(channel.samples, out);
    if (channel.encoding == WaveEncoding::int32)
      writer.put_bytes({reinterpret_cast<const char*>(channel.samples.data()), channel.samples.size() * 4});
    if (channel.encoding == WaveEncoding::int16)
      for (const std::int32_t sample : channel.samples) writer.put(static_cast<std::int16_t>(sample));
    const auto length = static_cast<std::uint32_t>(out.size() - length_at - 4);
    std::memcpy(out.data() + length_at, &length, 4);
  }
  writer.put(crc32c(ByteView(out).substr(start)));
  if (out.size() - start <= WaveLimits::bytes_max) return {};
  out.resize(start);
  return fail(ErrorCode::invalid, "The waveform frame would be over 256 KiB.");
}

}  // namespace salus::device
