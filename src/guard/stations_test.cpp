// Stations and the PINs by which people act at them.
#include "guard/stations.hpp"

#include "guard/fixture_for_test.hpp"
#include "guard/pins.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

class StationsTest : public GuardTest {
 protected:
  void SetUp() override {
    for (const char* name : {"nurse", "trainee"})
      ASSERT_TRUE(wait(accounts.put_user(
          admin, {.name = name, .display_name = name, .roles = {Role::administrator}, .password = kPassword})));
    ASSERT_TRUE(wait(pins.set({.id = "nurse", .peer = "::1"}, kPassword, "271828")));
  }
  std::string code(const auto& result) { return result ? "ok" : std::string(salus::name(result.error().code)); }
  PairedStation pair() {
    return wait(stations.pair(wait(stations.create(admin, "ICU desk", "ICU")).value().code, "::2")).value();
  }
  std::string confirm(const Caller& station, const std::string& proof) {
    const Result<Caller> person = wait(pins.confirm(station, proof, "::2"));
    return person ? person->id : code(person);
  }

  static constexpr const char* kPassword = "correct horse battery";
  const Actor admin{.id = "admin", .peer = "::1"};
};

TEST_F(StationsTest, IsPairedOnceByItsCode) {
  const PairingCode made = wait(stations.create(admin, "ICU desk", "ICU")).value();
  EXPECT_TRUE(made.id.starts_with("icu-desk-")) << made.id;
  std::string spoken = made.code;
  for (char& c : spoken) c = static_cast<char>(std::tolower(c));
  std::erase(spoken, '-');
  EXPECT_EQ(code(wait(stations.pair("AAAAA-AAAAA", "::2"))), "unauthenticated");
  const PairedStation paired = wait(stations.pair(spoken, "::2")).value();
  EXPECT_EQ(code(wait(stations.pair(made.code, "::2"))), "unauthenticated") << "a code works once";
  const Caller caller = gatekeeper.bearer(paired.token).value();
  EXPECT_EQ(caller.kind, Caller::Kind::station);
  EXPECT_EQ(caller.ward, "ICU");
  EXPECT_EQ(records.table.get("s/" + made.id)->find(paired.token), std::string::npos) << "only its digest is kept";
  clock.advance(std::chrono::hours{24 * 365});
  EXPECT_TRUE(gatekeeper.bearer(paired.token)) << "it never times out";
  ASSERT_TRUE(wait(stations.revoke(admin, made.id)));
  EXPECT_FALSE(gatekeeper.bearer(paired.token));
  EXPECT_FALSE(gatekeeper.still_valid(caller));
}

TEST_F(StationsTest, ACodeExpiresAndANewOneMovesTheStation) {
  const PairingCode late = wait(stations.create(admin, "ICU desk", "ICU")).value();
  clock.advance(std::chrono::minutes{16});
  EXPECT_EQ(code(wait(stations.pair(late.code, "::2"))), "unauthenticated");
  const PairedStation first = wait(stations.pair(wait(stations.new_code(admin, late.id)).value().code, "::2")).value();
  const Caller old = gatekeeper.bearer(first.token).value();
  const std::uint64_t revision = gatekeeper.revision();
  const PairedStation second = wait(stations.pair(wait(stations.new_code(admin, late.id)).value().code, "::3")).value();
  EXPECT_FALSE(gatekeeper.bearer(first.token)) << "the screen before is out";
  EXPECT_FALSE(gatekeeper.still_valid(old));
  EXPECT_GT(gatekeeper.revision(), revision);
  EXPECT_TRUE(gatekeeper.bearer(second.token));
  ASSERT_TRUE(wait(stations.rename(admin, late.id, "Corridor")));
  EXPECT_EQ(directory.station(late.id)->name, "Corridor");
  EXPECT_TRUE(gatekeeper.bearer(second.token)) << "a new name ends nothing";
  EXPECT_EQ(code(wait(stations.rename(admin, "nobody", "x"))), "not_found");
  EXPECT_EQ(code(wait(stations.create(admin, "", "ICU"))), "invalid");
}

TEST_F(StationsTest, SeesAndDoesNothingByItself) {
  const Caller station = gatekeeper.bearer(pair().token).value();
  EXPECT_TRUE(gatekeeper.permit(station, Action::see_ward, {}));
  for (const Action action :
       {Action::acknowledge, Action::set_limits, Action::bind_device, Action::manage_devices, Action::manage_users,
        Action::see_audit, Action::operate, Action::see_record, Action::change_record, Action::publish})
    EXPECT_FALSE(gatekeeper.permit(station, action, "devices/m-1/x")) << name(action);
}

TEST_F(StationsTest, APersonActsByPin) {
  const Caller station = gatekeeper.bearer(pair().token).value();
  const Caller nurse = wait(pins.confirm(station, "nurse:271828", "::2")).value();
  EXPECT_EQ(nurse.kind, Caller::Kind::user);
  EXPECT_EQ(nurse.station, station.id);
  EXPECT_EQ(nurse.ward, "ICU");
  EXPECT_TRUE(gatekeeper.permit(nurse, Action::acknowledge, {}));
  EXPECT_TRUE(gatekeeper.still_valid(nurse));
  const auto wrong = wait(pins.confirm(station, "nurse:271829", "::2"));
  const auto unknown = wait(pins.confirm(station, "nobody:271828", "::2"));
  EXPECT_EQ(code(wrong), "pin_refused");
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(confirm(station, "trainee:271828"), "pin_refused") << "trainee has none";
  EXPECT_EQ(confirm(station, "nurse"), "pin_refused");
  EXPECT_EQ(audit.events.back().station, station.id);
  for (const AuditEvent& event : audit.events) EXPECT_EQ(event.detail.find("2718"), std::string::npos);
}

TEST_F(StationsTest, WrongPinsLockUntilASignInByPassword) {
  const Caller station = gatekeeper.bearer(pair().token).value();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(confirm(station, "nurse:1111"), "pin_refused");
  EXPECT_EQ(confirm(station, "nurse:271828"), "nurse") << "a right one begins the count anew";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(confirm(station, "nurse:1111"), "pin_refused");
  EXPECT_TRUE(directory.user("nurse")->pin_locked);
  EXPECT_EQ(confirm(station, "nurse:271828"), "pin_refused");
  ASSERT_TRUE(wait(accounts.issue_operator_token()));
  EXPECT_TRUE(directory.user("nurse")->pin_locked) << "the ready file shows no password";
  ASSERT_TRUE(wait(accounts.open_session("nurse", kPassword, "::1")));
  EXPECT_EQ(confirm(station, "nurse:271828"), "nurse");
}

TEST_F(StationsTest, AStationThatGuessesWaits) {
  const Caller station = gatekeeper.bearer(pair().token).value();
  for (int i = 0; i < 20; ++i) confirm(station, "nobody" + std::to_string(i) + ":1111");
  EXPECT_EQ(confirm(station, "nurse:271828"), "rate_limited");
  clock.advance(std::chrono::minutes{2});
  EXPECT_EQ(confirm(station, "nurse:271828"), "nurse");
}

TEST_F(StationsTest, APinIsSetByItsOwner) {
  const Actor nurse{.id = "nurse", .peer = "::1"};
  EXPECT_EQ(code(wait(pins.set(nurse, "wrong", "3141"))), "forbidden");
  for (const char* bad : {"", "314", "31a1", "1111", "1234", "4321", "3141592653589"})
    EXPECT_EQ(code(wait(pins.set(nurse, kPassword, bad))), "invalid") << bad;
  EXPECT_TRUE(wait(pins.set(nurse, kPassword, "3141")));
  const Caller station = gatekeeper.bearer(pair().token).value();
  EXPECT_EQ(confirm(station, "nurse:3141"), "nurse");
  // Their own new password leaves it, somebody else's takes it.
  const IssuedToken session = wait(accounts.open_session("nurse", kPassword, "::1")).value();
  ASSERT_TRUE(wait(accounts.change_password(nurse, kPassword, "another long password", session.id)));
  EXPECT_EQ(confirm(station, "nurse:3141"), "nurse");
  ASSERT_TRUE(wait(accounts.put_user(
      admin, {.name = "nurse", .display_name = "Nurse", .roles = {Role::viewer}, .password = kPassword})));
  EXPECT_EQ(confirm(station, "nurse:3141"), "pin_refused");
}

}  // namespace
}  // namespace salus::guard
