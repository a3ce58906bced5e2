#include "app/api/common.hpp"
#include "guard/fixture_for_test.hpp"
#include "http/target.hpp"

namespace salus::app {
namespace {

asio::awaitable<Result<guard::AuditPage>> one_page(guard::AuditQuery query) {
  co_return guard::AuditPage{
      .items = {json::object{{"actor", "nurse"}}}, .next = query.limit == 1 ? "more" : "", .total = 2};
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
        {}, {.name = "nurse", .display_name = "Nurse", .roles = {guard::Role::administrator}, .password = kPassword})));
    ASSERT_TRUE(wait(accounts.put_user(
        {}, {.name = "trainee", .display_name = "Trainee", .roles = {guard::Role::viewer}, .password = kPassword})));
    nurse = sign_in("nurse");
    trainee = sign_in("trainee");
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
  std::string text, nurse, trainee;
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
           {post, "/api/sessions", "", R"({"user":"nurse","password":"wrong"})", 401, "unauthenticated"},
           {post, "/api/sessions", "", R"({"user":"nurse"})", 400, "password"},
           {post, "/api/sessions", "", "[]", 400, ""},
           {get, "/api/sessions/current", nurse, "", 200, R"("roles":["administrator"])"},
           {get, "/api/sessions/current", "slt_x", "", 401, ""},
           {get, "/api/users", trainee, "", 403, "forbidden"},
           {get, "/api/users", nurse, "", 200, R"("total":2)"},
           {get, "/api/users?limit=1", nurse, "", 200, R"("next":"nurse")"},
           {get, "/api/users?cursor=nurse", nurse, "", 200, R"("next":null)"},
           {get, "/api/users?limit=0", nurse, "", 400, ""},
           {put, "/api/users/cid", nurse, R"({"display_name":"C","roles":["viewer"]})", 400, "password"},
           {put, "/api/users/cid", nurse, R"({"display_name":"C","roles":["viewer"],"password":"short"})", 400, "12"},
           {put, "/api/users/cid", nurse, R"({"display_name":"C","roles":["viewer"],"password":"long enough words"})",
            201, R"("name":"cid")"},
           {put, "/api/users/cid", nurse, R"({"display_name":"C","roles":["engineer"],"enabled":false})", 200,
            R"("enabled":false)"},
           {put, "/api/users/nurse", nurse, R"({"display_name":"A","roles":["viewer"]})", 409, "last"},
           {del, "/api/users/cid", nurse, "", 204, ""},
           {del, "/api/users/cid", nurse, "", 404, ""},
           {post, "/api/tokens", trainee, R"({"name":"x","days":0})", 400, ""},
           {get, "/api/audit?from=yesterday", nurse, "", 400, ""},
           {get, "/api/audit?limit=1", nurse, "", 200, R"("next":"more")"},
           {get, "/api/audit", trainee, "", 403, ""},
           {put, "/api/me/password", trainee, R"({"old":"wrong","new":"another long one"})", 403, ""},
           {del, "/api/sessions/current", trainee, "", 204, ""},
           {get, "/api/sessions/current", trainee, "", 401, ""}}) {
    EXPECT_EQ(call(row.method, row.path, row.token, row.body), row.status) << row.path << " " << row.body << text;
    EXPECT_NE(text.find(row.holds), std::string::npos) << row.path << text;
    EXPECT_EQ(text.find("argon2"), std::string::npos);
  }
}

TEST_F(GuardApi, AtAStationAPersonActsByPinAndNothingElseIsDone) {
  using enum http::Method;
  ASSERT_EQ(call(post, "/api/stations", nurse, R"({"name":"Desk","ward":"ICU"})"), 201) << text;
  const std::string id = member("id");
  EXPECT_EQ(call(post, "/api/stations", trainee, R"({"name":"Desk","ward":"ICU"})"), 403);
  EXPECT_EQ(call(get, "/api/stations", nurse), 200);
  EXPECT_EQ(text.find("\"code\""), std::string::npos) << "the code is shown once";
  EXPECT_EQ(call(post, "/api/stations/" + id + "/code", nurse), 200) << text;
  EXPECT_EQ(call(post, "/api/stations/pair", "", R"({"code":"00000-00000"})"), 401);
  ASSERT_EQ(
      call(post, "/api/stations/pair", "",
           fmt::format(R"({{"code":"{}"}})", (call(post, "/api/stations/" + id + "/code", nurse), member("code")))),
      201);
  const std::string station = member("token");
  EXPECT_EQ(call(get, "/api/sessions/current", station), 200);
  EXPECT_NE(text.find(R"("ward":"ICU")"), std::string::npos);
  for (const char* path : {"/api/users", "/api/audit", "/api/stations"})
    EXPECT_EQ(call(get, path, station), 403) << path;
  EXPECT_EQ(call(put, "/api/me/pin", station, "{}"), 403);
  EXPECT_EQ(call(put, "/api/me/pin", trainee, fmt::format(R"({{"password":"{}","pin":"271828"}})", kPassword)), 204);
  EXPECT_EQ(call(put, "/api/me/pin", nurse, fmt::format(R"({{"password":"{}","pin":"314159"}})", kPassword)), 204);
  EXPECT_EQ(call(post, "/api/act", station), 403);
  EXPECT_EQ(member("code"), "pin_refused");
  EXPECT_EQ(call(post, "/api/act", station, "", "nurse:000001"), 403);
  EXPECT_EQ(member("code"), "pin_refused");
  EXPECT_EQ(call(post, "/api/act", station, "", "trainee:271828"), 403) << "a viewer may not acknowledge anywhere";
  EXPECT_EQ(member("code"), "forbidden");
  ASSERT_EQ(call(post, "/api/act", station, "", "nurse:314159"), 200) << text;
  EXPECT_EQ(text, fmt::format(R"({{"by":"nurse","station":"{}","ward":"ICU","pin":""}})", id));
  EXPECT_EQ(call(post, "/api/users", station, "", "nurse:314159"), 405);
  EXPECT_EQ(call(get, "/api/users", station, "", "nurse:314159"), 403) << "a PIN opens nothing else";
  EXPECT_EQ(call(post, "/api/act", nurse), 200) << "who is signed in needs none";
  EXPECT_EQ(call(del, "/api/stations/" + id, nurse), 204);
  EXPECT_EQ(call(post, "/api/act", station, "", "nurse:314159"), 401);
}

TEST_F(GuardApi, ATokenBelongsToItsOwner) {
  ASSERT_EQ(call(http::Method::post, "/api/tokens", nurse, R"({"name":"export","days":30})"), 201);
  const std::string id = member("id");
  const std::string token = member("token");
  EXPECT_EQ(call(http::Method::get, "/api/users", token), 200);
  EXPECT_EQ(call(http::Method::del, "/api/tokens/" + id, trainee), 404);
  EXPECT_EQ(call(http::Method::del, "/api/tokens/" + id, nurse), 204);
  EXPECT_EQ(call(http::Method::get, "/api/users", token), 401);
}

}  // namespace
}  // namespace salus::app
