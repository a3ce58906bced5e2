// From a message to samples: parse, tell repeated ones, store, hand on.
#include <algorithm>

#include "base/digest.hpp"
#include "device/telemetry_cbor.hpp"
#include "device/telemetry_json.hpp"
#include "monitor/telemetry_state.hpp"

namespace salus::monitor {

using device::Format;
using device::Reject;

void Telemetry::take(DeviceState& state, const device::MessageView& message, device::Session session,
                     std::int64_t arrival_ns, const view::Place& place) {
  ++state.status.messages;
  if (message.at_least_once) {
    // A repeated packet without identity of its own: same session, same id, same bytes.
    const auto packet = static_cast<std::int64_t>(static_cast<std::uint64_t>(session) << 16 | message.packet_id);
    const std::uint32_t checksum = crc32c(message.payload);
    if (message.repeated && state.packets.contains(packet, checksum)) {
      ++state.status.repeated;
      return;
    }
    state.packets.remember(packet, checksum);
  }
  switch (message.format) {
    case Format::json:
    case Format::cbor:
      return take_telemetry(state, message, arrival_ns, place);
    case Format::waveform:
      return take_waveform(state, message.payload, arrival_ns, place);
    case Format::other:
      ++state.status.other;
      return;
  }
}

void Telemetry::take_telemetry(DeviceState& state, const device::MessageView& message, std::int64_t arrival_ns,
                               const view::Place& place) {
  const Result<void> parsed = message.format == Format::json ? device::parse_telemetry_json(message.payload, message_)
                                                             : device::parse_telemetry_cbor(message.payload, message_);
  if (!parsed) {
    ++state.status.malformed;
    state.status.last_error = parsed.error().message;
    observer_->on_device(state.id);
    return;
  }
  for (const device::Reading& reading : message_.readings()) take_reading(state, reading, arrival_ns, place);
}

// A clock that is plainly wrong is not used: the time of arrival stands for it, and the message is counted.
std::int64_t Telemetry::sample_time(DeviceState& state, bool has_time, std::int64_t device_ns,
                                    std::int64_t arrival_ns) {
  if (!has_time) return arrival_ns;
  if (!device::DeviceClock::is_credible(device_ns, arrival_ns)) {
    ++state.status.clock_wrong;
    return arrival_ns;
  }
  state.clock.observe(device_ns, arrival_ns);
  return device_ns;
}

void Telemetry::take_reading(DeviceState& state, const device::Reading& reading, std::int64_t arrival_ns,
                             const view::Place& place) {
  if (reading.has_time && reading.has_sequence && state.readings.seen(reading.time_ns, reading.sequence)) {
    ++state.status.repeated;
    return;
  }
  const std::int64_t time_ns = sample_time(state, reading.has_time, reading.time_ns, arrival_ns);
  numerics_.clear();
  for (const device::Item& item : message_.items(reading)) {
    if (item.is_value()) {
      take_value(state, item.code, item.value, time_ns, place);
      numerics_.push_back({item.code, item.value});
    } else if (item.reject != Reject::none) {
      ++state.status.rejected[static_cast<std::size_t>(item.reject)];
    }
  }
  for (const std::string_view key : message_.unknown(reading)) count_unknown(state, key);
  if (!is_before_stay(state, time_ns)) hear_patient(state, reading.patient, place);
  if (numerics_.empty() || is_before_stay(state, time_ns)) return;
  observer_->on_numerics(state.id, time_ns, numerics_);
  score(state, time_ns, place);
}

void Telemetry::take_value(DeviceState& state, Code code, Value value, std::int64_t time_ns, const view::Place& place) {
  VitalState& vital = state.vitals[device::index(code)];
  if (vital.channel == no_channel) {
    const auto channel = store_.open({state.id, device::info(code).mdc, 0});
    if (!channel) return;  // a million channels: the value stays in the log
    vital.channel = *channel;
  }
  const std::int64_t now_ns = ns_of(place.time);
  const bool in_order = store_.append(vital.channel, time_ns, value, place.time) == series::Appended::in_order;
  if (is_before_stay(state, time_ns)) return;  // somebody else's, stored
  if (!vital.known) {
    vital.known = true;
    vital.heard_ns = now_ns;
    if (no_data_after_ns(code) > 0) {
      state.continuous |= std::uint64_t{1} << device::index(code);
      arm(state, now_ns + no_data_after_ns(code));
    }
  } else if (now_ns > vital.heard_ns) {  // what comes together says nothing about how often it comes
    vital.rhythm.observe(now_ns - vital.heard_ns);
    vital.heard_ns = now_ns;
  }
  if (vital.missing) {
    vital.missing = false;
    end(state, code, ConditionRule::no_data, Priority::medium, place);
  }
  if (!in_order) return;  // the past is stored, and alarms nobody
  vital.time_ns = time_ns;
  vital.value = value;
  if (is_said_by_asystole(state, code, value)) return;
  watch(state, code, value, {time_ns, now_ns}, place);
}

void Telemetry::count_unknown(DeviceState& state, std::string_view key) {
  DeviceStatus& status = state.status;
  std::string name{key.substr(0, unknown_key_bytes_max)};
  const auto found = status.unknown_keys.find(name);
  if (found != status.unknown_keys.end()) {
    ++found->second;
  } else if (status.unknown_keys.size() < unknown_keys_max) {
    status.unknown_keys.emplace(std::move(name), 1);
    observer_->on_device(state.id);
  } else {
    ++status.unknown_overflow;
  }
}

void Telemetry::take_waveform(DeviceState& state, ByteView payload, std::int64_t arrival_ns, const view::Place& place) {
  const Result<void> decoded = device::decode_waveform(payload, frame_);
  if (!decoded) {
    ++state.status.malformed;
    state.status.last_error = decoded.error().message;
    observer_->on_device(state.id);
    return;
  }
  if (state.frames.seen(frame_.time_ns, frame_.sequence)) {
    ++state.status.repeated;
    return;
  }
  const std::int64_t start_ns = sample_time(state, true, frame_.time_ns, arrival_ns);
  const device::WaveFrame& frame = frame_;
  ecg_channels_.clear();
  for (const device::WaveChannel& channel : frame.channels()) take_channel(state, frame, channel, start_ns, place);
  if (!is_before_stay(state, start_ns)) take_ecg(state, start_ns, place);
}

void Telemetry::take_channel(DeviceState& state, const device::WaveFrame& frame, const device::WaveChannel& channel,
                             std::int64_t start_ns, const view::Place& place) {
  const Code code = device::code_of_mdc(channel.mdc);
  const auto reject = [&](Reject why) { ++state.status.rejected[static_cast<std::size_t>(why)]; };
  if (code == device::no_code) return count_unknown(state, "mdc:" + std::to_string(channel.mdc));
  const device::CodeInfo& info = device::info(code);
  if (info.kind != device::CodeKind::wave) return reject(Reject::wrong_kind);
  device::Ratio ratio;
  if (const Reject why = device::wave_ratio(channel.multiplier, channel.exponent, channel.unit, info, ratio);
      why != Reject::none)
    return reject(why);
  // Whole steps of the stored scale are exact; others are rounded half away from zero.
  const std::int64_t offset = channel.offset, half = ratio.denominator / 2;
  const std::int64_t low = info.low_stored(), high = info.high_stored();
  samples_.resize(channel.samples.size());
  bool plausible = true;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const std::int64_t scaled = (channel.samples[i] - offset) * ratio.numerator;
    const std::int64_t stored =
        ratio.denominator == 1 ? scaled : (scaled >= 0 ? scaled + half : scaled - half) / ratio.denominator;
    plausible &= stored >= low && stored <= high;
    samples_[i] = static_cast<Value>(stored);
  }
  if (!plausible) return reject(Reject::implausible);
  VitalState& wave = state.vitals[device::index(code)];
  if (wave.channel == no_channel) {
    const auto place_in_store = store_.open({state.id, channel.mdc, 0});
    if (!place_in_store) return;
    wave.channel = *place_in_store;
  }
  wave.known = true;
  wave.time_ns = start_ns;
  wave.heard_ns = ns_of(place.time);
  const series::Period period{frame.period.numerator_ns * channel.divider, frame.period.denominator};
  // Between gaps; samples_ has none.
  std::size_t from = 0, taken = 0;
  const auto append_until = [&](std::size_t to) {
    if (to > from)
      store_.append_wave(wave.channel, start_ns + period.offset_ns(static_cast<std::int64_t>(from)), period,
                         std::span(samples_).subspan(taken, to - from), place.time);
    taken += to - from;
  };
  for (const device::WaveGap& gap : channel.gaps) {
    append_until(gap.first);
    from = std::size_t{gap.first} + gap.count;
  }
  append_until(channel.sample_count);
  if (!is_before_stay(state, start_ns)) observer_->on_wave(state.id, code, start_ns, period, channel);
  collect_ecg(code, channel, period, samples_);
}

}  // namespace salus::monitor
