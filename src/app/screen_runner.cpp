#include "app/screen_runner.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "log/kinds.hpp"

namespace salus::app {
namespace {

constexpr seconds kLook{1};

// What records say of the wards that are watched.
std::map<std::string, WardNow> from_records(const monitor::Alarms& alarms) {
  std::map<std::string, WardNow> wards;
  for (const monitor::Rota& rota : alarms.rotas())
    if (!rota.steps.empty()) wards[rota.ward].has_rota = true;
  for (const auto& [name, found] : alarms.by_ward()) {
    WardNow& ward = wards[name];
    ward.waits = found.waits;
    ward.silent = found.silent;
    ward.gone = found.gone;
  }
  return wards;
}

std::vector<WardNow> wards_now(std::map<std::string, WardNow> wards, const guard::Directory& directory,
                               const std::vector<Screen>& screens) {
  for (const auto& station : directory.stations())
    if (!station->token_digest.empty()) ++wards[station->ward].stations;
  std::vector<WardNow> out;
  for (auto& [name, ward] : wards) {
    // An alarm about a ward that is watched no more still has to end.
    if (ward.stations == 0 && !ward.has_rota) ward.waits = false;
    ward.ward = name;
    for (const Screen& screen : screens) {
      if (!screen.ward.empty() && screen.ward != name) continue;
      ward.heard = ward.heard || screen.audible;
      if (screen.is_station) ++ward.linked;
    }
    out.push_back(std::move(ward));
  }
  return out;
}

log::Draft draft_of(const WardWish& wish, Time now) {
  if (!wish.raise) return {log::kind::alarm_ended, 1, json_text(json::object{{"id", wish.id}, {"at", to_iso(now)}}), 0};
  const auto rule =
      wish.about_sound ? monitor::ConditionRule::no_audible_screen : monitor::ConditionRule::stations_gone;
  json::object body{{"id", wish.id},
                    {"device", ""},
                    {"bed", ""},
                    {"ward", wish.ward},
                    {"code", ""},
                    {"rule", monitor::name(rule)},
                    {"priority", "medium"},
                    {"value", nullptr},
                    {"limit", nullptr},
                    {"unit", ""},
                    {"text", wish.about_sound ? "No audible screen" : "The ward's stations are gone"},
                    {"raised", to_iso(now)}};
  return {log::kind::alarm_raised, 1, json_text(body), 0};
}

}  // namespace

asio::awaitable<void> run_screen_watch(WardContext& context, ScreenLimits limits) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  ScreenWatch watch{limits};
  while (true) {
    timer.expires_after(kLook);
    co_await timer.async_wait(asio::use_awaitable);
    const auto wards =
        co_await context.core.records().read([alarms = &context.core.alarms()] { return from_records(*alarms); });
    if (!wards) continue;
    const Time now = context.clock.now();
    const auto screens = context.screens.list(now);
    // A refusal is recorded and the next look sees how it is; while nothing can be recorded the next look tries again.
    for (const WardWish& wish : watch.look(now, wards_now(*wards, context.core.directory(), screens)))
      co_await context.core.submit(draft_of(wish, now));
  }
}

}  // namespace salus::app
