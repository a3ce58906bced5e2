#include "fhir/subscriptions/subscriptions.hpp"

#include <algorithm>

#include "fhir/rest/fixture_for_test.hpp"
#include "fhir/subscriptions/keeper.hpp"

namespace salus::fhir {
namespace {

class SubscriptionsTest : public RestTest {
 protected:
  void subscribe(const std::string& id, const std::string& criteria, const std::string& status = "active",
                 const std::string& more = "") {
    const auto made = put("/fhir/Subscription/" + id,
                          fmt::format(R"({{"resourceType":"Subscription","id":"{}","status":"{}","reason":"test",)"
                                      R"("criteria":"{}","channel":{{"type":"websocket"}}{}}})",
                                      id, status, criteria, more));
    ASSERT_LT(made.status, 300) << text(made);
  }
  void put_patient(const std::string& id, const std::string& members) {
    ASSERT_LT(
        put("/fhir/Patient/" + id, fmt::format(R"({{"resourceType":"Patient","id":"{}",{}}})", id, members)).status,
        300);
  }
  Known known(const std::string& id) {
    const auto found = subscription_store_->find(id, *subscription_store_->cut());
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Known{};
  }
  // "1 a@5, 2 b@7": number, id and version of each event.
  std::string events(const std::string& id, EventNumber from = 1) {
    std::string out;
    const auto cut = subscription_store_->cut();
    for (const Event& event : SubscriptionCut{*cut->table}.events(known(id).standing.number, from, 100)) {
      const auto version = version_of(event, store_->cut().record.table());
      out +=
          fmt::format("{}{} {}@{}", out.empty() ? "" : ", ", event.number, version->id, log::number(version->version));
      EXPECT_EQ(version->version, event.version);
    }
    return out;
  }
  std::string version(const std::string& reference) {
    return std::string(parsed(get("/fhir/" + reference)).at("meta").at("versionId").as_string());
  }
};

TEST_F(SubscriptionsTest, NumbersWhatMeetsTheCriteriaInTheOrderOfTheLog) {
  put_patient("before", R"("gender":"female")");
  subscribe("s", "Patient?gender=female");
  put_patient("a", R"("gender":"female")");
  const std::string a = version("Patient/a");
  put_patient("b", R"("gender":"male")");
  put_patient("b", R"("gender":"female")");
  const std::string b = version("Patient/b");
  put_patient("a", R"("gender":"male")");
  ask(http::Method::del, "/fhir/Patient/b");
  const std::string wanted = fmt::format("1 a@{}, 2 b@{}", a, b);
  EXPECT_EQ(events("s"), wanted);
  const Sha256 before = host_->digest(*subscriptions_);
  stop();
  start();
  EXPECT_EQ(events("s"), wanted);
  EXPECT_EQ(host_->digest(*subscriptions_), before);
  stop();
  std::filesystem::remove_all(directory_);  // no checkpoint: all is replayed
  start();
  EXPECT_EQ(events("s"), wanted);
  EXPECT_EQ(host_->digest(*subscriptions_), before);
  put_patient("c", R"("gender":"female")");
  EXPECT_EQ(events("s", 3), fmt::format("3 c@{}", version("Patient/c")));
}

TEST_F(SubscriptionsTest, NumbersGoOnWhenItIsChangedOrDeletedAndMadeAgain) {
  subscribe("s", "Patient?gender=female");
  put_patient("a", R"("gender":"female")");
  subscribe("s", "Patient?gender=male");
  put_patient("b", R"("gender":"female")");
  put_patient("c", R"("gender":"male")");
  ask(http::Method::del, "/fhir/Subscription/s");
  put_patient("d", R"("gender":"male")");
  subscribe("s", "Patient", "off");
  put_patient("e", R"("gender":"male")");
  subscribe("s", "Patient");
  put_patient("f", R"("gender":"male")");
  EXPECT_EQ(events("s"),
            fmt::format("1 a@{}, 2 c@{}, 3 f@{}", version("Patient/a"), version("Patient/c"), version("Patient/f")));
}

TEST_F(SubscriptionsTest, ATransactionIsToldByResourceAndOnlyIfItHappened) {
  subscribe("s", "Patient?_has:Observation:patient:code=x");
  subscribe("all", "Observation");
  const std::string pair =
      R"({"resourceType":"Bundle","type":"transaction","entry":[)"
      R"({"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/p"}},)"
      R"("request":{"method":"PUT","url":"Observation/o"}},)"
      R"({"resource":{"resourceType":"Patient","id":"p"},"request":{"method":"PUT","url":"Patient/p","ifNoneMatch":"*"}}]})";
  ASSERT_EQ(post("/fhir", pair).status, 200);
  ASSERT_EQ(post("/fhir", pair).status, 412);
  EXPECT_EQ(events("s"), fmt::format("1 p@{}", version("Patient/p"))) << "as the record stood behind the transaction";
  EXPECT_EQ(events("all"), fmt::format("1 o@{}", version("Observation/o")));
}

TEST_F(SubscriptionsTest, EndsByTheTimeOfTheLog) {
  subscribe("s", "Patient", "active", R"(,"end":"2026-03-01T08:00:10Z")");
  put_patient("a", R"("gender":"male")");
  clock_.advance(seconds{20});
  put_patient("b", R"("gender":"male")");
  EXPECT_EQ(events("s"), fmt::format("1 a@{}", version("Patient/a")));
  const auto wish = wish_for(known("s"), clock_.now(), clock_.now());
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->status, "off");
}

TEST_F(SubscriptionsTest, RefusesWhatCannotBeServedAndSaysWhy) {
  const auto refused = [&](const std::string& members) {
    const auto said =
        put("/fhir/Subscription/s",
            fmt::format(R"({{"resourceType":"Subscription","id":"s","status":"requested","reason":"x",{}}})", members));
    EXPECT_EQ(said.status, 422) << members << text(said);
    return text(said);
  };
  const std::string socket = R"("channel":{"type":"websocket"})";
  EXPECT_NE(refused(R"("criteria":"Patient?nothing=1",)" + socket).find("nothing"), std::string::npos);
  EXPECT_NE(refused(R"("criteria":"Nothing?x=1",)" + socket).find("Nothing"), std::string::npos);
  refused(R"("criteria":"http://example.org/topic",)" + socket);
  refused(fmt::format(R"("criteria":"{}",)", change_topic) + socket);
  refused(R"("criteria":"Patient","channel":{"type":"email","endpoint":"mailto:a@example.org"})");
  refused(R"("criteria":"Patient","channel":{"type":"rest-hook"})");
  refused(R"("criteria":"Patient","channel":{"type":"websocket","payload":"application/fhir+xml"})");
  refused(
      R"("criteria":"Patient","channel":{"type":"rest-hook","endpoint":"https://example.org","header":["Host: x"]})");
  refused(
      R"("criteria":"Patient","channel":{"type":"rest-hook","endpoint":"https://example.org","header":["no colon"]})");
}

TEST_F(SubscriptionsTest, KeepsToItsNumberOfListeners) {
  for (std::size_t i = 0; i <= Subscriptions::listening_max; ++i) subscribe(fmt::format("s{}", i), "Patient");
  EXPECT_EQ(known("s0").standing.error, "");
  const std::string last = fmt::format("s{}", Subscriptions::listening_max);
  EXPECT_NE(known(last).standing.error, "");
  EXPECT_EQ(wish_for(known(last), clock_.now(), clock_.now())->status, "error");
  put_patient("a", R"("gender":"male")");
  EXPECT_EQ(known("s7").standing.last, 1U);
  EXPECT_EQ(known(last).standing.last, 0U);
  ask(http::Method::del, "/fhir/Subscription/s3");
  subscribe(last, "Patient");
  EXPECT_EQ(known(last).standing.error, "") << "there is room again";
}

TEST_F(SubscriptionsTest, TokensNameOneSubscriptionAndEnd) {
  subscribe("s", "Patient");
  const json::value given = parsed(get("/fhir/R4/Subscription/s/$get-ws-binding-token"));
  const std::string token{given.at("parameter").as_array()[0].at("valueString").as_string()};
  const auto meant = hub_->redeem(token);
  ASSERT_TRUE(meant);
  EXPECT_EQ(meant->id, "s");
  EXPECT_EQ(meant->base, "http://salus.test/fhir/R4");
  EXPECT_FALSE(hub_->redeem(token + "x"));
  clock_.advance(SubscriptionHub::token_life + seconds{1});
  EXPECT_FALSE(hub_->redeem(token));
  EXPECT_EQ(get("/fhir/Subscription/none/$get-ws-binding-token").status, 404);
}

TEST_F(SubscriptionsTest, StatusesOfSeveralAtOnce) {
  const auto told = [&](const http::Response& response) {
    if (response.status != 200) return text(response);
    const json::value bundle = parsed(response);
    EXPECT_EQ(bundle.at("type"), "searchset");
    std::string out;
    if (const json::value* entries = bundle.as_object().if_contains("entry"))
      for (const json::value& entry : entries->as_array())
        out +=
            fmt::format("{}{} {} {}", out.empty() ? "" : ", ", std::string(entry.at("resource").at("id").as_string()),
                        std::string(entry.at("resource").at("status").as_string()),
                        std::string(entry.at("resource").at("eventsSinceSubscriptionStart").as_string()));
    EXPECT_EQ(bundle.at("total").to_number<std::size_t>(), out.empty() ? 0 : 1 + std::ranges::count(out, ','));
    return out;
  };
  EXPECT_EQ(told(get("/fhir/Subscription/$status")), "");
  subscribe("a", "Patient?gender=female");
  subscribe("b", "Patient", "off");
  subscribe("c", "Patient");
  subscribe("gone", "Patient");
  ask(http::Method::del, "/fhir/Subscription/gone");
  put_patient("p", R"("gender":"male")");
  const std::string by_parameters =
      R"({"resourceType":"Parameters","parameter":[{"name":"id","valueId":"c"},{"name":"id","valueId":"a"},)"
      R"({"name":"status","valueCode":"active"}]})";
  for (const auto& [response, says] : std::vector<std::pair<http::Response, std::string>>{
           {get("/fhir/Subscription/$status"), "a active 0, b off 0, c active 1"},
           {get("/fhir/Subscription/$status?id=c&id=a,c"), "c active 1, a active 0"},
           {get("/fhir/Subscription/$status?id=none,b,gone"), "b off 0"},
           {get("/fhir/Subscription/$status?status=active"), "a active 0, c active 1"},
           {get("/fhir/Subscription/$status?status=off,error&id=a,b"), "b off 0"},
           {get("/fhir/Subscription/$status?status=requested"), ""},
           {post("/fhir/Subscription/$status", by_parameters), "c active 1, a active 0"}})
    EXPECT_EQ(told(response), says);
  EXPECT_EQ(parsed(post("/fhir/Subscription/b/$status", "")).at("entry").at(0).at("resource").at("status"), "off");
  EXPECT_EQ(get("/fhir/Subscription/$status?status=on").status, 400);
  EXPECT_EQ(get("/fhir/Subscription/$status?name=a").status, 400);
  std::string many = "a";
  for (int i = 0; i < 1'000; ++i) many += fmt::format(",n{}", i);
  const std::string body =
      fmt::format(R"({{"resourceType":"Parameters","parameter":[{{"name":"id","valueString":"{}"}}]}})", many);
  EXPECT_EQ(post("/fhir/Subscription/$status", body).status, 413);
}

}  // namespace
}  // namespace salus::fhir
