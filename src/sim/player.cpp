#include "sim/player.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"
#include "device/code.hpp"
#include "device/waveform_frame.hpp"

namespace salus::sim {
namespace {

// The first sample at or after `at_ns`.
std::size_t index_at(const series::Period& period, std::int64_t at_ns) {
  const std::int64_t turns = at_ns / period.numerator_ns;  // whole denominators
  std::int64_t index = turns * period.denominator;
  std::int64_t left = at_ns - turns * period.numerator_ns;
  index += (left * period.denominator + period.numerator_ns - 1) / period.numerator_ns;
  return static_cast<std::size_t>(index);
}

std::int64_t time_of(const series::Period& period, std::size_t index) {
  const auto whole = static_cast<std::int64_t>(index) / period.denominator;
  return whole * period.numerator_ns + period.offset_ns(static_cast<std::int64_t>(index) % period.denominator);
}

// Frames hold channels of one period.
void add_frames(const Recording& recording, std::int64_t from_ns, std::int64_t to_ns, Time start,
                std::uint64_t& sequence, std::vector<std::pair<std::string, std::string>>& out) {
  std::vector<bool> taken(recording.waves.size());
  for (std::size_t first = 0; first < recording.waves.size(); ++first) {
    if (taken[first]) continue;
    const series::Period period = recording.waves[first].period;
    device::WaveFrame frame;
    frame.period = period;
    const std::size_t begin = index_at(period, from_ns);
    for (std::size_t i = first; i < recording.waves.size(); ++i) {
      const RecordedWave& wave = recording.waves[i];
      if (!(wave.period == period)) continue;
      taken[i] = true;
      const std::size_t end = std::min(index_at(period, to_ns), wave.samples.size());
      if (begin >= end) continue;
      device::WaveChannel& channel = frame.add_channel();
      channel.mdc = device::info(device::code_named(wave.code)).mdc;
      channel.divider = 1;
      channel.offset = wave.offset;
      channel.multiplier = wave.multiplier;
      channel.exponent = wave.exponent;
      channel.encoding = device::WaveEncoding::packed;
      channel.sample_count = static_cast<std::uint16_t>(end - begin);
      channel.unit = {};
      channel.gaps.clear();
      channel.samples.clear();
      for (std::size_t at = begin; at < end; ++at) {
        if (wave.missing.empty() || !wave.missing[at]) {
          channel.samples.push_back(wave.samples[at]);
          continue;
        }
        const auto place = static_cast<std::uint16_t>(at - begin);
        if (!channel.gaps.empty() && channel.gaps.back().first + channel.gaps.back().count == place)
          ++channel.gaps.back().count;
        else
          channel.gaps.push_back({place, 1});
      }
    }
    if (frame.channels().empty()) continue;
    frame.time_ns = ns_of(start) + time_of(period, begin);
    frame.sequence = static_cast<std::uint32_t>(sequence++);
    std::string payload;
    const auto encoded = device::encode_waveform(frame, payload);
    SALUS_ASSERT(encoded);  // the readers' limits are narrower
    out.emplace_back("waveforms", std::move(payload));
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> messages_between(const Recording& recording, std::int64_t from_ns,
                                                                  std::int64_t to_ns, Time start,
                                                                  std::uint64_t& sequence) {
  std::vector<std::pair<std::string, std::string>> out;
  add_frames(recording, from_ns, to_ns, start, sequence, out);
  const auto first = std::ranges::lower_bound(recording.numbers, from_ns, {}, &RecordedNumbers::at_ns);
  for (auto at = first; at != recording.numbers.end() && at->at_ns < to_ns; ++at) {
    if (at->values.empty()) continue;
    std::string text = fmt::format(R"({{"t":"{}","seq":{})", to_iso(start + nanoseconds{at->at_ns}), sequence++);
    for (const auto& [code, value] : at->values) text += fmt::format(R"(,"{}":{})", code, value);
    out.emplace_back("telemetry", text + "}");
  }
  return out;
}

asio::awaitable<Result<void>> play(const Recording& recording, Publisher& publisher, PlayOptions options) {
  const std::int64_t length = std::min(recording.duration_ns(), options.limit_ns);
  const std::int64_t step = nanoseconds{options.frame}.count();
  asio::steady_timer timer{co_await asio::this_coro::executor};
  std::uint64_t sequence = 1;
  const auto wall = std::chrono::steady_clock::now();
  std::int64_t played = 0;  // over all rounds
  Time start = options.start;
  do {
    for (std::int64_t at = 0; at < length; at += step) {
      const std::int64_t end = std::min(at + step, length);
      if (options.speed > 0) {
        timer.expires_at(wall + std::chrono::duration_cast<nanoseconds>(nanoseconds{played + end} / options.speed));
        co_await timer.async_wait(asio::use_awaitable);
      }
      for (auto& [topic, payload] : messages_between(recording, at, end, start, sequence))
        if (auto sent = co_await publisher.send(topic, std::move(payload)); !sent) co_return sent;
    }
    played += length;
    start += nanoseconds{length};
  } while (options.loop && length > 0);
  co_return co_await publisher.drain();
}

}  // namespace salus::sim
