#include "fhir/subscriptions/keeper.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fhir/document/json.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/records/body.hpp"

namespace salus::fhir {
namespace {

constexpr milliseconds kTurn{100};
constexpr int kWholeLook = 300;  // turns: at least so often, for what time alone changes
constexpr std::size_t kErrorBytesMax = 500;
constexpr std::string_view kOwn = "salus";

}  // namespace

std::optional<StatusWish> wish_for(const Known& known, Time now, Time seen) {
  const bool listens = known.status == "requested" || known.status == "active";
  if (known.standing.removed || !listens) return std::nullopt;
  if (!known.standing.error.empty()) return StatusWish{"error", known.standing.error};
  if (!known.asked) return std::nullopt;
  if (known.asked->end && now >= *known.asked->end) return StatusWish{"off", {}};
  if (known.asked->channel == Channel::websocket && now - std::max(seen, known.standing.updated) > abandoned_after)
    return StatusWish{"off", "Nobody was bound to it for a day."};
  if (known.status == "requested" && known.asked->channel == Channel::websocket) return StatusWish{"active", {}};
  return std::nullopt;
}

asio::awaitable<Result<void>> set_status(const SubscriptionStore& store, const Known& known, StatusWish wish) {
  const auto before = read_json(known.standing.json, store.record().definitions());
  if (!before) co_return fail(before.error().error());
  std::string error;
  write_json_string(wish.error.substr(0, kErrorBytesMax), error);
  const std::string patch =
      fmt::format(R"({{"status":"{}","error":{}}})", wish.status, wish.error.empty() ? "null" : error);
  const auto after = patch::apply(*before, patch::Format::merge, patch);
  if (!after) co_return fail(after.error().error());
  ChangeSet set{.by = std::string(kOwn), .changes = {}};
  set.changes.push_back({.operation = Operation::update,
                         .type = "Subscription",
                         .id = known.standing.id,
                         .if_version = known.standing.version,
                         .body = make_body(*after, after->root())});
  const auto written = co_await store.record().submit(std::move(set));
  if (!written && written.error().code != ErrorCode::conflict) co_return fail(written.error());
  co_return Result<void>{};
}

asio::awaitable<void> keep_subscriptions(const SubscriptionStore& store, const SubscriptionHub& hub,
                                         const Clock& clock) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  const Time began = clock.now();
  log::Position looked{};
  for (int turn = 0;; ++turn) {
    timer.expires_after(kTurn);
    co_await timer.async_wait(asio::use_awaitable);
    const auto cut = store.cut();
    if (cut->applied == looked && turn % kWholeLook != 0) continue;
    looked = cut->applied;
    for (Standing& standing : SubscriptionCut{*cut->table}.all()) {
      const Known known = store.understand(std::move(standing));
      auto wish = wish_for(known, clock.now(), hub.last_bound(known.standing.number).value_or(began));
      if (!wish) continue;
      if (auto done = co_await set_status(store, known, std::move(*wish)); !done)
        spdlog::warn("The status of Subscription/{} cannot be set: {}", known.standing.id, done.error().message);
    }
  }
}

}  // namespace salus::fhir
