// The screens that are linked now, whether they would be heard, and what a ward has to be told when none is.
//
// Presence is what the server sees at this moment: it is in memory and in no log. What follows from it is: a ward that
// has alarms and no screen that would be heard, or whose stations are all gone, gets an alarm of its own, which is an
// entry like any other, shown on every screen and escalated by the ward's rota.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "guard/authority.hpp"

namespace salus::app {

struct Screen {
  std::string who;  // station or user
  bool is_station = false;
  std::string ward;  // what it shows; empty: every ward
  std::string peer;
  bool audible = false;
  std::string why;  // in the screen's words: "on", "unconfirmed", "suspended", "paused"
  Time since{};     // audible or not
  Time heard{};     // when it last said so
};

// Threads: any.
class Screens {
 public:
  static constexpr double messages_per_s = 2;
  static constexpr double messages_burst = 20;
  static constexpr std::size_t why_bytes_max = 32;
  static constexpr seconds trusted{30};  // a screen says how it is every ten seconds; one that does not is not audible

  std::uint64_t open(const guard::Caller& caller, std::string peer, Time now);
  // False when it speaks too often: it is to be closed. Requires: `id` is open.
  bool may_speak(std::uint64_t id, Time now);
  void said(std::uint64_t id, bool audible, std::string why, Time now);
  void close(std::uint64_t id);

  std::vector<Screen> list(Time now) const;  // in the order of their coming; audible only where it is to be trusted

 private:
  struct Kept {
    Screen screen;
    double allowance = messages_burst;
    Time refilled{};
  };
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Kept> screens_;
  std::uint64_t next_ = 1;
};

// How a ward is now.
struct WardNow {
  std::string ward;
  bool has_rota = false;
  bool waits = false;        // an alarm that nobody has accepted
  std::size_t stations = 0;  // paired
  std::size_t linked = 0;    // of these
  bool heard = false;        // a screen that shows it is audible
  std::string silent, gone;  // alarms about it that are on: their ids
};
struct ScreenLimits {
  seconds silent{60};
  seconds gone{30};
};
struct WardWish {
  bool raise = false;  // else end
  bool about_sound = false;
  std::string ward;
  std::string id;
};

// Decides from one look to the next, by the clock that it is given. Threads: one.
class ScreenWatch {
 public:
  explicit ScreenWatch(ScreenLimits limits = {}) : limits_(limits) {}
  // Wards that are not named any more are forgotten.
  std::vector<WardWish> look(Time now, const std::vector<WardNow>& wards);

 private:
  struct Since {
    std::optional<Time> silent, gone;
  };
  void decide(bool wrong, bool about_sound, std::optional<Time>& since, const std::string& on, const WardNow& ward,
              Time now, std::vector<WardWish>& wishes) const;

  const ScreenLimits limits_;
  std::map<std::string, Since> since_;
};

}  // namespace salus::app
