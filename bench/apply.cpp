// What apply costs on one core: 100-byte JSON messages with six vitals (parsed, told from repeated ones, stored, limits
// and NEWS2 checked), the same in CBOR, and packed waveform frames. Beside it, from the same run: the general JSON
// parser of the control plane on the same bytes, and copying the samples.
#include <fmt/format.h>

#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "device/telemetry_cbor.hpp"
#include "device/telemetry_json.hpp"
#include "log/kinds.hpp"
#include "monitor/telemetry.hpp"
#include "view/memory_table.hpp"
#include "view/worker.hpp"

namespace {

using namespace salus;

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t start_ns = 1'767'225'600 * second_ns;
constexpr int devices = 50;
constexpr int runs = 40'000;
constexpr int messages_per_run = 20;

// Time of the processor, not of the wall: a core that is shared with other work is not slower.
double seconds_on(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}
double process_seconds() {
  return seconds_on(CLOCK_PROCESS_CPUTIME_ID);
}
template <class Work>
double seconds_of(const Work& work) {
  const double begin = seconds_on(CLOCK_THREAD_CPUTIME_ID);
  work();
  return seconds_on(CLOCK_THREAD_CPUTIME_ID) - begin;
}

std::string vitals(std::int64_t time_ms, int sequence) {
  const int wave = sequence % 7;
  return fmt::format(R"({{"t":{},"seq":{},"hr":{},"spo2":{}.{},"rr":{},"nibp_sys":{},"nibp_dia":{},"temp":36.{}}})",
                     time_ms, sequence, 70 + wave, 96 + wave % 3, wave % 10, 14 + wave % 4, 118 + wave, 76 + wave,
                     6 + wave % 3);
}

struct Stored {
  log::Draft draft;
  view::Place place;
};

void prepare(monitor::Telemetry& telemetry) {
  for (int i = 0; i < devices; ++i) {
    const std::string body = fmt::format(R"({{"id":"monitor-{}"}})", i);
    telemetry.context({.kind = log::kind::device_put, .first = log::Offset(i + 1), .body = body}, {});
  }
}

double apply_all(monitor::Telemetry& telemetry, const std::vector<Stored>& entries) {
  view::MemoryTable table;
  std::size_t refused = 0;
  const double before = process_seconds();
  const double seconds = seconds_of([&] {
    for (const Stored& entry : entries) {
      telemetry.advance(entry.place);
      const log::Run run{.kind = entry.draft.kind,
                         .count = entry.draft.count,
                         .first = entry.place.position.offset,
                         .key = 0,
                         .body = entry.draft.body};
      const auto answer = telemetry.apply(run, entry.place);
      refused += answer && answer->refusal ? 1 : 0;
    }
  });
  const double all = process_seconds() - before;
  if (refused > 0) fmt::print("{} runs were refused: the bench is wrong\n", refused);
  const double saving = seconds_of([&] { telemetry.save(table); });
  std::size_t bytes = 0;
  for (const auto& [key, value] : table.pairs()) bytes += key.size() + value.size();
  fmt::print(
      "  (beside it, coding closed chunks: {:.1f} ms; then save: {:.1f} ms, table {:.1f} MiB, {} alarms in the "
      "outbox)\n",
      (all - seconds) * 1e3, saving * 1e3, bytes / 1048576.0, telemetry.outbox_size());
  return seconds;
}

void bench_vitals() {
  std::vector<Stored> entries;
  device::MessageRunWriter writer;
  std::uint64_t offset = 1;
  std::size_t bytes = 0;
  for (int i = 0; i < runs; ++i) {
    const int round = i / devices;
    const Time arrival = time_from_ns(start_ns + (round + 1) * std::int64_t{messages_per_run} * second_ns);
    writer.begin(fmt::format("monitor-{}", i % devices), device::Session{1}, arrival);
    for (int k = 0; k < messages_per_run; ++k) {
      const int sequence = round * messages_per_run + k;
      const std::string payload = vitals(start_ns / 1'000'000 + sequence * 1'000, sequence);
      bytes += payload.size();
      writer.add({.format = device::Format::json,
                  .at_least_once = true,
                  .packet_id = static_cast<std::uint16_t>(sequence + 1),
                  .payload = payload});
    }
    entries.push_back({writer.take(), {{log::Epoch{1}, log::Offset{offset}}, arrival}});
    offset += messages_per_run;
  }
  const double messages = double(runs) * messages_per_run;
  view::Worker worker{"worker"};
  auto telemetry = std::make_unique<monitor::Telemetry>(nullptr, &worker);
  prepare(*telemetry);
  const double applied = apply_all(*telemetry, entries);

  const std::string sample = vitals(start_ns / 1'000'000, 1);
  device::Message message;
  const double parsed = seconds_of([&] {
    for (int i = 0; i < 1'000'000; ++i)
      if (!device::parse_telemetry_json(sample, message)) std::abort();
  });
  const double general = seconds_of([&] {
    for (int i = 0; i < 100'000; ++i)
      if (!parse_json(sample)) std::abort();
  });
  fmt::print("JSON vitals, {:.0f} bytes: apply {:.0f} ns a message, {:.2f} million/s on one core\n", bytes / messages,
             applied / messages * 1e9, messages / applied / 1e6);
  fmt::print("  parsing alone {:.0f} ns; the general strict parser {:.0f} ns ({:.1f} times)\n", parsed * 1e3,
             general * 1e4, general * 10 / parsed);
}

void bench_waves() {
  constexpr int frames = 4'000;
  std::vector<Stored> entries;
  device::MessageRunWriter writer;
  device::WaveFrame frame;
  frame.period = {2'000'000, 1};
  std::uint32_t random = 1;
  std::size_t samples = 0, bytes = 0;
  for (int i = 0; i < frames; ++i) {
    const int round = i / devices;
    frame.clear();
    frame.sequence = static_cast<std::uint32_t>(round);
    frame.time_ns = start_ns + round * second_ns;
    for (const std::uint32_t mdc : {131329U, 131330U, 131389U, 150452U}) {
      device::WaveChannel& channel = frame.add_channel();
      channel.mdc = mdc;
      channel.multiplier = 5;
      channel.exponent = 3;
      channel.unit = mdc == 150452U ? "1" : "mV";
      channel.sample_count = 500;
      channel.gaps.clear();
      channel.samples.resize(500);
      int value = 0;
      for (auto& one : channel.samples) {
        random = random * 1'664'525 + 1'013'904'223;
        one = value += static_cast<int>(random >> 28) - 8 - value / 16;
      }
      samples += 500;
    }
    std::string payload;
    if (!device::encode_waveform(frame, payload)) std::abort();
    bytes += payload.size();
    const Time arrival = time_from_ns(frame.time_ns + second_ns);
    writer.begin(fmt::format("monitor-{}", i % devices), device::Session{1}, arrival);
    writer.add({.format = device::Format::waveform, .payload = payload});
    entries.push_back({writer.take(), {{log::Epoch{1}, log::Offset(i + 1)}, arrival}});
  }
  view::Worker worker{"worker"};
  auto telemetry = std::make_unique<monitor::Telemetry>(nullptr, &worker);
  prepare(*telemetry);
  const double applied = apply_all(*telemetry, entries);
  std::vector<std::int32_t> from(samples), to(samples);
  const double copied = seconds_of([&] { std::memcpy(to.data(), from.data(), samples * 4); });
  fmt::print(
      "waves, {:.2f} bytes a sample sent: apply {:.1f} ns a sample, {:.1f} million/s on one core ({:.0f} times a "
      "copy)\n",
      double(bytes) / double(samples), applied / double(samples) * 1e9, double(samples) / applied / 1e6,
      applied / copied);
}

}  // namespace

// Both, or the one that is named: `vitals` or `waves`.
int main(int count, char** arguments) {
  const std::string_view only = count > 1 ? arguments[1] : "";
  if (only != "waves") bench_vitals();
  if (only != "vitals") bench_waves();
}
