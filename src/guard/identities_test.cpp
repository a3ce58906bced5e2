#include "guard/identities.hpp"

#include "guard/fixture_for_test.hpp"
#include "guard/identities_json.hpp"
#include "log/kinds.hpp"

namespace salus::guard {
namespace {

namespace kind = log::kind;

std::string user(std::string_view name, std::string_view role, std::string_view more = "") {
  return fmt::format(R"({{"name":"{}","display_name":"N","roles":["{}"]{}}})", name, role, more);
}
constexpr std::string_view kHash = R"(,"password_hash":"$argon2id$x")";

std::string token(std::string_view id, std::string_view owner, std::string_view more = "") {
  return fmt::format(R"({{"id":"{}","user":"{}","name":"n","sha256":"{}","expires":"2026-03-02T00:00:00Z"{}}})", id,
                     owner, to_hex(view_of(sha256(id))), more);
}

using IdentitiesTest = GuardTest;

TEST_F(IdentitiesTest, AnswersTheSameOnEveryNode) {
  struct Row {
    log::Kind kind;
    std::string body;
    std::string says;
  };
  for (const Row& row : std::vector<Row>{
           {kind::user_put, user("nurse", "administrator"), "invalid"},  // new, without a password
           {kind::user_put, user("nurse", "administrator", kHash), "ok"},
           {kind::user_put, user("nurse", "administrator", R"(,"create_only":true,"password_hash":"$argon2id$y")"),
            "conflict"},
           {kind::user_put, user("Nurse!", "viewer", kHash), "invalid"},
           {kind::user_put, user("trainee", "king", kHash), "invalid"},
           {kind::user_put, user("trainee", "viewer", kHash), "ok"},
           {kind::user_put, user("nurse", "viewer"), "conflict"},  // the last administrator
           {kind::user_put, user("nurse", "administrator", R"(,"enabled":false)"), "conflict"},
           {kind::user_removed, R"({"name":"nurse"})", "conflict"},
           {kind::token_issued, token("t1", "trainee"), "ok"},
           {kind::token_issued, token("t1", "trainee"), "conflict"},
           {kind::token_issued, token("t2", "nobody"), "forbidden"},
           {kind::token_revoked, R"({"id":"t9"})", "not_found"},
           {kind::token_revoked, R"({"id":"t1"})", "ok"},
           {kind::user_put, user("trainee", "administrator"), "ok"},
           {kind::user_removed, R"({"name":"nurse"})", "ok"},
           {kind::user_removed, R"({"name":"nurse"})", "not_found"},
           {kind::device_put, R"({"id":"m1","authentication":{"symmetricKey":{"primaryKey":"!"}}})", "invalid"},
           {kind::device_put, R"({"id":"a/b"})", "invalid"},
           {kind::device_put, R"({"id":"m1"})", "ok"},
           {kind::device_removed, R"({"id":"m1"})", "ok"},
           {kind::device_removed, R"({"id":"m1"})", "not_found"},
           {kind::station_put, R"({"id":"s1","name":"Desk","ward":"ICU","create_only":true})", "ok"},
           {kind::station_put, R"({"id":"s1","name":"Desk","ward":"ICU","create_only":true})", "conflict"},
           {kind::station_put, R"({"id":"s1","name":"Desk 2","ward":"ICU"})", "ok"},
           {kind::station_put, R"({"id":"s1","name":"Desk","ward":"ED"})", "conflict"},
           {kind::station_put, R"({"id":"s2","name":"Desk","ward":"ED"})", "not_found"},
           {kind::station_put, R"({"id":"s3","name":"Desk","ward":"","create_only":true})", "invalid"},
           {kind::station_paired, R"({"code_sha256":"","token_sha256":""})", "invalid"},
           {kind::station_revoked, R"({"id":"s1"})", "ok"},
           {kind::station_revoked, R"({"id":"s1"})", "not_found"},
           {kind::pin_set, R"({"user":"nobody","pin_hash":"$argon2id$z"})", "not_found"},
           {kind::pin_set, R"({"user":"trainee"})", "invalid"},
           {kind::pin_set, R"({"user":"trainee","pin_hash":"$argon2id$z"})", "ok"},
           {kind::pin_locked, R"({"user":"trainee","station":"s1"})", "ok"},
           {kind::pin_locked, R"({"user":"nobody"})", "not_found"},
           {kind::user_put, "{", "invalid"}})
    EXPECT_EQ(apply(row.kind, row.body), row.says) << row.body;
}

TEST_F(IdentitiesTest, EndsTheTokensOfWhoChangesOrLosesAccess) {
  apply(kind::user_put, user("nurse", "administrator", kHash));
  apply(kind::user_put, user("trainee", "viewer", kHash));
  for (const char* id : {"t1", "t2"}) apply(kind::token_issued, token(id, "trainee"));
  const std::uint64_t before = directory.revision();
  apply(kind::user_put, user("trainee", "viewer", R"(,"password_hash":"$argon2id$new","keep_token":"t2")"));
  EXPECT_FALSE(directory.token("t1"));
  EXPECT_TRUE(directory.token("t2"));
  EXPECT_GT(directory.revision(), before);
  apply(kind::user_removed, R"({"name":"trainee"})");
  EXPECT_FALSE(directory.token("t2"));
  EXPECT_FALSE(directory.token_by_digest(sha256("t2")));
}

TEST_F(IdentitiesTest, BoundsTheTokensOfAUser) {
  apply(kind::user_put, user("nurse", "administrator", kHash));
  for (std::size_t i = 0; i < kTokensPerUserMax; ++i) {
    clock.advance(seconds{1});
    EXPECT_EQ(apply(kind::token_issued, token(fmt::format("s{:03}", i), "nurse", R"(,"session":true)")), "ok");
  }
  EXPECT_EQ(apply(kind::token_issued, token("script", "nurse")), "conflict");
  EXPECT_EQ(apply(kind::token_issued, token("new", "nurse", R"(,"session":true)")), "ok");
  EXPECT_FALSE(directory.token("s000")) << "the oldest session made room";
  clock.advance(std::chrono::hours{24});
  EXPECT_EQ(
      apply(kind::token_issued,
            fmt::format(R"({{"id":"later","user":"nurse","name":"n","sha256":"{}","expires":"2026-03-09T00:00:00Z"}})",
                        to_hex(view_of(sha256("later"))))),
      "ok");
  EXPECT_FALSE(directory.token("s050")) << "expired ones go";
}

TEST_F(IdentitiesTest, RestartsFromItsTable) {
  apply(kind::user_put, user("nurse", "administrator", kHash));
  apply(kind::token_issued, token("t1", "nurse"));
  apply(
      kind::device_put,
      R"({"id":"m1","status":"disabled","authentication":{"type":"selfSigned","x509Thumbprint":{"primaryThumbprint":")" +
          std::string(64, 'A') + R"("}}})");
  Directory other;
  Identities restarted{other};
  ASSERT_TRUE(restarted.load(records.table));
  EXPECT_EQ(to_json(*other.user("nurse")), to_json(*directory.user("nurse")));
  EXPECT_EQ(to_json(*other.token("t1")), to_json(*directory.token("t1")));
  EXPECT_EQ(to_json(*other.device("m1")), to_json(*directory.device("m1")));
  EXPECT_EQ(other.device("m1")->primary_thumbprint, std::string(64, 'a'));
}

TEST_F(IdentitiesTest, NamesTheDamagedRow) {
  records.table.put("u/nurse", "{");
  Identities restarted{directory};
  EXPECT_EQ(restarted.load(records.table).error().code, ErrorCode::damaged);
}

}  // namespace
}  // namespace salus::guard
