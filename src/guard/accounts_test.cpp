#include "guard/accounts.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "guard/audit_trail.hpp"
#include "guard/fixture_for_test.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

namespace fs = std::filesystem;

class AccountsTest : public GuardTest {
 protected:
  void SetUp() override { ASSERT_TRUE(wait(accounts.make_first_administrator(file))); }
  void TearDown() override { fs::remove(file); }
  std::string first_password() const {
    std::string text;
    std::getline(std::ifstream(file) >> std::ws, text);
    return text;
  }
  std::string code(const auto& result) { return result ? "ok" : std::string(salus::name(result.error().code)); }

  const fs::path file = fs::temp_directory_path() / ("salus_password_" + std::to_string(::getpid()));
  const Actor admin{.id = "admin", .peer = "::1"};
};

TEST_F(AccountsTest, MakesOneAdministratorOnce) {
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const std::string password = first_password();
  EXPECT_GE(password.size(), 24U);
  ASSERT_TRUE(wait(accounts.make_first_administrator(file)));
  EXPECT_EQ(first_password(), password) << "the second start changes nothing";
  EXPECT_EQ(directory.users().size(), 1U);
}

TEST_F(AccountsTest, OpensASessionThatEnds) {
  const IssuedToken session = wait(accounts.open_session("admin", first_password(), "::1")).value();
  const Caller caller = gatekeeper.bearer(session.token).value();
  EXPECT_EQ(caller.id, "admin");
  EXPECT_EQ(caller.token_id, session.id);
  EXPECT_EQ(records.table.get("t/" + session.id)->find(session.token), std::string::npos) << "only its digest is kept";
  clock.advance(std::chrono::hours{12});
  EXPECT_EQ(code(gatekeeper.bearer(session.token)), "unauthenticated");
  EXPECT_FALSE(gatekeeper.still_valid(caller));
}

TEST_F(AccountsTest, NeverSaysWhichPartWasWrong) {
  const auto wrong = wait(accounts.open_session("admin", "not this one", "::1"));
  const auto unknown = wait(accounts.open_session("nobody", "not this one", "::1"));
  EXPECT_EQ(code(wrong), "unauthenticated");
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(audit.events.back().outcome, "refused");
  for (int i = 0; i < 10; ++i) wait(accounts.open_session("admin", "guess", "peer" + std::to_string(i)));
  EXPECT_EQ(code(wait(accounts.open_session("admin", first_password(), "::2"))), "rate_limited");
}

TEST_F(AccountsTest, RevokesAndChanges) {
  const IssuedToken mine = wait(accounts.open_session("admin", first_password(), "::1")).value();
  const IssuedToken script = wait(accounts.issue_token(admin, "nightly", 30)).value();
  EXPECT_EQ(code(wait(accounts.issue_token(admin, "for ever", 4000))), "invalid");
  EXPECT_EQ(code(wait(accounts.change_password(admin, "wrong", "a long new password", mine.id))), "forbidden");
  EXPECT_EQ(code(wait(accounts.change_password(admin, first_password(), "short", mine.id))), "invalid");
  EXPECT_EQ(code(wait(accounts.change_password(admin, first_password(), "a long new password", mine.id))), "ok");
  EXPECT_TRUE(gatekeeper.bearer(mine.token));
  EXPECT_FALSE(gatekeeper.bearer(script.token)) << "others are out";
  EXPECT_EQ(code(wait(accounts.revoke_token(admin, mine.id))), "ok");
  EXPECT_FALSE(gatekeeper.bearer(mine.token));
  EXPECT_TRUE(wait(accounts.open_session("admin", "a long new password", "::1")));
}

TEST_F(AccountsTest, ManagesUsers) {
  UserChange trainee{
      .name = "trainee", .display_name = "Trainee", .roles = {Role::viewer}, .password = "correct horse battery"};
  EXPECT_TRUE(wait(accounts.put_user(admin, trainee)).value()) << "created";
  trainee.password.clear();
  trainee.enabled = false;
  EXPECT_FALSE(wait(accounts.put_user(admin, trainee)).value());
  EXPECT_EQ(code(wait(accounts.open_session("trainee", "correct horse battery", "::1"))), "unauthenticated");
  EXPECT_EQ(code(wait(accounts.remove_user(admin, "trainee"))), "ok");
  EXPECT_EQ(code(wait(accounts.remove_user(admin, "admin"))), "conflict");
  EXPECT_TRUE(wait(accounts.issue_operator_token()));
}

TEST(AuditTrail, PagesNewestFirstOverSavedAndUnsaved) {
  view::MemoryTable table;
  AuditTrail trail;
  ASSERT_TRUE(trail.load(table));
  const Time start = parse_iso("2026-03-01T08:00:00Z").value();
  for (std::uint64_t i = 0; i < 10; ++i) {
    const std::string body =
        fmt::format(R"({{"actor":"a{}","action":"x","target":"","outcome":"ok","peer":"","detail":""}})", i);
    trail.apply({.kind = log::kind::audit_event, .count = 1, .first = log::Offset{i}, .key = 0, .body = body},
                {.position = {}, .time = start + seconds{i / 2}});
    if (i == 4) trail.save(table);
  }
  const auto actors = [](const AuditPage& page) {
    std::string text;
    for (const json::value& item : page.items) text += string_or(item.get_object(), "actor");
    return text;
  };
  const AuditPage first = trail.query({.from = {}, .to = {}, .limit = 7, .cursor = {}}).value();
  EXPECT_EQ(actors(first), "a9a8a7a6a5a4a3");
  EXPECT_EQ(first.total, 10U);
  const AuditPage second = trail.query({.from = {}, .to = {}, .limit = 7, .cursor = first.next}).value();
  EXPECT_EQ(actors(second), "a2a1a0");
  EXPECT_EQ(second.next, "");
  EXPECT_EQ(actors(trail.query({.from = start + seconds{1}, .to = start + seconds{3}, .cursor = {}}).value()),
            "a5a4a3a2");
  EXPECT_FALSE(trail.query({.from = {}, .to = {}, .cursor = "zz"}));
  AuditTrail restarted;
  trail.save(table);
  ASSERT_TRUE(restarted.load(table));
  EXPECT_EQ(actors(restarted.query({.from = {}, .to = {}, .limit = 7, .cursor = {}}).value()), "a9a8a7a6a5a4a3");
}

// A log that takes everything.
class CountingLog final : public log::Log {
 public:
  void append(log::Draft draft, log::AppendDone done) override {
    bodies.push_back(draft.body);
    done(log::Position{});
  }
  std::unique_ptr<log::Cursor> read(log::Offset) const override { return nullptr; }
  log::Position durable_end() const override { return {}; }
  void follow(log::Follower*) override {}
  bool has_failed() const override { return false; }
  std::vector<std::string> bodies;
};

TEST(LogAudit, AFloodOfRefusalsCannotFillTheDisk) {
  ManualClock clock{parse_iso("2026-03-01T08:00:00Z").value()};
  CountingLog log;
  LogAudit audit{log, clock, {.refusals_per_second = 10, .refusals_burst = 20}};
  for (int i = 0; i < 1000; ++i)
    audit.record({.actor = {},
                  .action = "sign_in",
                  .target = std::string(5000, 'x') + "\xFF\n",
                  .outcome = "refused",
                  .peer = {},
                  .detail = {}});
  EXPECT_EQ(log.bodies.size(), 20U);
  EXPECT_LT(log.bodies[0].size(), 400U);
  clock.advance(seconds{1});
  audit.record({.actor = "nurse", .action = "sign_in", .target = {}, .outcome = "refused", .peer = {}, .detail = {}});
  ASSERT_EQ(log.bodies.size(), 22U);
  EXPECT_NE(log.bodies[20].find("980 refusals"), std::string::npos);
}

}  // namespace
}  // namespace salus::guard
