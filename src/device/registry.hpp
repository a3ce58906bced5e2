// Which devices there are, and at which bed and patient each is from when to when: a view of `records`.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "device/binding.hpp"
#include "device/names_ever.hpp"
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

// A bed at which a device stands now. Where there is a patient, it is the one of every device there that has one.
struct BedState {
  Bed bed;
  std::string patient;  // empty: none
  std::string label;
  Time since{};                      // since when this patient, or this bed's devices, have been here
  std::vector<std::string> devices;  // ids, ascending
};
struct BedQuery {
  std::optional<std::string> ward{};
  std::string
      search{};  // part of bed, ward, label, a device's id, or the end of the patient's id; case does not matter
  std::optional<Bed> after{};  // the last of the page before
  std::size_t limit = 100;
};
struct BedPage {
  std::vector<BedState> items;  // by ward, then name
  std::size_t total = 0;
  bool more = false;
};

// What a device measured of one patient, and where.
struct Stay {
  std::string device;
  Binding binding;  // its part of the interval asked for; `to` is always there
};

// What would stand in the way of a binding.
struct StayConflict {
  enum class Kind : std::uint8_t { bed_taken, patient_elsewhere } kind{};
  Bed bed;             // the one that is taken, or where the patient is
  std::string device;  // by which this is known
};

// Entries (JSON bodies, docs/formats/entries.md): device_put, device_removed, binding_set, bindings_changed,
// binding_corrected, bindings_undone. Keys and secrets in a device_put belong to guard: they are neither read nor kept.
//
// Whoever names the versions of the bindings that they saw is refused when these changed meanwhile, when the bed has
// another patient, and when the patient is at another bed without being said to leave it. So among entries with
// versions a bed has one patient and a patient one bed. An entry changes all the devices that it names, or none.
//
// Bounds: 100,000 devices; 1,000 bindings and 1,000 superseded stretches each, the oldest are forgotten (the log keeps
// them); 64 devices an entry. Threads: its host's.
class Registry final : public view::View {
 public:
  static constexpr std::size_t devices_max = 100'000;
  static constexpr std::size_t bindings_max = 1'000;
  static constexpr std::size_t devices_at_once_max = 64;
  static constexpr nanoseconds undo_max = std::chrono::hours{24};

  std::string_view name() const override { return "registry"; }
  std::string layout() const override { return "3"; }
  // Refusals: invalid, not_found, too_large, conflict. Detail of device_put: {"id","version","created"}; of bindings:
  // {"change","devices":[{"device","version"}]}.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  const Device* find(std::string_view id) const;
  DevicePage list(const DeviceQuery& query) const;
  // What held at `time`; nothing before the first binding. The views stay valid until the next apply.
  const Binding* binding_at(std::string_view id, Time time) const;
  const Binding* binding_now(std::string_view id) const;     // the newest
  std::vector<Binding> bindings(std::string_view id) const;  // oldest first
  // Stretches that were corrected, in the order in which they were.
  std::vector<Superseded> superseded(std::string_view id) const;
  // How often the device's bindings changed: what who changes them names as seen. 0: never bound.
  std::uint64_t binding_version(std::string_view id) const;
  std::size_t size() const { return records_.size(); }

  // Devices that stand at the bed now, and those that have the patient now; ascending.
  std::vector<std::string> at_bed(const Bed& bed) const;
  std::vector<std::string> with_patient(std::string_view patient) const;
  // Nothing when no device stands there now.
  std::optional<BedState> bed(const Bed& bed) const;
  BedPage beds(const BedQuery& query) const;
  // What devices measured of the patient within [from, to), by start, then device.
  std::vector<Stay> stays(std::string_view patient, Time from, Time to) const;
  // Devices whose newest binding came with the entry at this offset, ascending.
  std::vector<std::string> changed_by(std::uint64_t change) const;
  // What stands in the way of `devices` being at `stay` (its patient, bed, ward, from and to).
  std::vector<StayConflict> conflicts(const Binding& stay, const std::set<std::string, std::less<>>& devices) const;

  // Devices whose bindings the last apply() changed.
  const std::vector<std::string>& rebound() const { return rebound_; }

  // Rises with every change: who keeps what it found here compares this first. Not part of the state. Threads: any.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
  // Devices that ever were, and patients of bindings that ever held, since this program started or in what it loaded.
  // Threads: any.
  const NamesEver& devices_ever() const { return devices_ever_; }
  const NamesEver& patients_ever() const { return patients_ever_; }

 private:
  std::optional<view::Answer> apply_change(const log::Run& run, const view::Place& place);
  struct Record {
    Device device;
    std::vector<Binding> bindings;  // by `from`
    std::vector<Superseded> superseded;
    std::uint64_t bound = 0;
  };
  struct Wanted {
    std::string device;
    Record* record = nullptr;
    Binding binding;  // from, and `to` where it does not hold on
  };
  using Ids = std::set<std::string, std::less<>>;

  view::Answer put(const json::object& body, const view::Place& place);
  view::Answer remove(const json::object& body);
  view::Answer bind(const json::object& body, std::uint64_t change, const view::Place& place);
  view::Answer bind_unseen(Wanted wanted, const view::Place& place);
  view::Answer change(const json::object& body, std::uint64_t change, const view::Place& place);
  view::Answer change(std::vector<Wanted> wanted, bool transfer, const view::Place& place);
  view::Answer correct(const json::object& body, std::uint64_t change, const view::Place& place);
  view::Answer undo(const json::object& body, std::uint64_t change, const view::Place& place);
  Result<std::vector<std::pair<Wanted, json::object>>> read_devices(const json::object& body);
  Result<Wanted> read_device(const json::object& row);
  Result<void> check(const std::vector<Wanted>& wanted, bool transfer) const;
  view::Answer settle(std::vector<Wanted> wanted, Time now, const std::string& reason);
  static void overlay(Record& record, const Binding& wanted, Time now, const std::string& reason);
  void index(const std::string& id, const Record& record);
  void unindex(const std::string& id, const Record& record);
  void changed(std::string_view id);

  std::map<std::string, Record, std::less<>> records_;
  std::map<Bed, Ids> by_bed_;  // who was ever there, by the bindings in force; not saved: made of the records
  std::map<std::string, Ids, std::less<>> by_patient_;
  std::set<std::string> dirty_;
  std::vector<std::string> rebound_;
  std::atomic<std::uint64_t> revision_{1};
  NamesEver devices_ever_, patients_ever_;
};

}  // namespace salus::device
