#include "app/screens.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace salus::app {

std::uint64_t Screens::open(const guard::Caller& caller, std::string peer, Time now) {
  Screen screen{.who = caller.id,
                .is_station = caller.kind == guard::Caller::Kind::station,
                .ward = caller.ward,
                .peer = std::move(peer),
                .why = "unconfirmed",
                .since = now,
                .heard = now};
  const std::lock_guard lock{mutex_};
  screens_.emplace(next_, Kept{.screen = std::move(screen), .refilled = now});
  return next_++;
}

bool Screens::may_speak(std::uint64_t id, Time now) {
  const std::lock_guard lock{mutex_};
  const auto at = screens_.find(id);
  SALUS_ASSERT(at != screens_.end());
  Kept& kept = at->second;
  const double elapsed_s = std::max(0.0, std::chrono::duration<double>(now - kept.refilled).count());
  kept.allowance = std::min(messages_burst, kept.allowance + elapsed_s * messages_per_s);
  kept.refilled = now;
  if (kept.allowance < 1) return false;
  kept.allowance -= 1;
  return true;
}

void Screens::said(std::uint64_t id, bool audible, std::string why, Time now) {
  const std::lock_guard lock{mutex_};
  const auto at = screens_.find(id);
  SALUS_ASSERT(at != screens_.end());
  Screen& screen = at->second.screen;
  if (screen.audible != audible) screen.since = now;
  screen.audible = audible;
  screen.why = why.substr(0, why_bytes_max);
  screen.heard = now;
}

void Screens::close(std::uint64_t id) {
  const std::lock_guard lock{mutex_};
  screens_.erase(id);
}

std::vector<Screen> Screens::list(Time now) const {
  std::vector<Screen> all;
  const std::lock_guard lock{mutex_};
  for (const auto& [id, kept] : screens_) {
    Screen screen = kept.screen;
    screen.audible = screen.audible && now - screen.heard <= trusted;
    all.push_back(std::move(screen));
  }
  return all;
}

void ScreenWatch::decide(bool wrong, bool about_sound, std::optional<Time>& since, const std::string& on,
                         const WardNow& ward, Time now, std::vector<WardWish>& wishes) const {
  if (!wrong) {
    since.reset();
    if (!on.empty()) wishes.push_back({.raise = false, .about_sound = about_sound, .ward = ward.ward, .id = on});
    return;
  }
  if (!since) since = now;
  if (!on.empty() || now - *since < (about_sound ? limits_.silent : limits_.gone)) return;
  // The same instant gives the same id: a wish that is sent twice counts once.
  wishes.push_back({.raise = true,
                    .about_sound = about_sound,
                    .ward = ward.ward,
                    .id = fmt::format("{}~{}~{}", ward.ward, about_sound ? "no_audible_screen" : "stations_gone",
                                      ns_of(*since) / 1'000'000)});
}

std::vector<WardWish> ScreenWatch::look(Time now, const std::vector<WardNow>& wards) {
  std::vector<WardWish> wishes;
  std::map<std::string, Since> kept;
  for (const WardNow& ward : wards) {
    Since since = since_[ward.ward];
    decide(ward.waits && !ward.heard, true, since.silent, ward.silent, ward, now, wishes);
    decide(ward.stations > 0 && ward.linked == 0, false, since.gone, ward.gone, ward, now, wishes);
    kept.emplace(ward.ward, since);
  }
  since_ = std::move(kept);
  return wishes;
}

}  // namespace salus::app
