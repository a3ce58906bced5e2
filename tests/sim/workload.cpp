#include "workload.hpp"

#include "device/waveform_frame.hpp"
#include "failure.hpp"
#include "log/kinds.hpp"

namespace salus::simulate {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1'000 * ms;
constexpr std::size_t repeatable_max = 16;

Entry run_of(Messages messages) {
  device::MessageRunWriter writer;
  writer.begin(messages.device, device::Session{messages.session}, time_from_ns(messages.arrival_ns));
  for (const Sent& sent : messages.sent) {
    device::MessageView view = sent.flags;
    view.topic = view.format == device::Format::other ? ByteView("devices/x/notes") : ByteView{};
    view.payload = sent.payload;
    writer.add(view);
  }
  log::Draft draft = writer.take();
  return {std::move(draft), std::move(messages)};
}

std::string number(Value value, unsigned scale) {
  return device::decimal_text(value, scale);
}

}  // namespace

std::string Workload::any_device() {
  return fmt::format("m{}", 1 + below(5));
}

Entry Workload::control(Time now) {
  switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return device_put();
    case 3: {
      const std::string id = any_device();
      if (one_in(2)) return device_put();
      return {{log::kind::device_removed, 1, fmt::format(R"({{"id":"{}"}})", id), 0}, DeviceRemoved{id}};
    }
    case 4:
    case 5:
      return binding_set(now);
    case 6:
      return limits_put();
    default: {
      constexpr const char* refused[] = {
          "", "{", R"({"id":""})", R"({"id":"a b"})", "[]", R"({"id":"m1","name":7})", R"({"id":"m1","id":"m2"})"};
      return {{log::kind::device_put, 1, refused[below(std::size(refused))], 0}, Nothing{}};
    }
  }
}

Entry Workload::device_put() {
  DevicePut put{any_device(), fmt::format("Monitor {}", below(100)), !one_in(8)};
  std::string body = fmt::format(R"({{"id":"{}","name":"{}","enabled":{}}})", put.id, put.name, put.enabled);
  return {{log::kind::device_put, 1, std::move(body), 0}, std::move(put)};
}

Entry Workload::binding_set(Time now) {
  BindingSet binding{any_device(), ns_of(now) - static_cast<std::int64_t>(below(20)) * 60 * second,
                     one_in(4) ? "" : fmt::format("P-{}", below(50)), one_in(4) ? "" : fmt::format("B{}", below(9))};
  const bool too_early = one_in(10);
  if (too_early) binding.from_ns = ns_of(now) + 3'600 * second;
  const std::string patient = binding.patient.empty() ? "null" : fmt::format(R"({{"id":"{}"}})", binding.patient);
  std::string body = fmt::format(R"({{"device":"{}","from":"{}","patient":{},"bed":"{}"}})", binding.device,
                                 to_iso(time_from_ns(binding.from_ns)), patient, binding.bed);
  log::Draft draft{log::kind::binding_set, 1, std::move(body), 0};
  return too_early ? Entry{std::move(draft), Nothing{}} : Entry{std::move(draft), std::move(binding)};
}

// One rule, temp_body at medium, is the model's to evaluate: no delay, no hysteresis.
Entry Workload::limits_put() {
  constexpr const char* codes[] = {"hr", "spo2", "temp_body", "temp_body", "temp_body"};
  LimitsPut put;
  put.code = codes[below(std::size(codes))];
  put.priority = put.code == "temp_body" ? monitor::Priority::medium : monitor::Priority(below(3));
  put.device = one_in(2) ? "" : any_device();
  const unsigned scale = device::info(device::code_named(put.code)).scale;
  const Value ten = scale == 1 ? 10 : 100;
  if (!one_in(5)) put.low = static_cast<Value>(10 + below(28)) * ten;
  if (!one_in(5)) put.high = static_cast<Value>(38 + below(60)) * ten;
  put.enabled = !one_in(6);
  const bool crossed = put.low && put.high && one_in(10);
  if (crossed) std::swap(put.low, put.high);
  const auto text = [&](const std::optional<Value>& value) { return value ? number(*value, scale) : "null"; };
  std::string body = fmt::format(
      R"({{{}"code":"{}","priority":"{}","low":{},"high":{},"delay_ms":{},"hysteresis":0,"enabled":{}}})",
      put.device.empty() ? "" : fmt::format(R"("device":"{}",)", put.device), put.code, monitor::name(put.priority),
      text(put.low), text(put.high), put.code == "temp_body" ? 0 : below(20) * 1'000, put.enabled);
  log::Draft draft{log::kind::limits_put, 1, std::move(body), 0};
  return crossed ? Entry{std::move(draft), Nothing{}} : Entry{std::move(draft), std::move(put)};
}

Entry Workload::messages(Time now) {
  if (!sent_.empty() && one_in(8)) {  // delivered twice, the second time flagged or not
    Messages repeated = sent_[below(sent_.size())];
    repeated.arrival_ns = ns_of(now);
    const bool flagged = !one_in(3);
    for (Sent& sent : repeated.sent) sent.flags.repeated = flagged;
    return run_of(std::move(repeated));
  }
  Messages run{one_in(40) ? "stranger" : any_device(), session_, ns_of(now), {}};
  for (std::uint64_t left = 1 + below(4); left > 0; --left) {
    Sent sent = one_in(12) ? malformed() : one_in(4) ? wave(now) : reading(now);
    sent.flags.at_least_once = !one_in(5);
    sent.flags.packet_id = ++packet_id_;
    if (one_in(40)) sent.flags.format = device::Format::other;
    run.sent.push_back(std::move(sent));
  }
  if (sent_.size() < repeatable_max) {
    sent_.push_back(run);
  } else {
    sent_[below(repeatable_max)] = run;
  }
  return run_of(std::move(run));
}

Entry Workload::again(const Messages& lost, Time now) {
  Messages repeated = lost;
  repeated.arrival_ns = ns_of(now);
  for (Sent& sent : repeated.sent) sent.flags.repeated = true;
  return run_of(std::move(repeated));
}

// Mostly about now, in whole milliseconds; now and then late by minutes or hours, or plainly wrong.
std::int64_t Workload::device_time(Time now) {
  const auto back = [&](std::int64_t most_ms) { return ns_of(now) - static_cast<std::int64_t>(below(most_ms)) * ms; };
  if (one_in(40)) return one_in(2) ? ns_of(now) + 3'600 * second : 631'152'000 * second;
  return one_in(6) ? back(7'200'000) : one_in(4) ? back(60'000) : back(500);
}

Reading Workload::values(Time now, std::string& json) {
  Reading reading;
  std::vector<std::string> members;
  if (!one_in(8)) {
    reading.time_ns = device_time(now);
    members.push_back(one_in(4) ? fmt::format(R"("t":"{}")", to_iso(time_from_ns(*reading.time_ns)))
                                : fmt::format(R"("t":{})", *reading.time_ns / ms));
  }
  if (!one_in(4)) {
    reading.sequence = one_in(6) ? sequence_ : ++sequence_;
    members.push_back(fmt::format(R"("seq":{})", *reading.sequence));
  }
  struct Range {
    const char* alias;
    Value low, high;
  };
  constexpr Range ranges[] = {{"hr", 300, 1'500}, {"spo2", 800, 1'000}, {"temp_body", 1'000, 4'900}, {"rr", 40, 400}};
  for (const Range& range : ranges) {
    if (one_in(3)) continue;
    const Value value = range.low + static_cast<Value>(below(static_cast<std::uint64_t>(range.high - range.low)));
    reading.values[range.alias] = value;
    const device::CodeInfo& info = device::info(device::code_named(range.alias));
    members.push_back(
        one_in(5) ? fmt::format(R"("{}":{{"v":{},"u":"{}"}})", range.alias, number(value, info.scale), info.unit)
                  : fmt::format(R"("{}":{})", range.alias, number(value, info.scale)));
  }
  if (one_in(10)) {
    members.emplace_back(R"("pulse":900)");
    ++reading.rejected;
  }
  if (one_in(8)) {
    reading.unknown.push_back(fmt::format("vendor{}", below(4)));
    members.push_back(fmt::format(R"("{}":[1,{{"x":null}}])", reading.unknown.back()));
  }
  json += fmt::format("{{{}}}", fmt::join(members, ","));
  return reading;
}

Sent Workload::reading(Time now) {
  Sent sent;
  const std::uint64_t count = one_in(5) ? 2 + below(3) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) sent.payload += ",";
    sent.readings.push_back(values(now, sent.payload));
  }
  if (count > 1) sent.payload = "[" + sent.payload + "]";
  return sent;
}

Sent Workload::malformed() {
  constexpr const char* wrong[] = {"",
                                   "{",
                                   R"({"hr":72)",
                                   R"({"hr":72,"hr":73})",
                                   R"({"t":"yesterday","hr":72})",
                                   "[]",
                                   R"([{"hr":70},{"hr":}])",
                                   R"({"seq":-1})",
                                   "\xFF",
                                   R"({"hr":72}{})"};
  Sent sent;
  sent.payload = wrong[below(std::size(wrong))];
  sent.readable = false;
  sent.flags.format = one_in(5) ? device::Format::waveform : device::Format::json;
  return sent;
}

// 250 Hz in whole steps of what is stored; begins where it likes, so that frames overlap, follow and leave gaps.
Sent Workload::wave(Time now) {
  Sent sent;
  sent.flags.format = device::Format::waveform;
  Wave wave{ns_of(now) - static_cast<std::int64_t>(below(20)) * 100 * ms, ++sequence_, {}};
  device::WaveFrame frame;
  frame.time_ns = wave.time_ns;
  frame.sequence = static_cast<std::uint32_t>(wave.sequence);
  frame.period = {4 * ms, 1};
  device::WaveChannel& channel = frame.add_channel();
  channel = {};
  channel.mdc = device::info(device::code_named("ecg")).mdc;
  channel.divider = static_cast<std::uint16_t>(1 + below(2));
  channel.offset = static_cast<std::int32_t>(below(2'048));
  channel.multiplier = static_cast<std::uint32_t>(1 + below(500));
  channel.exponent = device::info(device::code_named("ecg")).scale;  // a step is what is stored
  channel.encoding = device::WaveEncoding(below(3));
  channel.sample_count = static_cast<std::uint16_t>(8 + below(60));
  if (one_in(4))
    channel.gaps.push_back({static_cast<std::uint16_t>(2 + below(3)), static_cast<std::uint16_t>(1 + below(3))});
  for (std::uint16_t i = 0; i < channel.sample_count; ++i) {
    if (!channel.gaps.empty() && i >= channel.gaps[0].first && i < channel.gaps[0].first + channel.gaps[0].count)
      continue;
    const auto sample = static_cast<std::int32_t>(below(4'096));
    channel.samples.push_back(sample);
    wave.samples[std::int64_t{i} * channel.divider * 4 * ms] =
        (sample - channel.offset) * static_cast<std::int32_t>(channel.multiplier);
  }
  const auto encoded = device::encode_waveform(frame, sent.payload);
  expect(encoded.has_value(), "a frame cannot be encoded: {}", encoded ? "" : encoded.error().message);
  sent.wave = std::move(wave);
  return sent;
}

}  // namespace salus::simulate
