#include "app/signals.hpp"

#include <algorithm>
#include <set>

#include "app/signals_reader.hpp"
#include "fhir/signals/signal_id.hpp"

namespace salus::app {
namespace {

using fhir::SignalAsk, fhir::SignalCell, fhir::SignalCode, fhir::SignalKind, fhir::SignalName, fhir::SignalStretch;

constexpr std::size_t kStretchesMax = 4'096;
constexpr std::string_view kConsciousness[] = {"Alert", "New confusion", "Responds to voice", "Responds to pain",
                                               "Unresponsive"};

SignalCode code_of(const device::CodeInfo& info) {
  using enum device::CodeKind;
  SignalCode code{.mdc = info.mdc,
                  .kind = info.kind == wave      ? SignalKind::wave
                          : info.kind == ordinal ? SignalKind::level
                          : info.kind == flag    ? SignalKind::flag
                                                 : SignalKind::number,
                  .alias = info.alias(),
                  .loinc = info.loinc,
                  .refid = info.refid,
                  .english = info.english,
                  .category = info.alias() == "wbc" || info.alias() == "wbc_bands" || info.alias() == "paco2"
                                  ? "laboratory"
                                  : "vital-signs",
                  .unit = info.unit,
                  .scale = info.scale};
  if (code.kind == SignalKind::level) code.levels = kConsciousness;
  return code;
}

std::int64_t ns_or(const std::optional<Time>& time, std::int64_t otherwise) {
  return time ? ns_of(*time) : otherwise;
}

// On the records host's thread. Stretches without their codes.
Result<std::vector<SignalStretch>> asked(const device::Registry& registry, const SignalAsk& ask) {
  std::set<std::string, std::less<>> devices{ask.devices.begin(), ask.devices.end()};
  const auto is_asked = [&](const SignalStretch& stretch) {
    return ask.patients.empty() || std::ranges::find(ask.patients, stretch.patient) != ask.patients.end();
  };
  if (ask.devices.empty())
    for (const std::string& patient : ask.patients)
      for (const device::Stay& stay : registry.stays(patient, Time::min(), Time::max())) devices.insert(stay.device);
  if (ask.anyone) {
    const device::DevicePage all = registry.list({.limit = fhir::SignalSource::series_max + 1});
    if (all.more || all.items.size() > fhir::SignalSource::series_max)
      return fail(ErrorCode::too_large,
                  "There are too many devices to search the signals of all; name a patient or a device.");
    for (const device::Device* device : all.items) devices.insert(device->id);
  }
  std::vector<SignalStretch> found;
  for (const std::string& id : devices) {
    const device::Device* device = registry.find(id);
    if (device == nullptr) continue;
    for (SignalStretch& stretch : stretches_of(registry, *device)) {
      if (is_asked(stretch) && stretch.from_ns < ask.to_ns && stretch.to_ns > ask.from_ns)
        found.push_back(std::move(stretch));
    }
    if (found.size() > kStretchesMax)
      return fail(ErrorCode::too_large, "The interval holds more than {} stays; ask for a shorter one.", kStretchesMax);
  }
  return found;
}

// On the telemetry host's thread.
std::shared_ptr<const SignalChannel> channel_of(Core& core, const std::string& device, std::uint32_t mdc,
                                                const std::shared_ptr<const view::TableReader>& table) {
  const series::Store& store = core.telemetry_view().store();
  const auto channel = store.find({device, mdc, 0});
  if (!channel) return nullptr;
  return std::make_shared<const SignalChannel>(SignalChannel{store.summary(*channel), store.copy(*channel), table});
}

}  // namespace

std::vector<SignalStretch> stretches_of(const device::Registry& registry, const device::Device& device) {
  std::vector<SignalStretch> found;
  found.push_back(
      {.device = device.id, .device_name = device.name, .simulated = device.simulated, .patient = {}, .label = {}});
  for (const device::Binding& binding : registry.bindings(device.id)) {
    SignalStretch& last = found.back();
    if (last.patient == binding.patient) {  // at another bed, or still nobody
      last.to_ns = ns_or(binding.to, SignalStretch::always_to);
      last.label = binding.label;
      last.change = std::max(last.change, binding.change);
      continue;
    }
    last.to_ns = ns_of(binding.from);
    SignalStretch next{.device = device.id,
                       .device_name = device.name,
                       .simulated = device.simulated,
                       .patient = binding.patient,
                       .label = binding.label};
    next.from_ns = ns_of(binding.from);
    next.to_ns = ns_or(binding.to, SignalStretch::always_to);
    next.change = binding.change;
    found.push_back(std::move(next));
  }
  return found;
}

std::span<const SignalCode> Signals::codes() const {
  static const std::vector<SignalCode> codes = [] {
    std::vector<SignalCode> made;
    for (const device::CodeInfo& info : device::codes()) made.push_back(code_of(info));
    return made;
  }();
  return codes;
}

bool Signals::may_know_patient(std::string_view name) const {
  return core_.registry().patients_ever().has(name);
}

bool Signals::may_know_device(std::string_view name) const {
  return core_.registry().devices_ever().has(name);
}

asio::awaitable<Result<std::unique_ptr<fhir::SignalReader>>> Signals::open(SignalAsk ask) {
  auto stretches = co_await core_.records().read([registry = &core_.registry(), ask] { return asked(*registry, ask); });
  if (!stretches) co_return fail(stretches.error());
  if (!*stretches) co_return fail((*stretches).error());
  if ((*stretches)->empty()) co_return std::make_unique<ChannelReader>(std::move(ask));
  std::vector<std::uint32_t> wanted = ask.codes;
  if (wanted.empty())
    for (const SignalCode& code : codes()) wanted.push_back(code.mdc);
  using Channels = std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const SignalChannel>>;
  auto channels =
      co_await core_.telemetry().read([core = &core_, stretches = &**stretches, wanted]() -> Result<Channels> {
        Channels found;
        std::set<std::string_view> seen;
        std::shared_ptr<const view::TableReader> table;
        for (const SignalStretch& stretch : *stretches) {
          if (!seen.insert(stretch.device).second) continue;
          for (const std::uint32_t mdc : wanted) {
            if (!core->telemetry_view().store().find({stretch.device, mdc, 0})) continue;
            if (!table) table = core->telemetry_snapshot();
            if (found.size() >= fhir::SignalSource::series_max)
              return fail(ErrorCode::too_large,
                          "More than {} series would be searched; name a patient, a device or a code.",
                          fhir::SignalSource::series_max);
            found.emplace(std::pair(stretch.device, mdc), channel_of(*core, stretch.device, mdc, table));
          }
        }
        return found;
      });
  if (!channels) co_return fail(channels.error());
  if (!*channels) co_return fail((*channels).error());
  const std::int64_t cell_ns = ask.cell_ns;
  auto reader = std::make_unique<ChannelReader>(std::move(ask));
  for (const SignalStretch& stretch : **stretches)
    for (const std::uint32_t mdc : wanted) {
      const auto found = (*channels)->find(std::pair(stretch.device, mdc));
      const SignalCode* code = find(mdc);
      if (found == (*channels)->end() || code == nullptr) continue;
      SignalStretch one = stretch;
      one.mdc = mdc;
      reader->add(std::move(one), found->second, cell_length(code->kind, cell_ns));
    }
  co_return reader;
}

asio::awaitable<Result<std::optional<SignalCell>>> Signals::cell(SignalName name) {
  const SignalCode* code = find(name.mdc);
  if (code == nullptr || cell_length(code->kind, name.cell_ns) != name.cell_ns) co_return std::nullopt;
  auto stretch = co_await core_.records().read([registry = &core_.registry(), name]() -> std::optional<SignalStretch> {
    const device::Device* device = name.is_digest ? nullptr : registry->find(name.device);
    if (name.is_digest)
      for (const device::Device* one : registry->list({.limit = device::Registry::devices_max}).items)
        if (fhir::device_digest(one->id) == name.device) device = one;
    if (device == nullptr) return std::nullopt;
    const std::int64_t at_ns = name.start_ns + name.part_ns;
    for (SignalStretch& one : stretches_of(*registry, *device))
      if (one.from_ns <= at_ns && one.to_ns > at_ns && (name.part_ns == 0 || one.from_ns == at_ns))
        return std::move(one);
    return std::nullopt;
  });
  if (!stretch) co_return fail(stretch.error());
  if (!*stretch) co_return std::nullopt;
  (*stretch)->mdc = name.mdc;
  auto channel = co_await core_.telemetry().read([core = &core_, device = (*stretch)->device, mdc = name.mdc] {
    return channel_of(*core, device, mdc, core->telemetry_snapshot());
  });
  if (!channel) co_return fail(channel.error());
  if (!*channel) co_return std::nullopt;
  SignalCell cell{.stretch = std::make_shared<const SignalStretch>(std::move(**stretch)),
                  .start_ns = name.start_ns,
                  .cell_ns = name.cell_ns,
                  .samples = {}};
  auto samples = samples_of(**channel, {cell.from_ns(), cell.to_ns()}, fhir::SignalSource::cell_samples_max);
  if (!samples) co_return fail(samples.error());
  if (samples->empty()) co_return std::nullopt;
  cell.samples = std::move(*samples);
  co_return cell;
}

}  // namespace salus::app
