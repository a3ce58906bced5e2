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
    add_stations(router, context);
    router.add(http::Route{.method = http::Method::post,
                           .pattern = "/api/act",
                           .access = http::Access::may(guard::Action::acknowledge).by_person_at_stations(),
                           .handler = [](const http::Request& request) -> asio::awaitable<Result<http::Response>> {
                             const guard::Caller caller = caller_of(request);
                             co_return http::json_response(200, {{"by", caller.id},
                                                                 {"station", caller.station},
                                                                 {"ward", caller.ward},
                                                                 {"pin", request.header(http::pin_header)}});
                           }});
    router.set_confirm_person([this](guard::Caller station, std::string proof, std::string peer) {
      return pins.confirm(std::move(station), std::move(proof), std::move(peer));
    });
    add_audit(router, context);
    ASSERT_TRUE(wait(accounts.put_user(
        {}, {.name = "ann", .display_name = "Ann", .roles = {guard::Role::administrator}, .password = kPassword})));
    ASSERT_TRUE(wait(accounts.put_user(
        {}, {.name = "bob", .display_name = "Bob", .roles = {guard::Role::viewer}, .password = kPassword})));
    ann = sign_in("ann");
    bob = sign_in("bob");
  }
  // The answer to a call; `text` is its body.
  int call(http::Method method, const std::string& path, const std::string& token, const std::string& body = "",
           const std::string& pin = "") {
    http::Target target = http::parse_target(path).value();
    http::Request request{.method = method,
                          .target = path,
                          .segments = target.segments,
                          .params = {},
                          .queries = target.queries,
                          .headers = {{"authorization", "Bearer " + token}, {"salus-pin", pin}},
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
  ApiContext context{.authority = gatekeeper,
                     .directory = directory,
                     .accounts = accounts,
                     .pins = pins,
                     .stations = stations,
                     .clock = clock,
                     .audit_page = one_page};
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

TEST_F(GuardApi, AtAStationAPersonActsByPinAndNothingElseIsDone) {
  using enum http::Method;
  ASSERT_EQ(call(post, "/api/stations", ann, R"({"name":"Desk","ward":"ICU"})"), 201) << text;
  const std::string id = member("id");
  EXPECT_EQ(call(post, "/api/stations", bob, R"({"name":"Desk","ward":"ICU"})"), 403);
  EXPECT_EQ(call(get, "/api/stations", ann), 200);
  EXPECT_EQ(text.find("\"code\""), std::string::npos) << "the code is shown once";
  EXPECT_EQ(call(post, "/api/stations/" + id + "/code", ann), 200) << text;
  EXPECT_EQ(call(post, "/api/stations/pair", "", R"({"code":"00000-00000"})"), 401);
  ASSERT_EQ(call(post, "/api/stations/pair", "",
                 fmt::format(R"({{"code":"{}"}})", (call(post, "/api/stations/" + id + "/code", ann), member("code")))),
            201);
  const std::string station = member("token");
  EXPECT_EQ(call(get, "/api/sessions/current", station), 200);
  EXPECT_NE(text.find(R"("ward":"ICU")"), std::string::npos);
  for (const char* path : {"/api/users", "/api/audit", "/api/stations"})
    EXPECT_EQ(call(get, path, station), 403) << path;
  EXPECT_EQ(call(put, "/api/me/pin", station, "{}"), 403);
  EXPECT_EQ(call(put, "/api/me/pin", bob, fmt::format(R"({{"password":"{}","pin":"271828"}})", kPassword)), 204);
  EXPECT_EQ(call(put, "/api/me/pin", ann, fmt::format(R"({{"password":"{}","pin":"314159"}})", kPassword)), 204);
  EXPECT_EQ(call(post, "/api/act", station), 403);
  EXPECT_EQ(member("code"), "pin_refused");
  EXPECT_EQ(call(post, "/api/act", station, "", "ann:000001"), 403);
  EXPECT_EQ(member("code"), "pin_refused");
  EXPECT_EQ(call(post, "/api/act", station, "", "bob:271828"), 403) << "a viewer may not acknowledge anywhere";
  EXPECT_EQ(member("code"), "forbidden");
  ASSERT_EQ(call(post, "/api/act", station, "", "ann:314159"), 200) << text;
  EXPECT_EQ(text, fmt::format(R"({{"by":"ann","station":"{}","ward":"ICU","pin":""}})", id));
  EXPECT_EQ(call(post, "/api/users", station, "", "ann:314159"), 405);
  EXPECT_EQ(call(get, "/api/users", station, "", "ann:314159"), 403) << "a PIN opens nothing else";
  EXPECT_EQ(call(post, "/api/act", ann), 200) << "who is signed in needs none";
  EXPECT_EQ(call(del, "/api/stations/" + id, ann), 204);
  EXPECT_EQ(call(post, "/api/act", station, "", "ann:314159"), 401);
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
