// Where a device was, with whom, from when to when: how entries say it, and how tables keep it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace salus::device {

// A bed is told from others by its ward and its name.
struct Bed {
  std::string ward;
  std::string name;
  auto operator<=>(const Bed&) const = default;
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
  std::uint64_t change = 0;   // offset of the entry that said so: what was said at once has the same

  bool is_idle() const { return patient.empty() && bed.empty(); }
  Bed place() const { return {ward, bed}; }
  // Whoever `other` is, it is the same person at the same place.
  bool is_same_stay(const Binding& other) const {
    return patient == other.patient && bed == other.bed && ward == other.ward;
  }
};

// A stretch of the past that was held for true until somebody said otherwise.
struct Superseded {
  Binding binding;  // from..to: the stretch; `to` is always there
  std::string by;   // who said otherwise, when and why
  Time at{};
  std::string reason;
};

inline constexpr std::size_t binding_text_max = 256;  // bytes of bed, ward, label and by
inline constexpr nanoseconds binding_ahead_max = std::chrono::minutes{5};

// A member that people read: at most binding_text_max bytes, empty when absent. Errors: invalid.
Result<std::string> short_text(const json::object& object, std::string_view key);

// "patient" (null or {"id","label"}), "bed", "ward", "age_class" and "paced" of an entry. Errors: invalid.
Result<Binding> read_stay(const json::object& body);
// The instant under `key`, `fallback` when absent. Errors: invalid.
Result<Time> read_instant(const json::object& body, std::string_view key, Time fallback);

// Each binding ends where the next begins. Requires: ascending by `from`.
void join(std::vector<Binding>& bindings);

void put_binding(Writer& writer, const Binding& binding);  // without `to`
bool get_binding(Reader& reader, Binding& binding);        // false: not as it is written

}  // namespace salus::device
