// Who listens for what, and what each has to be told: a view of the record. Every change that a subscription listens
// for is an event with a number: 1, 2, 3 … for each subscription, in the order of the log, without a gap; the same
// after a restart and on every node. Numbers go on when a subscription is changed, or deleted and made again.
//
// It stands behind Records in its host, whose table then holds what the entry made, so that a search is tried on
// exactly the version that it made. Rows, integers in keys big-endian:
//
//   's' number              -> Standing: the Subscription as it is now
//   'c' number              -> last event, first event that is kept, last that was delivered
//   'e' number event        -> number and version of the resource
//
// Bounds: `listening_max` subscriptions; `kept_max` events of each, then the oldest go; `steps_max` rows of the index
// for one change and subscription, and one that needs more is stopped with an error.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fhir/records/records.hpp"
#include "fhir/subscriptions/subscription.hpp"

namespace salus::fhir {

using EventNumber = std::uint64_t;  // from 1 on

struct Event {
  EventNumber number = 0;
  ResourceNumber resource{};
  log::Offset version{};
};

struct Standing {
  ResourceNumber number{};
  std::string id;
  log::Offset version{};
  Time updated{};
  bool removed = false;
  std::string error;  // why it does not listen though it should; empty: it does, or it is off
  std::string json;   // the resource; empty when it was removed or is larger than 64 KiB
  EventNumber last = 0, first = 1, delivered = 0;
};

// Reads at a cut of the view's table. Threads: as the table's.
class SubscriptionCut {
 public:
  explicit SubscriptionCut(const view::TableReader& table) : table_(table) {}
  std::optional<Standing> find(ResourceNumber number) const;
  // All that ever were, by number, removed ones too.
  std::vector<Standing> all() const;
  // At most `limit` from event `from` on.
  std::vector<Event> events(ResourceNumber number, EventNumber from, std::size_t limit) const;

 private:
  const view::TableReader& table_;
};

// Threads: the apply thread of its host.
class Subscriptions final : public view::View {
 public:
  static constexpr std::size_t listening_max = 500;
  static constexpr EventNumber kept_max = 100'000;
  static constexpr std::uint64_t steps_max = 20'000;
  static constexpr std::size_t json_bytes_max = 64 << 10;

  // `records` is the view that stands before this one, and outlives it.
  explicit Subscriptions(const Records& records) : records_(records) {}

  // Called on the apply thread after each entry that made events or changed a subscription; set before entries come.
  void on_news(std::function<void()> news) { news_ = std::move(news); }

  std::string_view name() const override { return "subscriptions"; }
  std::string layout() const override { return "1 of " + records_.layout(); }
  void attach(view::Table& table) override { table_ = &table; }
  std::optional<view::Answer> apply(const log::Run& run, const view::Place& place) override;
  void save(view::Table&) override {}
  Result<void> load(const view::Table& table) override;

 private:
  struct Kept {
    Standing standing;
    std::optional<Subscription> listening;
  };
  // Refusals: invalid, not_found.
  view::Answer deliver(const log::Run& run);
  void take(const Version& version, const log::Run& run);
  void understand(Kept& kept);
  void tell(const Version& changed, Time now);
  void put_standing(const Standing& standing);
  void listen();

  const Records& records_;
  const Definitions& definitions_ = Definitions::r4();
  const TypeId own_type_ = definitions_.type("Subscription");
  view::Table* table_ = nullptr;
  std::function<void()> news_;
  std::map<ResourceNumber, Kept> kept_;
  std::map<TypeId, std::vector<ResourceNumber>> listeners_;  // by the type they listen for, ascending
};

}  // namespace salus::fhir
