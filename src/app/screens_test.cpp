#include "app/screens.hpp"

#include <gtest/gtest.h>

namespace salus::app {
namespace {

const Time start = time_from_ns(1'767'225'600'000'000'000);

guard::Caller station(std::string id, std::string ward) {
  guard::Caller caller;
  caller.kind = guard::Caller::Kind::station;
  caller.id = std::move(id);
  caller.ward = std::move(ward);
  return caller;
}

TEST(Screens, AreTrustedOnlyAsLongAsTheySpeak) {
  Screens screens;
  const std::uint64_t id = screens.open(station("desk", "ICU"), "::1", start);
  EXPECT_FALSE(screens.list(start).front().audible) << "silent until it says otherwise";
  screens.said(id, true, "on", start + seconds{5});
  EXPECT_TRUE(screens.list(start + seconds{35}).front().audible);
  EXPECT_FALSE(screens.list(start + seconds{36}).front().audible);
  EXPECT_EQ(screens.list(start).front().since, start + seconds{5});
  screens.said(id, true, std::string(1'000, 'x'), start + seconds{40});
  EXPECT_EQ(screens.list(start).front().why.size(), Screens::why_bytes_max);
  screens.close(id);
  EXPECT_TRUE(screens.list(start).empty());
}

TEST(Screens, MaySpeakTwiceASecond) {
  Screens screens;
  const std::uint64_t id = screens.open(station("desk", "ICU"), "::1", start);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(screens.may_speak(id, start));
  EXPECT_FALSE(screens.may_speak(id, start));
  EXPECT_TRUE(screens.may_speak(id, start + seconds{1}));
  EXPECT_TRUE(screens.may_speak(id, start + seconds{1}));
  EXPECT_FALSE(screens.may_speak(id, start + seconds{1}));
}

std::string text(const std::vector<WardWish>& wishes) {
  std::string out;
  for (const WardWish& wish : wishes)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", wish.raise ? "raise" : "end",
                       wish.about_sound ? "silent" : "gone");
  return out;
}

TEST(ScreenWatch, RaisesAfterATimeAndEndsAtOnce) {
  ScreenWatch watch{{.silent = seconds{60}, .gone = seconds{30}}};
  const auto look = [&](int at_s, WardNow ward) {
    ward.ward = "ICU";
    return text(watch.look(start + seconds{at_s}, {ward}));
  };
  EXPECT_EQ(look(0, {.waits = true, .stations = 1, .linked = 1}), "");
  EXPECT_EQ(look(59, {.waits = true, .stations = 1, .linked = 1}), "");
  EXPECT_EQ(look(60, {.waits = true, .stations = 1, .linked = 1}), "raise silent");
  EXPECT_EQ(look(61, {.waits = true, .stations = 1, .linked = 1}), "raise silent") << "until records show it";
  EXPECT_EQ(look(62, {.waits = true, .stations = 1, .linked = 1, .silent = "s"}), "");
  EXPECT_EQ(look(63, {.waits = true, .stations = 1, .linked = 1, .heard = true, .silent = "s"}), "end silent");
  EXPECT_EQ(look(64, {.waits = true, .stations = 1, .linked = 1}), "") << "counted anew";
  EXPECT_EQ(look(65, {.waits = true, .stations = 2}), "");
  EXPECT_EQ(look(95, {.stations = 2}), "raise gone");
  EXPECT_EQ(look(96, {.stations = 2, .linked = 1, .gone = "g"}), "end gone");
  EXPECT_EQ(look(900, {.stations = 0}), "") << "a ward without stations misses none";
}

TEST(ScreenWatch, AWishSentTwiceHasOneId) {
  ScreenWatch watch{{.silent = seconds{10}, .gone = seconds{10}}};
  const std::vector<WardNow> wards{{.ward = "ICU", .waits = true}};
  watch.look(start, wards);
  const auto first = watch.look(start + seconds{10}, wards);
  const auto second = watch.look(start + seconds{11}, wards);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first.front().id, second.at(0).id);
}

}  // namespace
}  // namespace salus::app
