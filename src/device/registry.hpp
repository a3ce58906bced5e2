// Which devices there are, and at which bed and patient each is from when to when: a view of `records`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "view/view.hpp"

namespace salus::device {

struct Device {
  std::string id;
  std::string name;
  std::string model;
  std::string ward;  // where it belongs; a binding's ward is where it is
  bool enabled = true;
  bool simulated = false;
  Time created{};
  Time updated{};
  std::uint64_t version = 0;  // 1 when created, one more with each change
};

// Of whoever lies at the device: what limits and the search for beats go by.
enum class AgeClass : std::uint8_t { unknown, adult, child, neonate };
inline constexpr std::size_t age_class_count = 4;
std::string_view name(AgeClass age_class);
std::optional<AgeClass> age_class_from(std::string_view name);

// A device is somewhere from `from` until the next binding. With neither patient nor bed it stands idle.
struct Binding {
  Time from{};
  std::optional<Time> to;  // nothing: still so
  std::string patient;     // opaque id; empty: none
  std::string label;       // what screens show for the patient
  std::string bed;
  std::string ward;
  std::string by;
  AgeClass age_class = AgeClass::unknown;
  std::optional<bool> paced;  // has a pacemaker; nothing: not known
  bool is_idle() const { return patient.empty() && bed.empty(); }
};

struct DeviceQuery {
  std::string search{};  // part of id, name, model, ward or present bed; ASCII case does not matter
  std::string after{};   // the last id of the page before
  std::size_t limit = 100;
};
struct DevicePage {
  std::vector<const Device*> items;  // by id; valid until the next apply
  std::size_t total = 0;             // that match, on all pages
  bool more = false;
};

// Entries (JSON bodies, docs/formats/entries.md): device_put, device_removed, binding_set. Keys and secrets in a
// device_put belong to guard: they are neither read nor kept here.
//
// Bounds: 100,000 devices; 1,000 bindings each, the oldest are forgotten (the log keeps them).
// Threads: its host's.
class Registry final : public view::View {
 public:
  static constexpr std::size_t devices_max = 100'000;
  static constexpr std::size_t bindings_max = 1'000;

  std::string_view name() const override { return "registry"; }
  std::string layout() const override { return "2"; }
  // Refusals: invalid, not_found, too_large. Detail of device_put: {"id","version","created"}.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  const Device* find(std::string_view id) const;
  DevicePage list(const DeviceQuery& query) const;
  // What held at `time`; nothing before the first binding. The views stay valid until the next apply.
  const Binding* binding_at(std::string_view id, Time time) const;
  const Binding* binding_now(std::string_view id) const;     // the newest
  std::vector<Binding> bindings(std::string_view id) const;  // oldest first
  std::size_t size() const { return records_.size(); }

  // Rises with every change: who keeps what it found here compares this first. Not part of the state.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Record {
    Device device;
    std::vector<Binding> bindings;  // by `from`
  };
  view::Answer put(const log::Run& run, const view::Place& place);
  view::Answer remove(const log::Run& run);
  view::Answer bind(const log::Run& run, const view::Place& place);
  void changed(std::string_view id);

  std::map<std::string, Record, std::less<>> records_;
  std::set<std::string> dirty_;
  std::uint64_t revision_ = 1;
};

}  // namespace salus::device
