// Who lies at which bed, told from the registry after each of its entries: which beds and patients are left by whom, so
// that what was set for one person is not taken for the next.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "device/registry.hpp"

namespace salus::monitor {

struct Seat {
  std::string ward;
  std::string bed;
  std::string patient;
  auto operator<=>(const Seat&) const = default;
};

// Part of a view of `records`, whose table keeps it. Bounds: one seat a device.
class Seats {
 public:
  struct Change {
    std::vector<Seat> vacated;         // beds that their patient has left; at most one
    std::vector<std::string> away;     // patients who are at no device any more; at most one
    std::vector<std::string> arrived;  // patients who were at none before; at most one
  };
  // Entries that may seat somebody elsewhere.
  static bool concern(log::Kind kind);
  // Requires: the registry has applied an entry that concerns `device`.
  Change update(const device::Registry& registry, std::string_view device);

  void save(view::Table& table, std::string_view prefix);
  bool load(const view::Table& table, std::string_view prefix);

 private:
  bool is_at(const Seat& seat) const;
  bool is_anywhere(std::string_view patient) const;

  std::map<std::string, Seat, std::less<>> seats_;  // by device; only where there is a patient
  std::set<std::string, std::less<>> dirty_;
};

}  // namespace salus::monitor
