#include "app/api/common.hpp"
#include "guard/fixture_for_test.hpp"
#include "http/target.hpp"

namespace salus::app {
namespace {

asio::awaitable<Result<guard::AuditPage>> one_page(guard::AuditQuery query) {
  co_return guard::AuditPage{
      .items = {json::object{{"actor", "ann"}}}, .next = query.limit == 1 ? "more" : "", .total = 2};
}

class GuardApi : public guard::GuardTest {
 protected:
  void SetUp() override {
    add_sessions(router, context);
    add_users(router, context);
    add_tokens(router, context);
    add_audit(router, context);
    ASSERT_TRUE(wait(accounts.put_user(
        {}, {.name = "ann", .display_name = "Ann", .roles = {guard::Role::administrator}, .password = kPassword})));
    ASSERT_TRUE(wait(accounts.put_user(
        {}, {.name = "bob", .display_name = "Bob", .roles = {guard::Role::viewer}, .password = kPassword})));
    ann = sign_in("ann");
    bob = sign_in("bob");
  }
  // The answer to a call; `text` is its body.
  int call(http::Method method, const std::string& path, const std::string& token, const std::string& body = "") {
    http::Target target = http::parse_target(path).value();
    http::Request request{.method = method,
                          .target = path,
                          .segments = target.segments,
                          .params = {},
                          .queries = target.queries,
                          .headers = {{"authorization", "Bearer " + token}},
                          .body = body,
                          .peer = "::1",
                          .caller = {}};
    const http::Response response = wait(router.answer(request));
    text = std::get<std::string>(response.body);
    return response.status;
  }
  std::string member(std::string_view key) const { return string_or(parse_json(text).value().as_object(), key); }
  std::string sign_in(const std::string& user) {
    EXPECT_EQ(call(http::Method::post, "/api/sessions", "",
                   fmt::format(R"({{"user":"{}","password":"{}"}})", user, kPassword)),
              201);
    return member("token");
  }

  static constexpr const char* kPassword = "correct horse battery";
  http::Router router{&gatekeeper};
  ApiContext context{
      .authority = gatekeeper, .directory = directory, .accounts = accounts, .clock = clock, .audit_page = one_page};
  std::string text, ann, bob;
};

TEST_F(GuardApi, AnswersAsDocumented) {
  using enum http::Method;
  struct Row {
    http::Method method;
    std::string path;
    std::string token;
    std::string body;
    int status;
    std::string holds;
  };
  for (const Row& row : std::vector<Row>{
           {post, "/api/sessions", "", R"({"user":"ann","password":"wrong"})", 401, "unauthenticated"},
           {post, "/api/sessions", "", R"({"user":"ann"})", 400, "password"},
           {post, "/api/sessions", "", "[]", 400, ""},
           {get, "/api/sessions/current", ann, "", 200, R"("roles":["administrator"])"},
           {get, "/api/sessions/current", "slt_x", "", 401, ""},
           {get, "/api/users", bob, "", 403, "forbidden"},
           {get, "/api/users", ann, "", 200, R"("total":2)"},
           {get, "/api/users?limit=1", ann, "", 200, R"("next":"ann")"},
           {get, "/api/users?cursor=ann", ann, "", 200, R"("next":null)"},
           {get, "/api/users?limit=0", ann, "", 400, ""},
           {put, "/api/users/cid", ann, R"({"display_name":"C","roles":["viewer"]})", 400, "password"},
           {put, "/api/users/cid", ann, R"({"display_name":"C","roles":["viewer"],"password":"short"})", 400, "12"},
           {put, "/api/users/cid", ann, R"({"display_name":"C","roles":["viewer"],"password":"long enough words"})",
            201, R"("name":"cid")"},
           {put, "/api/users/cid", ann, R"({"display_name":"C","roles":["engineer"],"enabled":false})", 200,
            R"("enabled":false)"},
           {put, "/api/users/ann", ann, R"({"display_name":"A","roles":["viewer"]})", 409, "last"},
           {del, "/api/users/cid", ann, "", 204, ""},
           {del, "/api/users/cid", ann, "", 404, ""},
           {post, "/api/tokens", bob, R"({"name":"x","days":0})", 400, ""},
           {get, "/api/audit?from=yesterday", ann, "", 400, ""},
           {get, "/api/audit?limit=1", ann, "", 200, R"("next":"more")"},
           {get, "/api/audit", bob, "", 403, ""},
           {put, "/api/me/password", bob, R"({"old":"wrong","new":"another long one"})", 403, ""},
           {del, "/api/sessions/current", bob, "", 204, ""},
           {get, "/api/sessions/current", bob, "", 401, ""}}) {
    EXPECT_EQ(call(row.method, row.path, row.token, row.body), row.status) << row.path << " " << row.body << text;
    EXPECT_NE(text.find(row.holds), std::string::npos) << row.path << text;
    EXPECT_EQ(text.find("argon2"), std::string::npos);
  }
}

TEST_F(GuardApi, ATokenBelongsToItsOwner) {
  ASSERT_EQ(call(http::Method::post, "/api/tokens", ann, R"({"name":"export","days":30})"), 201);
  const std::string id = member("id");
  const std::string token = member("token");
  EXPECT_EQ(call(http::Method::get, "/api/users", token), 200);
  EXPECT_EQ(call(http::Method::del, "/api/tokens/" + id, bob), 404);
  EXPECT_EQ(call(http::Method::del, "/api/tokens/" + id, ann), 204);
  EXPECT_EQ(call(http::Method::get, "/api/users", token), 401);
}

}  // namespace
}  // namespace salus::app
