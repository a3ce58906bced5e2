#include "device/waveform_frame.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/digest.hpp"

namespace salus::device {
namespace {

// The worked example of docs/formats/waveform-frame.md.
WaveFrame example() {
  WaveFrame frame;
  frame.time_ns = 1'767'225'600'000'000'000;
  frame.sequence = 7;
  frame.period = {25'000'000, 9};  // 360 Hz
  WaveChannel& channel = frame.add_channel();
  channel.mdc = 131330;
  channel.offset = 1024;
  channel.multiplier = 5;
  channel.exponent = 3;
  channel.unit = "mV";
  channel.sample_count = 6;
  channel.gaps = {{2, 2}};
  channel.samples = {1024, 1025, 1023, 1030};
  return frame;
}

TEST(WaveformFrame, WritesTheDocumentedBytes) {
  std::string bytes;
  ASSERT_TRUE(encode_waveform(example(), bytes));
  EXPECT_EQ(to_hex(bytes),
            "53570101"
            "07000000"
            "0000faed51728618"
            "40787d0100000000"
            "09000000"
            "02010200"
            "0100"
            "00040000"
            "05000000"
            "03"
            "01"
            "0600"
            "0100"
            "02"
            "6d56"
            "02000200"
            "07000000"
            "0c"
            "00280003e000"
            "31d3c2d8");
}

TEST(WaveformFrame, ReadsWhatItWrites) {
  std::mt19937 random{1};
  for (int round = 0; round < 300; ++round) {
    WaveFrame frame;
    frame.time_ns = static_cast<std::int64_t>(random());
    frame.sequence = static_cast<std::uint32_t>(random());
    frame.period = {1 + static_cast<std::int64_t>(random()), 1};
    for (unsigned c = 0; c < 1 + random() % 4; ++c) {
      WaveChannel& channel = frame.add_channel();
      channel = {};
      channel.encoding = static_cast<WaveEncoding>(random() % 3);
      const unsigned spread = channel.encoding == WaveEncoding::int16 ? 15 : 1 + random() % 31;
      channel.mdc = 131330;
      channel.gaps.assign(random() % 2, {3, 2});
      const std::size_t count = (channel.gaps.empty() ? 1 : 4) + random() % 200;
      for (std::size_t i = 0; i < count; ++i)
        channel.samples.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(random()) >> (32 - spread)) *
                                  (random() % 2 ? 1 : -1));
      channel.sample_count = static_cast<std::uint16_t>(count + channel.gaps.size() * 2);
    }
    std::string bytes;
    ASSERT_TRUE(encode_waveform(frame, bytes));
    WaveFrame back;
    ASSERT_TRUE(decode_waveform(bytes, back));
    ASSERT_EQ(back.channels().size(), frame.channels().size());
    for (std::size_t c = 0; c < back.channels().size(); ++c)
      EXPECT_EQ(back.channels()[c].samples, frame.channels()[c].samples);
    bytes[random() % bytes.size()] ^= 0x10;
    EXPECT_FALSE(decode_waveform(bytes, back));
  }
}

TEST(WaveformFrame, RefusesWhatIsOutOfBounds) {
  std::string bytes;
  const auto refused = [&](auto change) {
    WaveFrame frame = example();
    change(frame.channels()[0], frame);
    return !encode_waveform(frame, bytes) && bytes.empty();
  };
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) { c.gaps = {{0, 2}, {1, 1}}; }));
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) { c.gaps = {{5, 2}}; }));
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) { c.sample_count = 9; }));
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) { c.divider = 0; }));
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) { c.exponent = 10; }));
  EXPECT_TRUE(refused([](WaveChannel&, WaveFrame& f) { f.period.denominator = 0; }));
  EXPECT_TRUE(refused([](WaveChannel& c, WaveFrame&) {
    c.encoding = WaveEncoding::int16;
    c.samples[0] = 40'000;
  }));
  WaveFrame frame;
  EXPECT_FALSE(decode_waveform("", frame));
  EXPECT_FALSE(decode_waveform("SW", frame));
}

}  // namespace
}  // namespace salus::device
