// Guard on a log that is nothing but a sequence of applies: for tests only.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "guard/accounts.hpp"
#include "guard/gatekeeper.hpp"
#include "guard/identities.hpp"
#include "guard/pins.hpp"
#include "guard/stations.hpp"
#include "view/memory_table.hpp"

namespace salus::guard {

class CollectedAudit final : public Audit {
 public:
  void record(AuditEvent event) override { events.push_back(std::move(event)); }
  std::vector<AuditEvent> events;
};

// Applies at once, in order. After each entry the view is saved, and a second one, restarted from the table, must save
// the same table.
class AppliedRecords final : public Records {
 public:
  AppliedRecords(Identities& view, const Clock& clock) : view_(view), clock_(clock) {}

  asio::awaitable<Result<view::Answer>> submit(log::Draft draft) override { co_return apply(draft); }

  view::Answer apply(const log::Draft& draft) {
    const log::Run run{.kind = draft.kind, .count = 1, .first = log::Offset{next_++}, .key = 0, .body = draft.body};
    const view::Place place{.position = {log::Epoch{1}, run.first}, .time = clock_.now()};
    std::optional<view::Answer> answer = view_.apply(run, place);
    EXPECT_TRUE(answer);
    view_.save(table);
    Directory other;
    Identities restarted{other};
    EXPECT_TRUE(restarted.load(table));
    EXPECT_EQ(other.users().size(), users_in_table());
    return std::move(*answer);
  }
  std::size_t users_in_table() const {
    std::size_t count = 0;
    table.scan("u/", "u0", [&](ByteView, ByteView) { return ++count, true; });
    return count;
  }
  view::MemoryTable table;

 private:
  Identities& view_;
  const Clock& clock_;
  std::uint64_t next_ = 0;
};

class GuardTest : public testing::Test {
 protected:
  ManualClock clock{parse_iso("2026-03-01T08:00:00Z").value()};
  Directory directory;
  Identities identities{directory};
  AppliedRecords records{identities, clock};
  CollectedAudit audit;
  Revocations revocations;
  Gatekeeper gatekeeper{directory, revocations, audit, clock};
  Passwords passwords{{.memory_kib = 64, .passes = 1}};
  Accounts accounts{directory, records, passwords, audit, clock};
  Pins pins{directory, accounts, records, passwords, audit, clock};
  Stations stations{directory, records, audit, clock};

  std::string apply(log::Kind kind, std::string body) {
    const view::Answer answer = records.apply({.kind = kind, .body = std::move(body)});
    return answer.refusal ? std::string(salus::name(answer.refusal->code)) : "ok";
  }
  template <class T>
  T wait(asio::awaitable<T> work) {
    asio::io_context context;
    auto result = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return result.get();
  }
};

}  // namespace salus::guard
