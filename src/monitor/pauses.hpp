// Beds whose alarms are not heard, or not signalled at all: by whom, until when, why. A view of `records`.
//
// Nothing here keeps an alarm from being raised and recorded: it is how screens signal what there is. A pause ends at
// its time, by somebody, or with the stay of the patient it was meant for.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/seats.hpp"
#include "view/view.hpp"

namespace salus::monitor {

// IEC 60601-1-8: audio paused and alarm paused have an end, audio off and alarm off have none.
enum class Inactivation : std::uint8_t { audio, alarm };
std::string_view name(Inactivation what);

struct Pause {
  Inactivation what{};
  std::optional<Time> until;  // nothing: until somebody ends it
  std::string by;
  std::string reason;
  Time set{};
};
struct PausedBed {
  std::string ward;
  std::string bed;
  Pause pause;
};

// Entries (docs/formats/entries.md): alarms_paused, alarms_resumed; binding_set and device_removed end what was meant
// for a patient who has left. Bounds: 10,000 pauses; a pause with an end lasts 24 h at most. Threads: its host's.
class Pauses final : public view::View {
 public:
  static constexpr std::size_t pauses_max = 10'000;
  static constexpr std::chrono::hours pause_max{24};

  // `registry` outlives this, is applied before it, and is loaded before it.
  explicit Pauses(const device::Registry& registry) : registry_(registry) {}

  std::string_view name() const override { return "pauses"; }
  // Refusals: invalid, not_found (alarms_resumed: nothing is paused), too_large.
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void advance(const view::Place& place) override;
  std::optional<Time> next_due() const override;
  void save(view::Table& table) override;
  Result<void> load(const view::Table& table) override;

  std::vector<Pause> of_bed(std::string_view ward, std::string_view bed) const;
  std::vector<PausedBed> list() const;  // by ward and bed

  // Rises with every change. Not part of the state.
  std::uint64_t revision() const { return revision_; }

 private:
  struct Key {
    std::string ward;
    std::string bed;
    Inactivation what{};
    auto operator<=>(const Key&) const = default;
  };
  static std::string bytes_of(const Key& key);
  view::Answer pause(const json::object& body, const view::Place& place);
  view::Answer resume(const json::object& body);
  void seated(std::string_view device);
  void remove(const Key& key);

  const device::Registry& registry_;
  std::map<Key, Pause> pauses_;
  std::set<Key> dirty_;
  std::set<std::pair<Time, Key>> timers_;
  Seats seats_;
  std::uint64_t revision_ = 1;
};

}  // namespace salus::monitor
